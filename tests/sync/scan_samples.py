"""Files to attach, made here: pictures and papers of known size, whole, cut short, locked."""

import functools
import io
import os
import struct
import zlib

import pypdfium2

LOCKED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"5a" * 32 + b">/U<" + b"a5" * 32 + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]/Size 5>>\n%%EOF\n"
)
"""A PDF that asks for a password nobody knows."""


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 8, height: int = 8, noise: int = 0) -> bytes:
    """A grey picture; ``noise``: random bytes in a chunk that readers pass over, to make it as large as wanted."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(width)) * height) if width * height < 10**6 else b"x"
    more = _chunk(b"noIs", os.urandom(noise)) if noise else b""
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + more + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def jpeg(width: int = 16, height: int = 16, end: bytes = b"\xff\xd9") -> bytes:
    """The parts of a picture, in order; the note holds what would be an end elsewhere, as the small picture of a camera does."""
    note = b"\xff\xe1" + struct.pack(">H", 2 + 6) + b"\xff\xd9\xff\xda??"
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00"
    return b"\xff\xd8\xff" + note + b"\xff\x01" + frame + scan + b"\x12\xff\x00\x34" + end


@functools.cache
def pdf(pages: int = 2) -> bytes:
    """Empty pages; the same bytes each time, although pdfium writes the moment into them."""
    document, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        document.new_page(200, 300)
    document.save(out)
    document.close()
    return out.getvalue()
