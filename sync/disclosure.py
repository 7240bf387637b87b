"""The data of one person, handed out to that person on request: dossiers, scans, and who saw, printed or changed them.

Nghị định 356/2025/NĐ-CP (under Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15): a request is answered within 2 working days, as
plo.vn and frasersvn.com report it; article and clause *cần xác nhận*. A request is an act that travels, without the person's
number: that stands in this store until it is answered, and nowhere for longer.
"""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forms import spreadsheet
from forms.audit_words import did_words
from forms.names import moment_vn
from forms.problem import Problem
from forms.procedure import TimeLimit
from forms.report import Column, Report
from forms.stages import STAGE_WORDS, Stage
from sync import audit
from sync.boxes import Box, boxed
from sync.counter import Changes, Counter
from sync.store import audit as rows
from sync.store import disclosed, journal, scans

ASKED, GIVEN = "person_data_asked", "person_data_given"
"""The acts of a request and of its answer, and the kind of the task in between."""
LIMIT = TimeLimit(2, "working_day", same_day=False)
BASIS = "Nghị định 356/2025/NĐ-CP: trả lời trong 2 ngày làm việc (điều, khoản cần xác nhận)"
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_HELLO = """Dữ liệu cá nhân đang giữ tại {centre}
Lập lúc {at} theo yêu cầu của chính người này, do {who} xuất. Căn cứ: {basis}.

tom-tat.xlsx     các hồ sơ có người này
ai-da-xem.xlsx   ai đã xem, in, sửa, xuất các hồ sơ ấy tại máy này
ho-so/           từng hồ sơ: nội dung (JSON) và bản chụp giấy tờ

Hồ sơ của người khác mà chỉ nhắc tới người này: chỉ có phần nói về người này.
Người khác có thể được nêu trong hồ sơ: xem lại trước khi giao. Giao xong thì xoá tệp này khỏi máy.
"""


def ask(counter: Counter, operator: str, number: str) -> dict[str, Any]:
    """Note that a person asks for their data: ``{request, due}``. A task stands until the export answers it.

    :raises Problem: ``number_missing``.
    """
    number = _plain(number)
    now, request = counter.clock(), secrets.token_hex(4)
    due = counter.calendar.appointment(LIMIT, now).return_at.isoformat()
    store = counter.store
    with store.write():
        counter.act("", ASKED, operator, {"request": request, "at": now.isoformat(), "due": due, "basis": BASIS})
        journal.add_task(store, "person_data_asked", now, request=request, due=due)
        store.set_meta(person_requests=store.meta("person_requests", {}) | {request: number})
    return {"request": request, "due": due}


def export_person(counter: Counter, operator: str, number: str, out: Path) -> dict[str, Any]:
    """Write everything that is held of a person into a ZIP file; it answers the open requests of this number. ``{dossiers,
    mentions, scans, rows, out}``: whole dossiers, dossiers of others that name the person, scans, rows of who saw them.

    The audit says so before the file is there: what left this machine was always noted.

    :raises Problem: ``not_allowed``, ``number_missing``, ``person_unknown``, ``disk_full``, ``file_unwritable``.
    """
    counter.roster.check(operator, "person_exported")
    number = _plain(number)
    found = [(d, parts) for d in disclosed.naming(counter.store, number) if (parts := list(_parts(d, number)))]
    if not found:
        raise Problem("person_unknown")
    with counter.store.write():
        for dossier, _ in found:
            rows.append(counter.store, operator, "exported_person", counter.clock(), dossier["id"])
    whole = [d["id"] for d, parts in found if _own(d, parts)]
    with boxed(out) as box:
        kept = sum(_put_dossier(counter, box, dossier_id) for dossier_id in whole)
        for dossier, parts in found:
            if dossier["id"] not in whole:
                box.put_json(f"ho-so/{_name(dossier)}/phan-noi-ve-nguoi-nay.json", {"code": dossier["code"], "parts": parts})
        seen = [(d, row) for d, _ in found for row in audit.seen_by(counter, d["id"])]
        box.put("tom-tat.xlsx", _sheet(counter, _summary(counter, found, whole)))
        box.put("ai-da-xem.xlsx", _sheet(counter, _access(counter, seen)))
        box.put("doc-truoc.txt", _hello(counter, operator))
    _answered(counter, operator, number, len(found))
    return {"dossiers": len(whole), "mentions": len(found) - len(whole), "scans": kept, "rows": len(seen), "out": str(out)}


def requests(counter: Counter) -> list[dict[str, Any]]:
    """Requests that wait for their answer: ``[{request, due}]``, newest first."""
    return [t["details"] for t in journal.reports(counter.store) if t["kind"] == ASKED]


def _plain(number: str) -> str:
    """A number without the gaps it was typed with. :raises Problem: ``number_missing``."""
    found = re.sub(r"[\s.]", "", number)
    if not found:
        raise Problem("number_missing")
    return found


