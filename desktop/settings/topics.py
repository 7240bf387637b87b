"""The topics of the settings screen: what each asks, how the answers become a rule, how rules in force read in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from desktop.fields.times import read_time
from forms.catalogue import Catalogue
from forms.fees import exemptions
from forms.local_rules import EVERY, LocalRules
from forms.names import date_vn, moment_vn, money
from forms.problem import Problem
from forms.procedure import UNIT_WORDS
from forms.working_days import VIETNAM, Calendar, parse_moment

_EXEMPT_NONE = "Không ai"
_DAYS = (("closed", "Quầy đóng cửa (bão, dời trụ sở…)"), ("off", "Nghỉ lễ"), ("work", "Làm việc bù"))
Answers = dict[str, Any]
Row = tuple[str, str, bool]
"""Words, key of the rule ("" = not one that can be taken back), and whether it needs attention."""


def _choice(title: str, width: int, entries: list[tuple[str, str]]) -> dict[str, Any]:
    return {"title": title, "x-kind": "choice", "x-width": width, "oneOf": [{"const": c, "title": t} for c, t in entries]}


def _field(title: str, kind: str, width: int, **more: Any) -> dict[str, Any]:
    return {"title": title, "x-kind": kind, "x-width": width} | more


_SOURCE = _field("Căn cứ: số, ngày văn bản", "text", 12, maxLength=300)


@dataclass(frozen=True)
class Topic:
    """``specs``: field name -> spec, laid out by ``layout``; ``rule``: answers -> (key, value); ``rows``: what is in force or
    still open, in words."""

    kind: str
    title: str
    hint: str
    specs: dict[str, dict[str, Any]]
    layout: tuple[tuple[str, ...], ...]
    rule: Callable[[Answers], tuple[str, Any]]
    rows: Callable[[LocalRules], list[Row]]
    empty: str = "Điều ghi ở đây áp dụng cho hồ sơ tiếp nhận từ nay về sau."


def topics(catalogue: Catalogue, calendar: Calendar, today: date) -> list[Topic]:
    """Every topic, in the order of the screen."""
    return [
        _times(catalogue),
        _fees(catalogue, today),
        _days(calendar),
        _hours(calendar),
        _outages(),
        _account(),
        _nationwide(catalogue),
        _offline(),
        _scan_days(),
    ]


def _needed(answers: Answers, *names: str) -> None:
    missing = [n for n in names if answers.get(n) in (None, "")]
    if missing:
        raise Problem("rule_malformed", kind=missing[0])


def _times(catalogue: Catalogue) -> Topic:
    ordinary = [p for p in catalogue.procedures if not p.members]
    keys = [(f"{p.code}/{p.version}/{EVERY}/", f"{p.short_name} · {p.code}") for p in ordinary]
    waiting = [p for p in ordinary if any(c.time is None for c in p.channels)]
    open_ = {f"{p.code}/{p.version}/{EVERY}/": p.review for p in waiting}

    def rule(a: Answers) -> tuple[str, Any]:
        _needed(a, "procedure", "amount", "unit")
        return a["procedure"], {"amount": a["amount"], "unit": a["unit"], "same_day": bool(a.get("same_day"))}

    def rows(rules: LocalRules) -> list[Row]:
        names = dict(keys)
        settled = {"/".join(k): t for k, t in rules.times.items()}
        left = {k: open_[k] for k in sorted(open_.keys() - settled.keys())}
        found = [(f"{names[k]}: chưa rõ thời hạn", "", True) for k, review in left.items() if review != "imported"]
        found += _of_the_portal(list(left.values()).count("imported"), "thủ tục", "thời hạn")
        return found + [(f"{names.get(k, k)}: {t.amount} {UNIT_WORDS[t.unit]}", k, False) for k, t in settled.items()]

    place = {None: 2, "imported": 1}
    first = sorted(keys, key=lambda k: place.get(open_.get(k[0]), 0))
    specs = {
        "procedure": _choice("Thủ tục (chưa rõ đứng trước); áp dụng cho mọi cách nộp", 12, first),
        "amount": _field("Thời hạn", "number", 2),
        "unit": _choice("Đơn vị", 4, list(UNIT_WORDS.items())),
        "same_day": _field("Trả trong ngày, sau 15 giờ thì ngày làm việc tiếp theo", "yes_no", 6),
        "source": _SOURCE,
    }
    hint = "Không có ngày hẹn nào được tính từ một thời hạn chưa chốt. Hồ sơ đã tiếp nhận không đổi ngày."
    return Topic("time", "Thời hạn", hint, specs, (("procedure",), ("amount", "unit", "same_day"), ("source",)), rule, rows)


def _of_the_portal(number: int, what: str, open_: str) -> list[Row]:
    """What was only taken from the portal's records is hundreds: it is settled when somebody comes for it."""
    return [(f"{number} {what} nhập từ Cổng chưa rõ {open_}: chốt khi có người nộp, chọn ở dưới", "", True)] if number else []


