"""What a procedure pack and an e-form definition may not say although their shape is right.

Each rule gives ``(path, code, subject)``: where it stands in the file, the stable code, and the words it is about. The code
decides whether the finding is hard (the pack may not be used so) and how it reads.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from forms import conditions
from forms.definition import Definition
from forms.fees import exemptions
from forms.guard import asks_address_confirmation, asks_vneid, only_on_card
from forms.procedure import Channel, Fee, PaperRequirement, Procedure

Found = tuple[str, str, str]

HARD = {
    "pack_damaged": "Không đọc được tệp: {}.",
    "pack_version_unknown": "Tệp viết cho phiên bản khác của phần mềm: {}.",
    "conditions_cycle": "Các ô của tờ khai ẩn hiện theo nhau thành vòng: {}.",
    "pack_kind_unknown": "Không nhận ra tệp là gói thủ tục, tờ khai hay mẫu giấy: {}.",
    "nothing_to_check": "Không có tệp nào để kiểm tra: {}.",
    "vneid_required": "Bắt buộc tài khoản VNeID khi nộp tại quầy (Công điện 111/CĐ-TTg không cho phép): “{}”.",
    "address_confirmation": "Đòi xác nhận địa chỉ trước và sau sắp xếp là một (Công điện 111/CĐ-TTg không cho phép): “{}”.",
    "on_card_required": "Bắt buộc giấy tờ chỉ ghi thông tin đã có trên thẻ căn cước (Luật Căn cước Điều 20 khoản 3): “{}”.",
    "decision_missing": "Thiếu số quyết định công bố: {}.",
    "version_missing": "Thiếu phiên bản: {}.",
    "name_missing": "Thiếu tên: {}.",
    "not_text": "Giá trị phải là chữ: {}.",
    "date_malformed": "Ngày hiệu lực không phải ngày ISO: “{}”.",
    "same_day_unit": "Hẹn trả trong ngày chỉ dùng với đơn vị ngày làm việc: {}.",
    "form_unknown": "Không có tờ khai điện tử “{}”.",
    "answer_unknown": "Tờ khai không có câu trả lời “{}”.",
    "quantity_missing": "Phí tính theo số lượng mà không nói số lượng nào: {}.",
    "case_unknown": "Không có trường hợp “{}”.",
    "exemption_unknown": "Không có lý do miễn “{}”.",
    "condition_broken": "Điều kiện của thủ tục thành phần không dùng được: {}.",
    "doubt_missing": "Thời hạn để trống mà không nêu điểm cần xác nhận về thời hạn: {}.",
    "code_twice": "Mã thủ tục và phiên bản đã có trong tệp khác: {}.",
    "form_twice": "Tờ khai và phiên bản đã có trong tệp khác: {}.",
    "id_twice": "Mã đứng hai lần: “{}”.",
    "paper_field_missing": "Mẫu giấy thiếu mục: {}.",
    "template_missing": "Không có tệp mẫu “{}”.",
}
SOFT = {
    "fee_doubt_missing": "Phí chưa rõ mà không nêu điểm cần xác nhận về phí: {}.",
    "paper_uncounted": "Giấy tờ bắt buộc mà không nói số bản: “{}”.",
}
_FACTS = ("code", "version", "name", "short_name", "field", "decision", "valid_from", "result", "competent", "outage_basis")


def check_procedure(procedure: Procedure, form: Definition | None) -> Iterator[Found]:
    """What is wrong with a procedure. :param form: the e-form it names, None when it names none or an unknown one."""
    wrong = list(_not_text(procedure))
    if wrong:  # everything else reads these as text
        yield from wrong
        return
    yield from _facts(procedure)
    if procedure.form and form is None:
        yield "form", "form_unknown", procedure.form
    for case in procedure.cases:
        for paper in case.papers:
            yield from _paper(f"cases.{case.id}.papers.{paper.code}", paper)
    yield from _times(procedure)
    for channel in procedure.channels:
        for fee in channel.fees:
            yield from _fee(f"channels.{channel.id}.fees.{fee.code}", procedure, fee)
    if form is not None or not procedure.form:
        yield from _answers(procedure, form)


def check_definition(definition: Definition) -> Iterator[Found]:
    """What is wrong with an e-form: what it may not ask, and facts that are missing."""
    for name in ("id", "version", "title", "source"):
        value = getattr(definition, name)
        if not isinstance(value, str):
            yield name, "not_text", repr(value)[:80]
        elif name == "version" and not value.strip():
            yield name, "version_missing", str(definition.id)
    if not _is_date(definition.valid_from):
        yield "valid_from", "date_malformed", str(definition.valid_from)
    yield from _asked("properties", definition.schema)


def _asked(path: str, schema: dict[str, Any]) -> Iterator[Found]:
    """Every question of a form, of its persons and its tables."""
    questions, needed = schema.get("properties"), schema.get("required")
    for name, spec in questions.items() if isinstance(questions, dict) else ():
        where = f"{path}.{name}"
        words = " ".join(str(spec[key]) for key in ("title", "x-paper", "description") if key in spec)
        always = isinstance(needed, list) and name in needed
        if (always or "x-required" in spec) and (asks_vneid(words) or asks_vneid(name)):
            yield where, "vneid_required", words or name
        if asks_address_confirmation(words):
            yield where, "address_confirmation", words
        yield from _asked(where, spec)
        if isinstance(spec.get("items"), dict):
            yield from _asked(where, spec["items"])


def _not_text(procedure: Procedure) -> Iterator[Found]:
    """Values that the reader of packs takes as they are and the rest of the program takes for text."""
    values: list[tuple[str, Any]] = [(name, getattr(procedure, name)) for name in _FACTS]
    values.append(("form", procedure.form or ""))
    values += [("keywords", word) for word in procedure.keywords]
    values += [("to_confirm", doubt.text) for doubt in procedure.doubts]
    for case in procedure.cases:
        values += [("cases", value) for value in (case.id, case.name, *case.optional_answers)]
        values += [(f"cases.{case.id}.papers", value) for p in case.papers for value in (p.code, p.name, p.note)]
    for channel in procedure.channels:
        values += [("channels", channel.id), ("channels", channel.name)]
        for fee in channel.fees:
            bounds = [bound[0] for bound in (fee.within_days, fee.after_days) if bound]
            values += [(f"channels.{channel.id}.fees", v) for v in (fee.code, fee.name, fee.quantity, fee.basis, *bounds)]
            values += [(f"channels.{channel.id}.fees", v) for v in (*fee.cases, *fee.exempt)]
    for member in procedure.members:
        values += [("members", member.procedure), ("members", member.case or ""), ("members", member.road)]
    for path, value in values:
        if not isinstance(value, str):
            yield path, "not_text", repr(value)[:80]


def _facts(procedure: Procedure) -> Iterator[Found]:
    if not procedure.name.strip():
        yield "name", "name_missing", procedure.code
    if not procedure.decision.strip():
        yield "decision", "decision_missing", procedure.code
    if not procedure.version.strip():
        yield "version", "version_missing", procedure.code
    if not _is_date(procedure.valid_from):
        yield "valid_from", "date_malformed", procedure.valid_from


def _paper(path: str, paper: PaperRequirement) -> Iterator[Found]:
    if asks_address_confirmation(paper.name):
        yield path, "address_confirmation", paper.name
    if not paper.required:
        return
    if asks_vneid(paper.name):
        yield path, "vneid_required", paper.name
    if only_on_card(paper.name) and not paper.on_card:
        yield path, "on_card_required", paper.name
    if not paper.originals + paper.certified + paper.copies:
        yield path, "paper_uncounted", paper.name


def _times(procedure: Procedure) -> Iterator[Found]:
    about = {doubt.about for doubt in procedure.doubts}
    cases = {case.id for case in procedure.cases}
    for channel in procedure.channels:
        path = f"channels.{channel.id}"
        if _open_time(channel, cases) and "time" not in about:
            yield f"{path}.time", "doubt_missing", channel.name
        limits = [("time", channel.time), *((f"case_times.{case}", limit) for case, limit in channel.case_times)]
        for name, limit in limits:
            if limit is not None and limit.same_day and limit.unit != "working_day":
                yield f"{path}.{name}", "same_day_unit", limit.unit
        for case, _ in channel.case_times:
            if case not in cases:
                yield f"{path}.case_times", "case_unknown", case


def _open_time(channel: Channel, cases: set[str]) -> bool:
    return channel.time is None and not cases <= {case for case, _ in channel.case_times}


def _fee(path: str, procedure: Procedure, fee: Fee) -> Iterator[Found]:
    if fee.kind == "per_unit" and not fee.quantity:
        yield path, "quantity_missing", fee.name
    if fee.kind in ("local", "unstated") and all(doubt.about != "fee" for doubt in procedure.doubts):
        yield path, "fee_doubt_missing", fee.name
    for case in fee.cases:
        if procedure.case(case) is None:
            yield f"{path}.cases", "case_unknown", case
    for reason in fee.exempt:
        if reason not in exemptions():
            yield f"{path}.exempt", "exemption_unknown", reason


def _answers(procedure: Procedure, form: Definition | None) -> Iterator[Found]:
    """Every answer that the pack names is asked by the e-form."""
    for path, name in _named_answers(procedure):
        if not _asks(form, name):
            yield path, "answer_unknown", name
    for member in procedure.members:
        try:
            conditions.check(member.when, form.properties if form else ())
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            yield f"members.{member.procedure}.when", "condition_broken", str(error)[:120]


def _named_answers(procedure: Procedure) -> Iterator[tuple[str, str]]:
    for case in procedure.cases:
        for name in case.optional_answers:
            yield f"cases.{case.id}.optional_answers", name
    for channel in procedure.channels:
        for fee in channel.fees:
            path = f"channels.{channel.id}.fees.{fee.code}"
            counted = ["pages", "copies"] if fee.kind == "certified_copy" else []
            bounds = [bound[0] for bound in (fee.within_days, fee.after_days) if bound]
            for name in (*counted, *([fee.quantity] if fee.quantity else []), *bounds):
                yield path, name
    for member in procedure.members:
        for _, name in member.answers:
            if not name.startswith("="):  # a fixed text, see forms.linked
                yield f"members.{member.procedure}.answers", name


def _asks(form: Definition | None, path: str) -> bool:
    """Whether an e-form has the answer at a dotted path."""
    spec: Any = form.schema if form else {}
    for name in path.split("."):
        questions = spec.get("properties")
        spec = questions.get(name) if isinstance(questions, dict) else None
        if not isinstance(spec, dict):
            return False
    return True


def _is_date(text: Any) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
