"""Deletion by law: the persons are gone everywhere and for good, the chain, the code and the sums stay."""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.dossier import fold
from forms.catalogue import Catalogue
from forms.example import examples
from forms.erasure import remains
from forms.names import fold as folded
from forms.problem import Problem
from sync import acts, erasure, vault
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway_client import Traffic
from sync.scans import attach_bytes
from sync.store import erasures, log
from tests.faults.pages import in_the_clear
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter, run_sync
from tests.sync.scan_samples import png

NAME, NUMBER, PHONE, STREET = "Quàng Thị Xoá Đằng", "011199033517", "0977031468", "bản Khoá Thí Điểm"
MARKS = (NAME, folded(NAME), "xoa dang", NUMBER, PHONE, STREET, folded(STREET))
BASIS = "Quyết định thử số 12 của toà"


def marked_line(seed: int = 1) -> dict[str, Any]:
    line = examples(Catalogue.load(), "2.000815", None, 1, seed)[0]
    line["applicant"] |= {"full_name": NAME, "personal_id": NUMBER, "phone": PHONE, "address": STREET}
    return line


def ended(counter: Counter, line: dict[str, Any]) -> str:
    """Received, with a scan, and withdrawn: its dossier's id."""
    done = counter.receive(line, "CB001", allow_incomplete=True, date_confirmed=True)
    attach_bytes(counter, done.id, line["papers"][0]["code"], png(noise=70_000), "CB001")
    acts.withdraw(counter, done.id, "CB001", f"{NAME} tự rút")
    return done.id


def sync(counter: Counter, gateway: GatewayProcess) -> None:
    import time

    until_empty(counter, gateway.url, time.monotonic() + 30, Traffic())


def plain_bytes(counter: Counter) -> bytes:
    """Every page of the store as it stands, decrypted, free ones and the WAL too."""
    key = vault.unlock(counter.data, vault.operators(counter.data)[0]["id"], PASSPHRASE)
    return in_the_clear(counter.store.file, key)


def test_probe(tmp_path: Path, gateway: Callable[..., GatewayProcess]) -> None:
    hub = gateway()
    enrolled(tmp_path / "a", hub)
    a = open_counter(tmp_path / "a")
    one = ended(a, marked_line())
    print(len(plain_bytes(a)))
    assert NAME.encode() in plain_bytes(a)
    erasure.erase(a, one, "CB001", BASIS)
    raw = plain_bytes(a)
    for m in MARKS:
        print(m, raw.count(m.encode()))
    from sync import recovery; print(recovery.verify(a.store))
    print(a.dossier(one))