def _fees(catalogue: Catalogue, today: date) -> Topic:
    open_: dict[str, str] = {}
    imported: set[str] = set()
    for p in catalogue.procedures:
        for fee in (f for c in p.channels for f in c.fees if f.kind in ("local", "unstated")):
            open_[f"{p.code}/{fee.code}"] = f"{p.short_name} · {p.code} · {fee.name}"
            imported |= {f"{p.code}/{fee.code}"} if p.review == "imported" else set()
    exempt = [("", _EXEMPT_NONE)] + [(e.id, e.name) for e in exemptions().values() if not e.fees]

    def rule(a: Answers) -> tuple[str, Any]:
        _needed(a, "fee", "amount", "valid_from")
        reasons = [a[n] for n in ("exempt", "exempt2", "exempt3") if a.get(n)]
        value = {"amount": a["amount"], "valid_from": a["valid_from"], "valid_to": a.get("valid_to"), "exempt": reasons}
        return f"{a['fee']}/{a['valid_from']}", value

    def rows(rules: LocalRules) -> list[Row]:
        settled = {f"{code}/{fee}": r for (code, fee), r in rules.fees.items()}
        found = [(f"{open_[k]}: chưa có mức thu", "", True) for k in open_ if k not in settled and k not in imported]
        found += _of_the_portal(len(imported - settled.keys()), "khoản thu", "mức")
        for key, table in settled.items():
            for r in table:
                until = f" đến {_date(r.valid_to)}" if r.valid_to else ""
                words = f"{open_.get(key, key)}: {money(r.amount)} từ {_date(r.valid_from)}{until} ({r.basis})"
                found.append((words, f"{key}/{r.valid_from}", False))
        return found

    specs = {
        "fee": _choice("Khoản thu do HĐND tỉnh quyết định, hoặc Cổng không ghi mức", 12, list(open_.items())),
        "amount": _field("Mức thu (đồng); 0 là không thu", "money", 4),
        "valid_from": _field("Áp dụng từ ngày", "date", 4, default=today.isoformat()),
        "valid_to": _field("đến hết ngày (nếu có)", "date", 4),
        "exempt": _choice("Miễn cho", 4, exempt),
        "exempt2": _choice("và cho", 4, exempt),
        "exempt3": _choice("và cho", 4, exempt),
        "source": _SOURCE,
    }
    layout = (("fee",), ("amount", "valid_from", "valid_to"), ("exempt", "exempt2", "exempt3"), ("source",))
    hint = "Mức thu theo nghị quyết HĐND tỉnh. Hồ sơ đã tiếp nhận giữ mức đã ghi trên giấy hẹn."
    return Topic("fee", "Biểu phí", hint, specs, layout, rule, rows)


def _days(calendar: Calendar) -> Topic:
    def rule(a: Answers) -> tuple[str, Any]:
        _needed(a, "date", "kind", "name")
        return a["date"], {"kind": a["kind"], "name": a["name"], "hours": _read_hours(a.get("hours") or "")}

    def rows(rules: LocalRules) -> list[Row]:
        kinds = dict(_DAYS)
        own = [(f"{date_vn(d)}: {kinds[r.kind]} – {r.name} ({r.source})", d.isoformat(), False) for d, r in rules.days.items()]
        unsure = sorted(d for d in calendar.provisional if d not in rules.days)
        names = {**calendar.days_off, **calendar.work_days}
        return own + [(f"{date_vn(d)}: {names.get(d, '')} – chưa có văn bản chính thức", "", True) for d in unsure]

    specs = {
        "date": _field("Ngày", "date", 3),
        "kind": _choice("Là ngày", 5, list(_DAYS)),
        "hours": _field("Giờ mở cửa hôm ấy, nếu khác", "text", 4, maxLength=60),
        "name": _field("Tên gọi, lý do", "text", 12, maxLength=200),
        "source": _SOURCE,
    }
    hint = "Ngày nghỉ, ngày làm bù, ngày quầy đóng cửa. Ghi ngày nào thì ngày ấy coi là chính thức."
    return Topic("day", "Lịch", hint, specs, (("date", "kind", "hours"), ("name",), ("source",)), rule, rows)


