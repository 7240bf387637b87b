"""``python3 dev.py demo --out DIR``: a counter day from end to end, with every real part and no network but loopback.

A clerk enrols the PC and signs in; the line is cut; three dossiers are typed in, received and printed; the process is
killed with SIGKILL in the middle of a fourth, started again, the draft is offered and recovered; the line returns;
everything goes kept → received → accepted, and one refusal stands as a task. Leaves PNG, PDF and ``summary.json``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sync import vault  # noqa: E402
from sync.counter import Counter, vietnam_now  # noqa: E402
from tests.conftest import PASSPHRASE, GatewayProcess, run_sync  # noqa: E402
from tests.demo.line import Line  # noqa: E402

REFUSED = "Đặng Thị Ửng"
SCRIPT = {
    "delay": 1.5,
    "refuse": [
        {
            "match": {"full_name": REFUSED},
            "reason": "Ô “Từ ngày” của thời gian cư trú đang trống",
            "field": "answers.residence_from",
            "say": "Thưa chị, tờ khai còn thiếu ngày chị bắt đầu ở thôn Bản Qua. Chị cho biết ngày để ghi ạ.",
            "raw": "error_code=17; NoiCuTru.TuNgay is required",
        }
    ],
}


class Sitting:
    """A clerk process and the words with it."""

    def __init__(self, name: str, day: "Day", *extra: str) -> None:
        command = [sys.executable, str(ROOT / "tests" / "demo" / "clerk.py"), name]
        command += ["--data", str(day.data), "--out", str(day.out), "--secret", day.secret, *extra]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def hear(self) -> dict[str, Any]:
        """The next line. :raises RuntimeError: the clerk is gone."""
        assert self.process.stdout
        text = self.process.stdout.readline()
        if not text:
            raise RuntimeError(f"the clerk left with code {self.process.wait(10)}")
        line: dict[str, Any] = json.loads(text)
        return line

    def until(self, word: str) -> list[dict[str, Any]]:
        """Lines up to and with the one that holds ``word``."""
        heard = [self.hear()]
        while word not in heard[-1]:
            heard.append(self.hear())
        return heard

    def done(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("done\n")
        self.process.stdin.flush()


class Day:
    """One day in a folder of its own."""

    def __init__(self, out: Path, folder: Path) -> None:
        self.out, self.folder, self.data = out, folder, folder / "counter"
        self.secret = PASSPHRASE if vault.kind_here() == "none" else "246810"
        script = folder / "portal.json"
        script.write_text(json.dumps(SCRIPT, ensure_ascii=False), "utf-8")
        self.gateway = GatewayProcess(folder / "gateway", "--portal", str(script))
        self.line = Line(int(self.gateway.port))
        self.codes: list[str] = []
        self.times: dict[str, dict[str, str]] = {}

    def play(self) -> dict[str, Any]:
        """The whole day; the summary."""
        begin = time.monotonic()
        draft = self._morning()
        recovered = self._afternoon()
        lost = self._lost()
        self.line.close()
        self.gateway.stop()
        refused = [c for c, t in self.times.items() if "refused" in t]
        return {
            "codes": self.codes,
            "times": self.times,
            "drafts_recovered": int(recovered == "Ủy ban nhân dân xã Yên Thượng"),
            "draft_kept": draft,
            "lost": len(lost),
            "refused": refused,
            "pictures": sorted(p.name for p in self.out.glob("*.png")),
            "papers": sorted(p.name for p in (self.out / "papers").glob("*.pdf")),
            "seconds": round(time.monotonic() - begin, 1),
        }

    def _morning(self) -> str:
        clerk = Sitting("morning", self, "--gateway", self.line.url, "--code", self.gateway.code)
        clerk.until("ask")
        self.line.cut()
        clerk.done()
        heard = clerk.until("typing")
        self.codes += [line["received"] for line in heard if "received" in line]
        time.sleep(0.2)  # somewhere in the middle of a word
        clerk.process.kill()
        clerk.process.wait(10)
        return str(heard[-1]["typing"])

    def _afternoon(self) -> str:
        clerk = Sitting("afternoon", self)
        heard = clerk.until("ask")
        self.codes += [line["received"] for line in heard if "received" in line]
        recovered = next(str(line["recovered"]) for line in heard if "recovered" in line)
        self.line.restore()
        clerk.done()
        clerk.until("ask")
        self._watch()
        clerk.done()
        if clerk.process.wait(60):
            raise RuntimeError("the afternoon did not end well")
        return recovered

    def _watch(self) -> None:
        """Note when each dossier was kept, received and accepted (or refused), as this counter sees it."""
        key = vault.unlock(self.data, vault.operators(self.data)[0]["id"], self.secret)
        counter = Counter.open(self.data, key, writes=False)
        until = time.monotonic() + 90
        while time.monotonic() < until:
            rows = counter.dossiers()
            for row in rows:
                seen = self.times.setdefault(row["code"], {"kept": row["received_at"]})
                if row["delivery"] != "kept":
                    seen.setdefault("received", vietnam_now().isoformat())
                if row["delivery"] in ("accepted", "refused"):
                    seen.setdefault(row["delivery"], self._verdict_at(counter, row["id"]))
            if rows and all(r["delivery"] in ("accepted", "refused") for r in rows):
                break
            time.sleep(0.1)
        counter.close()

    def _verdict_at(self, counter: Counter, dossier: str) -> str:
        history = counter.dossier(dossier)["history"]
        return str(next(h["at"] for h in reversed(history) if h["event"] in ("accepted", "refused")))

    def _lost(self) -> list[str]:
        """Printed codes that the gateway does not hold, or holds otherwise than this counter."""
        there = {d["code"]: d for d in self.gateway.run("gateway-dossiers")}
        here = {r["code"]: r["id"] for r in run_sync("dossiers", "--data", str(self.data), check=True).lines}
        lost = []
        for code in self.codes:
            mine = run_sync("dossiers", "--data", str(self.data), "--id", here[code]).lines[0] if code in here else {}
            same = code in there and all(there[code][k] == mine[k] for k in ("applicant", "answers", "papers", "fees"))
            lost += [] if same else [code]
        return lost


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    out: Path = parser.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"XDG_STATE_HOME": folder, "MOTCUA_PASSPHRASE": PASSPHRASE, "MOTCUA_PIN": "246810"}
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        summary = Day(out, Path(folder)).play()
    summary["made_at"] = datetime.now().astimezone().isoformat(timespec="seconds")
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), "utf-8")
    print(json.dumps(summary, ensure_ascii=False))
    print(f"Ảnh, giấy và summary.json ở {out} (pictures, papers and summary are there)")
    good = len(summary["codes"]) == 4 and summary["drafts_recovered"] == 1 and not summary["lost"] and summary["refused"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
