"""Power cuts, bad disks, full disks, and files put away under the program: nothing that was told is lost."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from tests.conftest import ROOT, GatewayProcess, enrolled, open_counter, run_sync
from tests.faults import disk_full, io_faults, powercut

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the shim is preloaded by Linux")
GOOD = {"missing": 0, "torn": 0, "broken": 0, "unreadable": 0, "stuck": 0, "first": None}


def test_a_power_cut_before_any_step_loses_nothing_that_was_told(tmp_path: Path, hub: GatewayProcess) -> None:
    report = powercut.run(tmp_path, hub, images=1200, dossiers=1, subsets=1)
    assert report["told"] == 5
    assert report["images"] >= 1000, report
    assert report["by_product"] >= 10, report
    assert {k: report[k] for k in GOOD} == GOOD


def test_without_fsync_the_same_cuts_lose_what_was_told(tmp_path: Path, hub: GatewayProcess) -> None:
    report = powercut.run(tmp_path, hub, images=400, dossiers=1, subsets=1, version="no_fsync")
    assert report["missing"] > 0
    assert report["unreadable"] > 0


def test_the_reader_of_images_knows_nothing_of_the_product() -> None:
    names = "import json, sys, tests.faults.reader; print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", names], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"forms", "sync", "desktop", "resources", "sqlite_utils"} & set(json.loads(done.stdout))


def test_whichever_call_to_the_disk_fails_the_clerk_is_told_and_nothing_is_lost(tmp_path: Path, hub: GatewayProcess) -> None:
    report = io_faults.run(tmp_path, hub, points=200)
    assert (report["wrong"], report["first"]) == (0, None)
    assert report["points"] == report["struck"] == 200
    assert {"receive", "attach", "backup", "restore", "vault"} == {name.partition(",")[0] for name in report["by"]}
    assert {"disk_full", "store_damaged", "file_unwritable"} <= report["problems"].keys()


def test_on_a_full_disk_the_ballast_lets_the_clerk_go_on(tmp_path: Path, hub: GatewayProcess) -> None:
    report = disk_full.run(tmp_path, hub, sizes=24)
    assert (report["wrong"], report["first"]) == (0, None)
    assert report["full"] >= 15
    assert report["rescued"] >= 5
    assert report["quota"] >= 3


def taken_away(store: Path) -> None:
    store.unlink()


def replaced(store: Path) -> None:
    other = store.with_name("other.db")
    other.write_bytes(store.read_bytes())
    other.replace(store)


def folder_replaced(store: Path) -> None:
    data = store.parent
    data.rename(data.with_name("aside"))
    data.mkdir()
    for file in data.with_name("aside").iterdir():
        (data / file.name).write_bytes(file.read_bytes())


@pytest.mark.parametrize("away", [taken_away, replaced, folder_replaced])
def test_nothing_is_said_to_be_kept_in_a_file_that_was_put_away(
    tmp_path: Path, hub: GatewayProcess, away: Callable[[Path], None]
) -> None:
    data = tmp_path / "counter"
    enrolled(data, hub, code=hub.new_code())
    counter = open_counter(data)
    lines = list(examples(Catalogue.load(), "2.000815", None, 2, 5))
    counter.receive(lines[0], "CB001")
    away(data / "store.db")
    with pytest.raises(Problem, match="store_replaced"):
        counter.receive(lines[1], "CB001")
    with pytest.raises(Problem, match="store_replaced"):
        counter.save_draft("d", "CB001", {})
    counter.close()
    for name in ("store.db", "aside/store.db"):
        left = tmp_path / name if "aside" in name else data / name
        if left.exists():  # where a file is, it is whole, and what was told before is in it
            assert [row["id"] for row in run_sync("dossiers", "--data", str(left.parent), check=True).lines] == [lines[0]["id"]]
