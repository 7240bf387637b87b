"""ZIP files that are handed out: whole and durable, or not there at all. Readable by their owner only."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sync.files import replacing


class Box:
    """A ZIP file that is being filled, one part after another."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def put(self, name: str, content: bytes | str) -> None:
        """A part of the box."""
        self._file.writestr(name, content)

    def put_json(self, name: str, value: Any) -> None:
        """A JSON value that people can read too."""
        self.put(name, json.dumps(value, ensure_ascii=False, indent=1))

    def put_lines(self, name: str, values: Iterable[Any]) -> int:
        """One JSON value a line, as they come; how many."""
        count = 0
        with self._file.open(name, "w") as part:
            for count, value in enumerate(values, 1):  # noqa: B007 - the last one counts them
                part.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
        return count


@contextmanager
def boxed(out: Path) -> Iterator[Box]:
    """Fill a ZIP file; it stands under its name when the block has ended well.

    :raises Problem: ``disk_full``, ``file_unwritable``.
    """
    with replacing(out) as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as file:
        yield Box(file)
