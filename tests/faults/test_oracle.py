"""The oracle is red for each of seven bad versions of the product, and green for the product under the same faults."""

import ast
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from tests.conftest import ROOT, GatewayProcess
from tests.faults.oracle import Told, judge
from tests.faults.staged import BUILDS, STAGES, Stage, play

_RED = {
    "no_fsync": "lost",
    "no_idempotency": "doubled",
    "trusts_200": "lost",
    "says_before_commit": "lost",
    "number_outside": "doubled",
    "cursor_first": "lost",
    "scan_before_durable": "lost",
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.skipif(n == "no_fsync" and not BUILDS, reason="no cc")) for n in STAGES]
)
def test_the_oracle_is_red_for_the_bad_version_and_green_for_the_right_one(name: str, tmp_path: Path, gateway: Any) -> None:
    hub = gateway("--numbers", "50")  # the oracle counts everything that stands there
    right, bad = play(name, tmp_path, hub, bad=False), play(name, tmp_path, hub, bad=True)
    assert right.as_json() | {"told": 0, "events": 0} == {
        "told": 0, "events": 0, "green": True, "lost": 0, "doubled": 0, "disordered": 0, "broken": 0, "first": [],
    }  # fmt: skip
    assert right.told >= 3
    assert getattr(bad, _RED[name]), bad.as_json()


_HURT = [
    ("store", 'UPDATE events SET body = replace(body, \'"channel":"1"\', \'"channel":"3"\') WHERE name = \'received\'', "broken"),
    ("store", "UPDATE events SET operator = 'CB009' WHERE number = 2", "broken"),
    ("store", "DELETE FROM events WHERE number = 3", "lost"),
    ("store", "UPDATE logs SET acked = acked + 1", "lost"),
    ("store", "DELETE FROM scan_chunks", None),
    ("store", "UPDATE scan_chunks SET bytes = zeroblob(9)", None),
    ("gateway", "DELETE FROM events WHERE id = (SELECT max(id) FROM events)", "lost"),
    ("gateway", "UPDATE events SET hash = '00'", "broken"),
    ("gateway", "UPDATE feeds SET seq = seq + 100", "disordered"),
    ("gateway", "UPDATE feeds SET event = (SELECT max(event) FROM feeds) - event + 1", "disordered"),
    ("gateway", "UPDATE scan_chunks SET bytes = zeroblob(9)", "lost"),
    ("gateway", "UPDATE scans SET held = 5", "lost"),
]
"""(which file, what happened to it, where the oracle sees it; None: the gateway has signed for the bytes, they may be gone)."""


def test_the_oracle_sees_what_was_done_to_either_file(tmp_path: Path, gateway: Any) -> None:
    stage = Stage(tmp_path / "stage", gateway("--numbers", "50"), "right")
    stage.receives(3, 11, scan=True)
    stage.meets()
    assert stage.judged().green, stage.judged().as_json()
    stage.hub.stop()
    for number, (which, damage, seen) in enumerate(_HURT):
        place = tmp_path / f"hurt-{number}"
        place.mkdir()
        store, hub = place / "store.db", place / "gateway.db"
        shutil.copy(stage.data / "store.db", store)
        shutil.copy(stage.hub.data / "gateway.db", hub)
        with closing(dbapi2.connect(str(store)) if which == "store" else sqlite3.connect(hub)) as db:
            if which == "store":
                db.execute(f"PRAGMA key = \"x'{stage.key.hex()}'\"")
            assert db.execute(damage).rowcount, damage
            db.commit()
        verdict = judge(stage.told, store, stage.key, hub)
        assert verdict.green if seen is None else getattr(verdict, seen), (damage, verdict.as_json())


def test_the_oracle_hears_what_is_told_and_not_kept(tmp_path: Path, hub: GatewayProcess) -> None:
    stage = Stage(tmp_path / "stage", hub, "right")
    stage.receives(2, 12)
    ids = list(stage.told.received)
    for more in (
        {"id": "x", "code": "H38.27.10-261128-0099"},
        {"dossier": ids[0], "paper": "x", "sha256": "0" * 64},
        {"dossier": ids[0], "event": "shelved", "stage": "received"},
    ):
        told = Told(dict(stage.told.received))
        told.hear([more])
        assert judge(told, stage.data / "store.db", stage.key).lost, more
    swapped = Told(runs=[ids[::-1]])
    assert judge(swapped, stage.data / "store.db", stage.key).disordered
    other = Told(receipts={ids[1]: stage.told.receipts[ids[0]]})
    assert judge(other, stage.data / "store.db", stage.key).lost
    acted = Told(asked=type(stage.told.asked)({(ids[0], "received"): 0}))
    assert judge(acted, stage.data / "store.db", stage.key).doubled


@pytest.mark.parametrize("file", ["oracle.py", "chain.py"])
def test_the_oracle_shares_no_code_with_what_it_judges(file: str) -> None:
    tree = ast.parse((ROOT / "tests" / "faults" / file).read_text("utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not {n for n in names if n.split(".")[0] in ("sync", "desktop", "forms", "resources")}
    assert {n for n in names if n.startswith("tests")} <= {"tests.faults", "tests.faults.chain"}
