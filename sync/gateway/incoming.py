"""What a receiving system sends by itself: dossiers filed online, laid down durably for the relay to hand to their commune.

``POST /v1/filed?MaDinhDanhDV={unit}``, JSON: records of ``DongBoHoSoMC`` (one, or a list). How the portal calls a province is not
published: address, header and answer follow what working products do (*cần xác nhận*). Who may is said by the relay's
configuration, as the digest of a token; without one nobody may.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync.files import read_json, write_atomic

FOLDER, DOOR = "incoming", "incoming.json"
MOST_BYTES = 1 << 20
"""Of one request."""
_MOST = 5000
"""Requests that wait for a relay: beyond them nothing is taken, rather than the disk filled."""


def let_in(data: Path, token: str) -> None:
    """From now on whoever has this token may send; "" = nobody."""
    digest = hashlib.sha256(token.encode()).hexdigest() if token else ""
    write_atomic(data / DOOR, json.dumps({"token": digest}).encode())


def take(data: Path, unit: str, token: str, body: bytes) -> None:
    """Lay it down; the same request once more is the same file.

    :raises Problem: ``not_let_in``, ``frame_malformed``, ``gateway_busy``, ``disk_full``.
    """
    wanted = read_json(data / DOOR, "not_let_in", "not_let_in").get("token")
    given = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    if not isinstance(wanted, str) or not wanted or not hmac.compare_digest(given, wanted):
        raise Problem("not_let_in")
    try:
        found = json.loads(body)
        records = found if isinstance(found, list) else [found]
        if not records or not all(isinstance(r, dict) and str(r.get("MaHoSo") or "") for r in records):
            raise ValueError("no records")
        text = json.dumps({"unit": unit, "records": records}, ensure_ascii=False, sort_keys=True).encode()
    except (ValueError, RecursionError) as error:
        raise Problem("frame_malformed") from error
    folder = data / FOLDER
    if folder.exists() and sum(1 for _ in folder.iterdir()) >= _MOST:
        raise Problem("gateway_busy")
    write_atomic(folder / f"{hashlib.sha256(text).hexdigest()[:32]}.json", text)


def waiting(data: Path) -> Iterator[tuple[Path, str, list[dict[str, Any]]]]:
    """``(file, unit, records)`` of each that waits; whoever has dealt with it takes the file away."""
    for file in sorted((data / FOLDER).glob("*.json")) if (data / FOLDER).is_dir() else []:
        found = read_json(file, "frame_malformed", "frame_malformed")
        yield file, str(found["unit"]), found["records"]
