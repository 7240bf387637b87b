"""A file that somebody wants to attach: what it is by its bytes, never by its name, and whether it can be read through.

Pure but for :func:`load`. Pictures are walked, in plain Python and within their length; the pages of a PDF are counted by pdfium.
:func:`look` is for the child process of ``decoding``, which bounds it: what it looks at comes from anybody.
"""

import stat
import zlib
from dataclasses import dataclass
from pathlib import Path

from forms.problem import Problem

MOST_BYTES = 25 * 1024 * 1024
MOST_PIXELS = 100_000_000
MOST_PAGES = 500
_MOST_PARTS = 100_000
"""Chunks or segments of a picture that are walked: twenty times what a camera writes, and done in a moment."""
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"

_PNG_SIGN = b"\x89PNG\r\n\x1a\n"
_PDF_SIGN, _PDF_END = b"%PDF-", b"%%EOF"
_PDF_SEARCH = 1024  # readers look so far from either end (ISO 32000-1, annex H)
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # frame headers; the three are tables, not frames
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_SOS, _EOI = 0xDA, b"\xff\xd9"


@dataclass(frozen=True)
class Look:
    """What a file is: ``kind`` a media type, ``pages`` (1 for a picture, 0 where they could not be counted), ``readable``
    False when it is of that kind but cannot be read to its end: cut short, damaged or locked."""

    kind: str
    pages: int
    readable: bool


def load(file: Path) -> bytes:
    """The bytes of a file, not one more than may be attached.

    :raises Problem: ``file_unreadable`` (also what is no ordinary file), ``scan_empty``, ``scan_too_large``.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe would make us wait for ever
            raise Problem("file_unreadable", file=file.name)
        with file.open("rb") as source:
            data = source.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: no name a system takes
        raise Problem("file_unreadable", file=file.name) from error
    check_size(data)
    return data


def check_size(data: bytes) -> None:
    """:raises Problem: ``scan_empty``, ``scan_too_large``."""
    if not data:
        raise Problem("scan_empty")
    if len(data) > MOST_BYTES:
        raise Problem("scan_too_large", limit="bytes", most=MOST_BYTES)


def look(data: bytes) -> Look:
    """What these bytes are. What is of a known kind but cannot be read is no Problem: a paper is never lost for that.

    :raises Problem: ``scan_empty``, ``scan_too_large`` (``limit``: bytes | pixels | pages, ``most``), ``scan_type_unknown``.
    """
    check_size(data)
    if data.startswith(_PNG_SIGN):
        return _picture(PNG, _png(data))
    if data.startswith(b"\xff\xd8\xff"):
        return _picture(JPEG, _jpeg(data))
    if _PDF_SIGN in data[:_PDF_SEARCH]:
        return _pdf(data)
    raise Problem("scan_type_unknown")


def _picture(kind: str, found: tuple[int, int, bool]) -> Look:
    """:raises Problem: ``scan_too_large``: a picture that would take all memory of whoever opens it."""
    width, height, whole = found
    if width * height > MOST_PIXELS:
        raise Problem("scan_too_large", limit="pixels", most=MOST_PIXELS)
    return Look(kind, 1, whole and width > 0 and height > 0)


def _png(data: bytes) -> tuple[int, int, bool]:
    """Width, height, and whether every chunk to IEND is whole by its checksum, with a picture among them."""
    width = height = 0
    at, drawn = len(_PNG_SIGN), False
    for _ in range(_MOST_PARTS):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            break
        if at == len(_PNG_SIGN):
            if name != b"IHDR" or length != 13:
                break
            width, height = int.from_bytes(data[at + 8 : at + 12], "big"), int.from_bytes(data[at + 12 : at + 16], "big")
        drawn = drawn or name == b"IDAT"
        if name == b"IEND":
            return width, height, drawn
        at = end
    return width, height, False


def _jpeg(data: bytes) -> tuple[int, int, bool]:
    """Width, height, and whether there are a frame, a scan of it and an end. Behind the end phones write things of their own;
    within a scan no end can stand, so the first one behind its header is the picture's."""
    width = height = 0
    at = 2
    for _ in range(_MOST_PARTS):
        if at + 4 > len(data) or data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            break
        if marker in _SOF and length >= 8:
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
        at += 2 + length
        if marker == _SOS:
            return width, height, data.find(_EOI, at) >= 0
    return width, height, False


def _pdf(data: bytes) -> Look:
    """:raises Problem: ``scan_too_large`` (more than 500 pages)."""
    import pypdfium2  # native code stays out of every process that looks at no PDF

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:  # damaged, or locked by a password
        return Look(PDF, 0, False)
    try:
        pages = len(document)
    finally:
        document.close()
    if pages > MOST_PAGES:
        raise Problem("scan_too_large", limit="pages", most=MOST_PAGES)
    return Look(PDF, pages, pages > 0 and _PDF_END in data[-_PDF_SEARCH:])
