"""Trains the zstd dictionary of the wire on the product's own generator: ``python installer/train_dictionary.py NUMBER``.

The number is new for every dictionary: both sides of a line name it, and an old one stays a resource as long as a counter
may use it. Everything trained on is generated; the benches use other seeds.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter as TallyOf
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import zstandard

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from forms.example import examples  # noqa: E402
from forms.problem import Problem  # noqa: E402
from sync import acts, compact, vault  # noqa: E402
from sync.counter import Counter, vietnam_now  # noqa: E402
from sync.enrolment import enrol  # noqa: E402
from sync.group import Group  # noqa: E402
from sync.store import log  # noqa: E402
from sync.syllables import Syllables  # noqa: E402

SEED, DOSSIERS, SIZE, WORDS = 1, 2000, 64 << 10, 2500
_WORD, _OFTEN, _TEXTS = re.compile(r"[^\W\d_]+"), 200, (".json", ".tsv", ".typ")
_OPERATOR, _SECRET = "CB001", "mật khẩu của bản huấn luyện"


def main() -> None:
    number = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"XDG_STATE_HOME": name, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        counter = _counter(folder)
        _fill(counter)
        words = _syllables(counter)
        samples: list[Any] = list(_samples(counter, Syllables(words)))
        counter.close()
    trained = zstandard.train_dictionary(SIZE, samples, level=19, dict_id=number).as_bytes()
    target = ROOT / "resources" / "wire" / f"dictionary-{number}.zdict"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(trained)
    target.with_name(f"syllables-{number}.txt").write_text("\n".join(words) + "\n", encoding="utf-8")


def _counter(folder: Path) -> Counter:
    """Enrolled at a gateway that is ended at once: nothing is sent."""
    words = [sys.executable, "-m", "sync", "gateway", "--data", str(folder / "gateway"), "--port", "0", "--numbers", "9000"]
    gateway = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT)
    assert gateway.stdout
    hello = json.loads(gateway.stdout.readline())
    enrol(folder / "counter", hello["url"], hello["enrol_code"], "Người Huấn Luyện", _SECRET, vietnam_now())
    gateway.terminate()
    gateway.wait()
    operator = vault.operators(folder / "counter")[0]["id"]
    return Counter.open(folder / "counter", vault.unlock(folder / "counter", operator, _SECRET))


def _fill(counter: Counter) -> None:
    """Receptions of all procedures, and some of the acts that follow them."""
    chance, codes = random.Random(SEED), sorted({p.code for p in counter.catalogue.procedures})
    for _ in range(DOSSIERS):
        line = next(examples(counter.catalogue, chance.choice(codes), None, 1, chance.randrange(1 << 30)))
        done = counter.receive(line, _OPERATOR)
        for act in _ACTS:
            if chance.random() < 0.3:
                with suppress(Problem):  # not now, for this one
                    act(counter, done.id)


_ACTS: tuple[Any, ...] = (
    lambda c, d: acts.transfer(c, d, _OPERATOR, "Phòng Tư pháp", "Người nhận", ""),
    lambda c, d: acts.request_supplement(
        c, d, _OPERATOR, [{"name": "Căn cước", "reason": "thiếu", "basis": ""}], "thiếu giấy tờ"
    ),
    lambda c, d: acts.receive_supplement(c, d, _OPERATOR, []),
    lambda c, d: acts.finish(c, d, _OPERATOR, [{"name": "Trích lục", "number": "12/TLKS", "about": ""}]),
)


def _syllables(counter: Counter) -> list[str]:
    """The commonest words of the product's own files and of the generated dossiers, without those that cost no more as they
    are. No file counts a word often: a list of communes, or one commune's dossiers, are not how people speak."""
    count: TallyOf[str] = TallyOf()
    texts = [f.read_text(encoding="utf-8") for f in sorted((ROOT / "resources").rglob("*")) if f.suffix in _TEXTS]
    events = log.read(counter.store, counter.counter_id, counter.epoch)
    for text in [*texts, json.dumps([e.body for e in events], ensure_ascii=False)]:
        count.update({word: min(n, _OFTEN) for word, n in TallyOf(_WORD.findall(text)).items()})
    return [w for w, _ in count.most_common() if not w.isascii() or (len(w) > 2 and w[0].isupper())][:WORDS]


def _samples(counter: Counter, syllables: Syllables) -> Iterator[bytes]:
    """Groups of two, as they travel, and what a header and a trailer say."""
    events = log.read(counter.store, counter.counter_id, counter.epoch)
    for start in range(0, len(events), 2):
        part = events[start : start + 2]
        yield compact.pack(Group(tuple(part), log.secrets_of(counter.store, part)).as_value(), syllables)
    for n in range(60):
        base = {"number": n, "hash": events[n].hash}
        logs = [{"epoch": counter.epoch, "to": n + 1, "base": base}]
        told = {"v": 2, "counter": counter.counter_id, "epoch": counter.epoch, "logs": logs, "feed": n, "profile": "0" * 16}
        told |= {"gateway_epoch": counter.epoch, "leases": [[1, 1000, counter.epoch]], "nonce": events[n].hash[:32]}
        yield compact.pack(told | {"scans": [[events[n].hash, 290_000 + n]] if n % 2 else []}, syllables)
        held = [{"epoch": counter.epoch, "number": n, "head": events[n].hash}]
        answer = {"counter": counter.counter_id, "logs": held, "scans": [], "gateway_epoch": counter.epoch, "feed_head": n}
        yield compact.pack(answer | {"time": events[n].at >> 12}, syllables)
        yield compact.pack({"epoch": counter.epoch, "time": events[n].at >> 12}, syllables)
    yield compact.pack({"epoch": counter.epoch, "leases": [[1, 1000]], "profile": counter.profile, "mark": "0" * 16}, syllables)


if __name__ == "__main__":
    main()