def _parts(value: Any, number: str) -> Iterator[dict[str, Any]]:
    """Every part of a dossier that is a person with this number."""
    if isinstance(value, dict):
        other = value.get("other_id")
        if number in (value.get("personal_id"), other.get("number") if isinstance(other, dict) else None):
            yield {k: v for k, v in value.items() if k != "representative"}
        for inner in value.values():
            yield from _parts(inner, number)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner, number)


def _own(dossier: dict[str, Any], parts: list[dict[str, Any]]) -> bool:
    """Whether the person owns the dossier or filed it."""
    who = dossier["applicant"]
    persons = [p for p in (who, who.get("representative")) if isinstance(p, dict)]
    return any({k: v for k, v in p.items() if k != "representative"} in parts for p in persons)


def _name(dossier: dict[str, Any]) -> str:
    """A folder's name: the code, which says nothing of the person."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", str(dossier["code"] or dossier["id"]))


def _put_dossier(counter: Counter, box: Box, dossier_id: str) -> int:
    """A whole dossier with its scans; how many of these are here."""
    dossier, kept = counter.dossier(dossier_id), 0
    folder = f"ho-so/{_name(dossier)}"
    box.put_json(f"{folder}/ho-so.json", dossier)
    for place, scan in enumerate(dossier["scans"], 1):
        data = scans.read(counter.store, scan["sha256"], 0, int(scan["size"]))
        ending = _ENDINGS.get(str(scan.get("kind")), "bin")
        name = f"{folder}/ban-chup/{place:02}-{re.sub(r'[^A-Za-z0-9._-]', '-', str(scan['paper']))}"
        box.put(*((f"{name}.{ending}", data) if data else (f"{name}.txt", "Bản chụp này không còn ở máy này.\n")))
        kept += bool(data)
    return kept


def _summary(counter: Counter, found: list[tuple[dict[str, Any], list[dict[str, Any]]]], whole: list[str]) -> Report:
    columns = (
        Column("Mã hồ sơ", width=22), Column("Thủ tục", width=40), Column("Là ai trong hồ sơ", width=22),
        Column("Tiếp nhận", "moment", width=16), Column("Hẹn trả", "moment", width=16), Column("Tình trạng", width=18),
        Column("Bản chụp", "count", width=10),
    )  # fmt: skip
    lines = tuple(
        (
            d["code"] or "", d["procedure"].get("name") or "", "Chủ hồ sơ, người nộp" if d["id"] in whole else "Được nhắc tới",
            d["received_at"], d["return_at"], STAGE_WORDS[Stage(d["stage"])], len(d["scans"]),
        )
        for d, _ in found
    )  # fmt: skip
    period = f"Lập lúc {moment_vn(counter.clock())}"
    return Report("person", "Hồ sơ có người này", "", period, columns, lines, notes=(BASIS,))


def _access(counter: Counter, seen: list[tuple[dict[str, Any], dict[str, Any]]]) -> Report:
    columns = (
        Column("Lúc", "moment", width=16), Column("Mã hồ sơ", width=22), Column("Việc", width=30), Column("Người làm", width=26),
    )  # fmt: skip
    lines = tuple(
        (row["at"], d["code"] or "", did_words(row["did"]), counter.operator_name(row["operator"]) or "tự động")
        for d, row in seen
    )
    notes = ("Việc xem và in ở quầy khác nằm trong nhật ký của quầy ấy.",)
    return Report("access", "Ai đã xem, in, sửa, xuất", "", "", columns, lines, notes=notes)


def _sheet(counter: Counter, report: Report) -> bytes:
    return spreadsheet.sheet(report, str(counter.profile.get("centre") or counter.profile.get("name")), counter.clock())


def _hello(counter: Counter, operator: str) -> str:
    centre, at = counter.profile.get("centre") or counter.profile.get("name"), moment_vn(counter.clock())
    return _HELLO.format(centre=centre, at=at, who=counter.operator_name(operator), basis=BASIS)


def _answered(counter: Counter, operator: str, number: str, dossiers: int) -> Changes:
    """The open requests of this number have their answer, and the number is kept no longer."""
    store = counter.store
    with store.write():
        open_: dict[str, str] = store.meta("person_requests", {})
        answered = sorted(request for request, asked in open_.items() if asked == number)
        if not answered:
            return Changes()
        counter.act("", GIVEN, operator, {"requests": answered, "dossiers": dossiers, "at": counter.clock().isoformat()})
        for task in journal.reports(store):
            if task["kind"] == ASKED and task["details"]["request"] in answered:
                journal.settle(store, task["id"])
        store.set_meta(person_requests={r: n for r, n in open_.items() if r not in answered})
    return Changes(status=True)
