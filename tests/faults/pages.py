"""Every page of a SQLCipher file in the clear, by hand: used, free and those of the WAL. What a page still says, somebody with
the key could read, whether a table names it or not.

SQLCipher 4: pages of 4096 bytes whose last 80 are the vector (16) and the HMAC (64); AES-256-CBC with the raw key; the first page
begins with a salt of 16 bytes that is not encrypted.
"""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PAGE, _RESERVE, _SALT = 4096, 80, 16
_WAL_HEAD, _FRAME_HEAD = 32, 24


def in_the_clear(file: Path, key: bytes) -> bytes:
    """The content of all pages of a store and of the frames of its WAL."""
    found = [b""]
    raw = file.read_bytes()
    for at in range(0, len(raw), _PAGE):
        found.append(_page(raw[at : at + _PAGE], key, first=at == 0))
    wal = file.with_name(file.name + "-wal")
    frames = wal.read_bytes()[_WAL_HEAD:] if wal.exists() else b""
    for at in range(0, len(frames) - _PAGE, _FRAME_HEAD + _PAGE):
        number = int.from_bytes(frames[at : at + 4], "big")
        found.append(_page(frames[at + _FRAME_HEAD : at + _FRAME_HEAD + _PAGE], key, first=number == 1))
    return b"".join(found)


def _page(page: bytes, key: bytes, first: bool) -> bytes:
    sealed, vector = page[_SALT if first else 0 : -_RESERVE], page[-_RESERVE : -_RESERVE + 16]
    opened = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return opened.update(sealed) + opened.finalize()
