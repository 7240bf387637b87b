"""A data incident (sự cố dữ liệu): what happened at this counter in a span of time, for whoever has to report it.

The Ministry of Public Security is told within 72 hours (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15, Nghị định 356/2025/NĐ-CP):
general knowledge, article and form *cần xác nhận*. The export holds envelopes and audit, which name no resident; what the
acts said only where it is asked for.
"""

import json
import platform
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from forms.problem import Problem
from forms.working_days import parse_moment
from resources import path_of
from sync import recovery
from sync.boxes import boxed
from sync.counter import Counter
from sync.store import audit, disclosed, journal

NOTED = "incident_noted"
"""The act that notes an incident, and the kind of its task."""
WITHIN = timedelta(hours=72)
BASIS = "Luật 91/2025/QH15, Nghị định 356/2025/NĐ-CP: báo trong 72 giờ (điều, khoản, mẫu cần xác nhận)"
_CONTACT_DAYS = 35
_HELLO = """Hồ sơ sự cố dữ liệu của quầy {counter}
Khoảng thời gian: {first} đến {last}. Căn cứ: {basis}.

tong-hop.json   số hồ sơ, số người liên quan, liên lạc với máy chủ, phiên bản
kiem-tra.json   kết quả kiểm tra chuỗi nhật ký và dữ liệu
viec.jsonl      phong bì của mọi việc{bodies}
nhat-ky.jsonl   ai đã xem, in, xuất, đăng nhập
"""


def note(counter: Counter, operator: str) -> dict[str, str]:
    """An incident has become known now: ``{incident, due}``. A task stands until its export."""
    now, incident = counter.clock(), secrets.token_hex(4)
    due = (now + WITHIN).isoformat()
    with counter.store.write():
        counter.act("", NOTED, operator, {"incident": incident, "at": now.isoformat(), "due": due, "basis": BASIS})
        journal.add_task(counter.store, "incident_noted", now, incident=incident, due=due)
    return {"incident": incident, "due": due}


def export_incident(
    counter: Counter, operator: str, first: datetime, last: datetime, out: Path, with_bodies: bool = False
) -> dict[str, Any]:
    """Write what happened from one moment to another into a ZIP file; it answers the incidents that were noted by then.
    ``{acts, rows, dossiers, persons, whole, out}``; ``whole``: nothing is wrong with the store.

    :raises Problem: ``not_allowed``, ``period_reversed``, ``disk_full``, ``file_unwritable``.
    """
    counter.roster.check(operator, "incident_exported")
    if last < first:
        raise Problem("period_reversed")
    store, span = counter.store, (first, last)
    with store.write():
        audit.append(store, operator, "exported_incident", counter.clock(), about="/".join(at.isoformat() for at in span))
    checked = recovery.verify(store)
    touched: set[str] = set()
    with store.snapshot(), boxed(out) as box:
        acts = box.put_lines("viec.jsonl", (_touching(e, touched) for e in disclosed.acts_between(store, *span, with_bodies)))
        rows = box.put_lines("nhat-ky.jsonl", (_touching(vars(r), touched) for r in audit.between(store, *span)))
        counts = {"acts": acts, "rows": rows, "dossiers": len(touched), "persons": disclosed.persons(store, touched)}
        box.put_json("tong-hop.json", counts | _about(counter, span))
        box.put_json("kiem-tra.json", checked)
        said = ", có cả nội dung (dữ liệu cá nhân)" if with_bodies else ", không có nội dung"
        words = {"first": first.isoformat(), "last": last.isoformat(), "basis": BASIS, "bodies": said}
        box.put("doc-truoc.txt", _HELLO.format(counter=counter.counter_id, **words))
    _answered(counter)
    return counts | {"whole": checked["ok"], "out": str(out)}


def _touching(told: dict[str, Any], touched: set[str]) -> dict[str, Any]:
    """The same; the dossier it concerns is remembered."""
    if told["dossier"]:
        touched.add(str(told["dossier"]))
    return told


def _about(counter: Counter, span: tuple[datetime, datetime]) -> dict[str, Any]:
    first, last = span
    contacts = journal.contacts(counter.store, counter.clock(), _CONTACT_DAYS)
    inside = [c for c in contacts if (at := parse_moment(c["at"])) and first <= at <= last]
    return {
        "counter": counter.counter_id,
        "epoch": counter.epoch,
        "commune": counter.profile.get("unit"),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "made_at": counter.clock().isoformat(),
        "operators": {str(o["id"]): str(o["name"]) for o in counter.profile.get("operators", [])},
        "contacts": inside,
        "versions": json.loads(path_of("build.json").read_text("utf-8")) | {"python": platform.python_version()},
        "system": platform.platform(terse=True),
        "basis": BASIS,
    }


def _answered(counter: Counter) -> None:
    with counter.store.write():
        for task in journal.reports(counter.store):
            if task["kind"] == NOTED:
                journal.settle(counter.store, task["id"])