def _hours(calendar: Calendar) -> Topic:
    def rule(a: Answers) -> tuple[str, Any]:
        _needed(a, "hours")
        return "", _read_hours(a["hours"])

    def rows(rules: LocalRules) -> list[Row]:
        pairs = rules.hours or calendar.hours
        words = ", ".join(f"{o:%H:%M} – {c:%H:%M}" for o, c in pairs)
        return [(words if rules.hours else f"{words} (mặc định)", "", False)]

    specs = {"hours": _field("Giờ mở cửa, ví dụ 7:30-11:30, 13:30-17:00", "text", 12, maxLength=60), "source": _SOURCE}
    hint = "Thời hạn tính bằng giờ chỉ chạy trong giờ mở cửa; giờ đóng cửa là giờ hẹn trả."
    return Topic("hours", "Giờ mở cửa", hint, specs, (("hours",), ("source",)), rule, rows)


def _outages() -> Topic:
    def rule(a: Answers) -> tuple[str, Any]:
        _needed(a, "system", "start_date", "start_time")
        start = _at(a["start_date"], a["start_time"])
        until = _at(a["until_date"], a.get("until_time") or "") if a.get("until_date") else None
        codes = [c.strip() for c in str(a.get("procedures") or "").split(",") if c.strip()]
        value = {"start": start, "until": until, "system": a["system"], "basis": a.get("basis") or "", "procedures": codes}
        return start, value

    def rows(rules: LocalRules) -> list[Row]:
        found = []
        for one in rules.outages:
            end = f"đến {moment_vn(one.until)}" if one.until else "chưa khắc phục"
            law = f", tạm dừng thời hạn theo {one.basis}" if one.basis else ""
            found.append((f"{one.system}: từ {moment_vn(one.start)} {end}{law}", one.id, one.until is None))
        return found

    specs = {
        "system": _field("Hệ thống bị sự cố", "text", 6, maxLength=200),
        "start_date": _field("Từ ngày", "date", 3),
        "start_time": _field("lúc", "time", 3),
        "basis": _field("Căn cứ tạm dừng thời hạn, nếu luật cho", "text", 6, maxLength=300),
        "until_date": _field("Đến ngày (để trống nếu còn)", "date", 3),
        "until_time": _field("lúc", "time", 3),
        "procedures": _field("Mã thủ tục bị ảnh hưởng, cách nhau dấu phẩy", "text", 12, maxLength=500),
        "source": _SOURCE,
    }
    layout = (("system", "start_date", "start_time"), ("basis", "until_date", "until_time"), ("procedures",), ("source",))
    hint = (
        "Sự cố được thông báo. Thủ tục liên thông tạm dừng theo NĐ 301/2026/NĐ-CP Điều 3; thủ tục khác chỉ khi ghi căn cứ. "
        "Để ghi lúc hết sự cố, ghi lại cùng lúc bắt đầu với lúc kết thúc."
    )
    return Topic("outage", "Sự cố", hint, specs, layout, rule, rows, "Sự cố được thông báo và ngày hẹn đã dời vì nó.")


