"""What a receiving system sends by itself: dossiers filed online, laid down durably for the relay to hand to their commune.

``POST /v1/filed?MaDinhDanhDV={unit}``, JSON: records of ``DongBoHoSoMC`` (one, or a list). How the portal calls a province is not
published: address, header and answer follow what working products do (*cần xác nhận*). Who may is said by the relay's
configuration, as the digest of a token; without one nobody may.
"""

import hashlib
import hmac
import json
import threading
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync.files import read_json, write_atomic

FOLDER, DOOR = "incoming", "incoming.json"
MOST_BYTES = 1 << 20
"""Of one request."""
_MOST = 5000
"""Requests that wait for a relay: beyond them nothing is taken, rather than the disk filled."""
_ONE = threading.Lock()


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
    file = folder / f"{hashlib.sha256(text).hexdigest()[:32]}.json"
    with _ONE:  # the same request twice at once would write into the same place
        if folder.exists() and sum(1 for _ in folder.glob("*.json")) >= _MOST:
            raise Problem("gateway_busy")
        if not file.exists():
            write_atomic(file, text)


def waiting(data: Path) -> list[Path]:
    """Files that wait, one a request; whoever has dealt with one takes it away."""
    return sorted((data / FOLDER).glob("*.json")) if (data / FOLDER).is_dir() else []


def opened(file: Path) -> tuple[str, list[Any]]:
    """``(unit, records)`` of one that waits. :raises Problem: ``frame_malformed``."""
    found = read_json(file, "frame_malformed", "frame_malformed")
    if not isinstance(found.get("records"), list):
        raise Problem("frame_malformed")
    return str(found.get("unit")), found["records"]


def set_aside(file: Path, unit: str, records: list[Any]) -> None:
    """Records that nobody here can read, kept for a person."""
    write_atomic(file.with_suffix(".unread"), json.dumps({"unit": unit, "records": records}, ensure_ascii=False).encode())
