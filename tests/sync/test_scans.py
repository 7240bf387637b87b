"""Scans: kept in one commit with their act, read in parts, never twice, in the order the gateway wants them, whole after a
restore."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.scans import papers_of
from sync import acts, recovery, vault
from sync.counter import Counter
from sync.scans import attach, attach_bytes, with_sent
from sync.store import scans
from sync.store.scans import CHUNK, Scan
from tests.conftest import PASSPHRASE, ROOT, open_counter, run_sync
from tests.sync.scan_samples import LOCKED, jpeg, pdf, png

CATALOGUE = Catalogue.load()
MARITAL = "1.004873"


@pytest.fixture
def counter(data: Path) -> Iterator[Counter]:
    opened = open_counter(data)
    yield opened
    opened.close()


def received(counter: Counter, seed: int = 1, **more: Any) -> str:
    line = next(examples(CATALOGUE, MARITAL, None, 1, seed)) | more
    return counter.receive(line, "CB001", allow_incomplete=True, date_confirmed=True).id


def paper_of(counter: Counter, dossier: str) -> str:
    return next(iter(papers_of(CATALOGUE, counter.dossier(dossier))))


def put(counter: Counter, dossier: str, data: bytes, **more: Any) -> str:
    """Attach, and the name of what was attached."""
    return str(attach_bytes(counter, dossier, paper_of(counter, dossier), data, "CB001", **more)["sha256"])


def events(counter: Counter) -> int:
    return int(counter.store.value("SELECT count(*) FROM events"))


# Attaching


def test_bytes_and_act_are_kept_together_and_told(data: Path, counter: Counter, tmp_path: Path) -> None:
    one, file = received(counter), tmp_path / "anything"
    file.write_bytes(pdf(3))
    paper, name = paper_of(counter, one), hashlib.sha256(pdf(3)).hexdigest()
    said = attach(counter, one, paper, file, "CB001")
    assert said == {"dossier": one, "paper": paper, "sha256": name, "size": len(pdf(3)), "pages": 3, "readable": True}
    file.unlink()
    counter.close()
    counter.store = open_counter(data).store
    [scan] = counter.dossier(one)["scans"]
    assert scan == {k: v for k, v in said.items() if k != "dossier"} | {"kind": "application/pdf"}
    row = counter.dossier(one)["history"][-1]
    assert (row["event"], row["operator"], row["body"]) == ("attached", "CB001", scan)
    assert scans.read(counter.store, name, 0, 10**9) == pdf(3)
    assert recovery.verify(counter.store)["ok"]


def test_what_cannot_be_read_is_kept_and_said(counter: Counter) -> None:
    one = received(counter)
    for data, pages in ((png()[:-3], 1), (LOCKED, 0)):
        said = attach_bytes(counter, one, paper_of(counter, one), data, "CB001")
        assert (said["readable"], said["pages"]) == (False, pages)
        assert scans.read(counter.store, said["sha256"], 0, 10**6) == data
    assert [s["readable"] for s in counter.dossier(one)["scans"]] == [False, False]


def test_the_same_bytes_again_write_nothing_and_stand_once_whoever_names_them(counter: Counter) -> None:
    one, two = received(counter), received(counter, 2)
    first, second = list(papers_of(CATALOGUE, counter.dossier(one)))[:2]
    said = attach_bytes(counter, one, first, jpeg(), "CB001")
    before, changes = events(counter), counter.store.db.conn.total_changes
    assert attach_bytes(counter, one, first, jpeg(), "CB002") == said
    assert (events(counter), counter.store.db.conn.total_changes) == (before, changes)
    attach_bytes(counter, one, second, jpeg(), "CB001")
    attach_bytes(counter, two, first, jpeg(), "CB001")
    assert events(counter) == before + 2
    assert counter.store.value("SELECT count(*) FROM scan_chunks") == 1
    assert [s["paper"] for s in counter.dossier(one)["scans"]] == [first, second]
    assert [len(scans.of_dossier(counter.store, d)) for d in (one, two)] == [1, 1]
    assert recovery.verify(counter.store)["ok"]


def test_a_paper_must_be_the_dossiers_or_its_procedures(counter: Counter) -> None:
    one = received(counter)
    for paper in papers_of(CATALOGUE, counter.dossier(one)):
        assert attach_bytes(counter, one, paper, png(), "CB001")
    with pytest.raises(Problem, match="paper_unknown"):
        attach_bytes(counter, one, "no-such", png(), "CB001")
    odd = received(counter, 3, procedure="9.999999", case=None, papers=[{"code": "A", "originals": 1}, {"code": 5}, {}])
    assert attach_bytes(counter, odd, "A", png(), "CB001")
    for paper in ("B", "5", ""):
        with pytest.raises(Problem, match="paper_unknown"):
            attach_bytes(counter, odd, paper, png(), "CB001")
    with pytest.raises(Problem, match="dossier_unknown"):
        attach_bytes(counter, "no-such", "A", png(), "CB001")


def test_at_every_stage_but_when_the_code_is_void(counter: Counter) -> None:
    ended, void = received(counter), received(counter, 2)
    put(counter, ended, png())
    acts.finish(counter, ended, "CB001", [])
    acts.hand_over(counter, ended, "CB001", {"authority": "giấy ủy quyền"})
    put(counter, ended, jpeg())
    assert (counter.dossier(ended)["stage"], len(counter.dossier(ended)["scans"])) == ("returned", 2)
    acts.annul(counter, void, "CB001", "gõ nhầm", "Trưởng Trung tâm")
    before = events(counter)
    with pytest.raises(Problem, match="not_now"):
        put(counter, void, png(9, 9))
    assert (events(counter), scans.held(counter.store)) == (before, 2), "what is not told is not kept either"


def test_a_kill_between_bytes_and_act_leaves_neither(data: Path, counter: Counter, tmp_path: Path) -> None:
    one = received(counter)
    (tmp_path / "scan").write_bytes(png(noise=3_000_000))
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom sync import scans\nfrom sync.counter import Counter\n"
        "from tests.conftest import open_counter\n"
        "Counter.act = lambda *_: os._exit(9)\n"
        "scans.attach(open_counter(Path(sys.argv[1])), sys.argv[2], sys.argv[3], Path(sys.argv[4]), 'CB001')\n"
    )
    command = [sys.executable, "-c", script, str(data), one, paper_of(counter, one), str(tmp_path / "scan")]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == 9
    assert (scans.held(counter.store), counter.dossier(one)["scans"]) == (0, [])
    assert recovery.verify(counter.store)["ok"]


# What the gateway still wants


def test_only_the_pieces_needed_are_read(counter: Counter) -> None:
    one, data = received(counter), png(noise=5 * CHUNK + 123)
    name = put(counter, one, data)
    for offset, n in ((0, 1), (CHUNK - 1, 2), (CHUNK, CHUNK), (10, 3 * CHUNK), (5 * CHUNK, 10**9), (len(data), 5), (0, 10**9)):
        assert scans.read(counter.store, name, offset, n) == data[offset : offset + n]
    for offset, n in ((-1, 5), (0, 0), (0, -5), (len(data) + CHUNK, 5)):
        assert scans.read(counter.store, name, offset, n) == b""
    with counter.store.write() as db:
        db.execute("DELETE FROM scan_chunks WHERE seq NOT IN (1, 2)")
    assert scans.read(counter.store, name, CHUNK + 7, 2 * CHUNK - 7) == data[CHUNK + 7 : 3 * CHUNK]


def test_pending_are_the_urgent_first_then_as_they_came_and_what_is_signed_for_is_none(counter: Counter) -> None:
    one, two = received(counter), received(counter, 2)
    first, second = put(counter, one, png()), put(counter, two, pdf())
    third = put(counter, two, jpeg(), urgent=True)
    sizes = {first: len(png()), second: len(pdf()), third: len(jpeg())}
    assert scans.pending(counter.store) == [
        Scan(third, sizes[third], 0, True),
        Scan(first, sizes[first], 0, False),
        Scan(second, sizes[second], 0, False),
    ]
    assert scans.waiting(counter.store) == (3, sum(sizes.values()))
    with counter.store.write():
        scans.acknowledge(counter.store, third, sizes[third])
        scans.acknowledge(counter.store, first, 40)
    assert [(s.sha256, s.acked) for s in scans.pending(counter.store)] == [(first, 40), (second, 0)]
    assert scans.waiting(counter.store) == (2, sizes[first] - 40 + sizes[second])
    assert [s["sent"] for s in with_sent(counter, counter.dossier(two))["scans"]] == [False, True]
    put(counter, one, pdf(), urgent=True)  # the same bytes, needed sooner
    assert [s.sha256 for s in scans.pending(counter.store)] == [second, first]
    with counter.store.write():
        scans.acknowledge(counter.store, third, 5)  # the gateway was restored
        scans.acknowledge(counter.store, second, 10**12)  # or lies
    assert [(s.sha256, s.acked) for s in scans.pending(counter.store)] == [(third, 5), (first, 40)]
    with counter.store.write():
        scans.forget_acks(counter.store)
    assert [s.acked for s in scans.pending(counter.store)] == [0, 0, 0]


def test_a_scan_travels_only_once_its_dossiers_event_is_there_and_its_bytes_are(counter: Counter) -> None:
    with counter.store.write():
        scans.add(counter.store, "a" * 64, b"x", "image/png", "no-such-dossier", "TK", False)
    assert (scans.pending(counter.store), scans.waiting(counter.store)) == ([], (0, 0))
    name = put(counter, received(counter), png())
    with counter.store.write() as db:
        db.execute("DELETE FROM scan_chunks WHERE sha256 = ?", (name,))
    assert (scans.pending(counter.store), scans.waiting(counter.store)) == ([], (0, 0))


def test_what_others_say_of_their_scans_cannot_stop_the_reading(counter: Counter) -> None:
    one = received(counter)
    name = put(counter, one, png())
    deep = '{"sha256":' + "[" * 2000 + "]" * 2000 + "}"
    with counter.store.write() as db:
        for number, body in enumerate((deep, '{"sha256": 5}', "{}", None), 1):
            db.execute(
                "INSERT INTO events VALUES ('other', 'e', ?, ?, 'attached', 1, 'x', '', ?, '', ?)",
                (number, one, str(number), body),
            )
    assert [s.sha256 for s in scans.of_dossier(counter.store, one)] == [name]
    fold = counter.dossier(one) | {"scans": [{"sha256": name}, {"sha256": "b" * 64}]}
    assert [s["sent"] for s in with_sent(counter, fold)["scans"]] == [False, None]


def test_what_is_pending_is_found_without_reading_what_is_not(counter: Counter) -> None:
    with counter.store.write() as db:
        rows = ((f"{n:064d}", 9, "image/png", "d", "TK", n, 9) for n in range(20_000))
        db.conn.executemany(
            "INSERT INTO scans(sha256, size, kind, dossier, paper, place, acked) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
        )
    seen: list[str] = []
    rows_of = counter.store.rows
    counter.store.rows = lambda sql, *values: seen.append(sql) or rows_of(sql, *values)  # type: ignore[method-assign]
    assert scans.pending(counter.store) == []
    assert scans.waiting(counter.store) == (0, 0)
    for sql in seen:
        plan = " ".join(str(r) for r in rows_of("EXPLAIN QUERY PLAN " + sql))
        assert "USING INDEX scans_pending" in plan, plan


# Back-ups and the check


def key(data: Path) -> bytes:
    return vault.unlock(data, "CB001", PASSPHRASE)


def test_a_changed_lost_or_nameless_scan_is_found(counter: Counter) -> None:
    one = received(counter)
    first, second, third = put(counter, one, png(noise=CHUNK)), put(counter, one, pdf()), put(counter, one, jpeg())
    with counter.store.write() as db:
        db.execute("UPDATE scan_chunks SET bytes = zeroblob(length(bytes)) WHERE sha256 = ? AND seq = 1", (first,))
        db.execute("DELETE FROM scan_chunks WHERE sha256 = ?", (second,))
        db.execute("DELETE FROM scans WHERE sha256 = ?", (third,))
    found = recovery.verify(counter.store)
    assert not found["ok"]
    assert found["problems"] == [
        f"bytes differ of scan {first}",
        f"bytes missing of scan {second}",
        f"scan missing {third}",
        "scan_chunks of no scan",
    ]
    with counter.store.write():
        scans.acknowledge(counter.store, second, len(pdf()))
    assert f"bytes missing of scan {second}" not in recovery.verify(counter.store)["problems"], "the gateway has it"


def test_a_backup_holds_all_and_an_automatic_one_what_the_gateway_has_not(data: Path, counter: Counter, tmp_path: Path) -> None:
    one = received(counter)
    large = png(noise=2_000_000)
    sent, kept = put(counter, one, large), put(counter, one, pdf())
    with counter.store.write():
        scans.acknowledge(counter.store, sent, 10**9)
    whole, small = tmp_path / "whole.motcua", tmp_path / "small.motcua"
    assert recovery.backup(counter, key(data), whole)["scans"] == 2
    assert recovery.backup(counter, key(data), small, automatic=True)["scans"] == 1
    assert whole.stat().st_size > 2_000_000 > 1_000_000 > small.stat().st_size
    assert scans.held(counter.store) == 2, "the store itself is not touched"
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["small.motcua", "whole.motcua"]
    counter.close()
    for box, held in ((small, 1), (whole, 2)):
        assert recovery.restore(box, data, None, lambda _: PASSPHRASE, counter.clock())["scans"] == held
        counter = open_counter(data)
        assert recovery.verify(counter.store) == {"ok": True, "events": 5, "dossiers": 1, "problems": []}
        assert [(s.sha256, s.acked) for s in scans.pending(counter.store)] == [(kept, 0)]
        with counter.store.write():
            scans.forget_acks(counter.store)
        assert recovery.verify(counter.store)["ok"] == (held == 2)
        assert len(scans.pending(counter.store)) == held, "what is not here cannot be sent"
        before = events(counter)
        put(counter, one, large)  # found on somebody's desk
        assert (events(counter), scans.held(counter.store), recovery.verify(counter.store)["ok"]) == (before, 2, True)
        counter.close()


def test_a_scan_that_a_restored_store_heard_of_is_no_damage(data: Path, counter: Counter, tmp_path: Path) -> None:
    one, box = received(counter), tmp_path / "b.motcua"
    recovery.backup(counter, key(data), box)
    put(counter, one, png())
    later = counter.store.rows("SELECT * FROM events WHERE name = 'attached'")
    secrets = counter.store.rows("SELECT * FROM secrets")
    counter.close()
    recovery.restore(box, data, None, lambda _: PASSPHRASE, counter.clock())
    counter.store = open_counter(data).store
    with counter.store.write() as db:  # as the feed brings back what the lost life had written
        db.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(later[0]))})", later[0])
        db.conn.executemany("INSERT OR IGNORE INTO secrets VALUES (?, ?, ?, ?)", secrets)
    assert not [p for p in recovery.verify(counter.store)["problems"] if "scan" in p]


# The headless face


def test_attach_says_a_line_a_file_and_goes_on_where_one_is_refused(data: Path, counter: Counter, tmp_path: Path) -> None:
    one = received(counter)
    paper = paper_of(counter, one)
    counter.close()
    files = {"a.jpg": pdf(2), "b.pdf": b"no scan", "c.png": png()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    base = ["attach", "--data", str(data), "--dossier", one, "--paper", paper]
    done = run_sync(*base, *(str(tmp_path / n) for n in [*files, "gone.png"]))
    assert (done.code, len(done.lines)) == (3, 4)
    good = {"dossier": one, "paper": paper, "sha256": hashlib.sha256(pdf(2)).hexdigest(), "size": len(pdf(2)), "pages": 2}
    assert done.lines[0] == good | {"readable": True}
    assert [(Path(str(row["file"])).name, row["problem"]) for row in (done.lines[1], done.lines[3])] == [
        ("b.pdf", "scan_type_unknown"),
        ("gone.png", "file_unreadable"),
    ]
    again = run_sync(*base, str(tmp_path / "a.jpg"), str(tmp_path / "c.png"))
    assert (again.code, again.lines) == (0, [done.lines[0], done.lines[2]])
    alone = run_sync(*base, str(tmp_path / "b.pdf"))
    assert (alone.code, alone.lines, alone.problem["problem"]) == (1, [], "scan_type_unknown")  # type: ignore[index]
    other = run_sync(*base[:-1], "no-such", str(tmp_path / "b.pdf"), str(tmp_path / "a.jpg"))
    assert (other.code, other.lines, other.problem["problem"]) == (1, [], "paper_unknown")  # type: ignore[index]
    whole = run_sync("dossiers", "--data", str(data), "--id", one).lines[0]
    assert [(s["sha256"], s["size"]) for s in whole["scans"]] == [(r["sha256"], r["size"]) for r in again.lines]
    assert json.loads(json.dumps(whole))["delivery"] == "kept"
    assert run_sync("verify", "--data", str(data)).lines[0]["ok"]
    box = tmp_path / "box"
    assert run_sync("backup", "--data", str(data), "--to", str(box)).lines[0]["scans"] == 2
    assert run_sync("restore", "--data", str(data), "--from", str(box)).lines[0]["scans"] == 2