def _nationwide(catalogue: Catalogue) -> Topic:
    names = {p.code: f"{p.short_name} · {p.code}" for p in catalogue.procedures}

    def rule(a: Answers) -> tuple[str, Any]:
        _needed(a, "procedure")
        return a["procedure"], {"listed": True}

    def rows(rules: LocalRules) -> list[Row]:
        return [(f"{names.get(code, code)} ({source})", code, False) for code, source in rules.nationwide.items()]

    specs = {"procedure": _choice("Thủ tục có trong danh mục đã công bố", 12, list(names.items())), "source": _SOURCE}
    hint = "Người ở tỉnh khác chỉ được tiếp nhận thủ tục trong danh mục toàn quốc (NĐ 309/2026/NĐ-CP). Danh mục cần xác nhận."
    return Topic("nationwide", "Phi địa giới", hint, specs, (("procedure",), ("source",)), rule, rows)


def _offline() -> Topic:
    def rule(a: Answers) -> tuple[str, Any]:
        return "", a.get("days")

    def rows(rules: LocalRules) -> list[Row]:
        days = rules.offline_days
        words = (
            f"Quá {days} ngày không liên lạc máy chủ thì phải liên lạc được mới mở quầy" if days else "Không giới hạn (mặc định)"
        )
        return [(words, "", False)]

    specs = {
        "days": _field("Số ngày được mở quầy khi không có mạng; để trống là không giới hạn", "number", 12),
        "source": _SOURCE,
    }
    hint = "Chưa có văn bản nào nêu giới hạn này (cần xác nhận): tỉnh hoặc xã quyết định. Việc đang làm không bị ngắt."
    return Topic("offline_days", "Ngoại tuyến", hint, specs, (("days",), ("source",)), rule, rows)


def _scan_days() -> Topic:
    def rule(a: Answers) -> tuple[str, Any]:
        return "", a.get("days")

    def rows(rules: LocalRules) -> list[Row]:
        days = rules.scan_days
        words = f"Quá {days} ngày từ khi được chấp nhận thì xoá bản quét khỏi máy này" if days else "Giữ mãi (mặc định)"
        return [(words, "", False)]

    specs = {
        "days": _field("Số ngày giữ bản quét sau khi hồ sơ được chấp nhận; để trống là giữ mãi", "number", 12),
        "source": _SOURCE,
    }
    hint = (
        "Chỉ xoá bản quét mà máy chủ đã giữ đủ và đã sao lưu; máy chủ vẫn giữ. "
        "Chưa có văn bản nào nêu số ngày (cần xác nhận): tỉnh hoặc xã quyết định."
    )
    return Topic("scan_days", "Bản quét", hint, specs, (("days",), ("source",)), rule, rows)


def _account() -> Topic:
    def rule(a: Answers) -> tuple[str, Any]:
        _needed(a, "bank", "number", "holder")
        return "", {k: str(a[k]) for k in ("bank", "number", "holder")}

    def rows(rules: LocalRules) -> list[Row]:
        one = rules.account
        return [(f"{one.holder}: {one.number}, ngân hàng {one.bank}", "", False)] if one else []

    specs = {
        "bank": _field("Mã ngân hàng (BIN, 6 chữ số)", "text", 4, maxLength=6),
        "number": _field("Số tài khoản thu phí", "text", 4, maxLength=19),
        "holder": _field("Chủ tài khoản", "text", 4, maxLength=200),
        "source": _SOURCE,
    }
    hint = "Mã VietQR trên màn hình và giấy tờ dùng tài khoản này; tiền chuyển phải đối soát ở hồ sơ."
    return Topic("account", "Tài khoản thu", hint, specs, (("bank", "number", "holder"), ("source",)), rule, rows)


def _read_hours(typed: str) -> list[list[str]]:
    """``"7:30-11:30, 13:30-17:00"`` -> pairs. :raises Problem: ``rule_malformed``."""
    pairs = [part.split("-") for part in typed.split(",") if part.strip()]
    found = [[read_time(edge) for edge in pair] for pair in pairs]
    if any(len(pair) != 2 or not all(len(edge) == 5 and edge[2] == ":" for edge in pair) for pair in found):
        raise Problem("rule_malformed", kind="hours")
    return found


def _at(day: str, hour: str) -> str:
    """:raises Problem: ``rule_malformed``."""
    moment = parse_moment(f"{day}T{hour or '00:00'}")
    if moment is None:
        raise Problem("rule_malformed", kind="moment")
    return moment.astimezone(VIETNAM).isoformat()


def _date(iso: str | None) -> str:
    return date_vn(date.fromisoformat(iso)) if iso else ""
