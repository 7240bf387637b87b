"""Generated dossier lines: invented people, valid by the same rules as real ones. For practice, tests and benches.

An answer is made by its kind, or by its name where that reads better; what a form requires is always answered, the rest
sometimes. The same seed gives the same lines.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from forms.catalogue import Catalogue
from forms.definition import Definition, shown_of
from forms.problem import Problem
from forms.procedure import Case, Procedure

_FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giàng Vàng Lò Nông Tẩn Sùng Quàng".split()
_MIDDLE = {"male": "Văn Hữu Đức Minh Quốc Xuân Đình Công Gia".split(), "female": "Thị Ngọc Thu Hồng Kim Mỹ Thùy Diệu".split()}
_GIVEN = "An Ẩn Bình Châu Cường Dũng Đạt Giang Hà Hải Hạnh Hiền Hương Khoa Lan Linh Lộc Mai Nga Ổn Phúc Quân Sơn Ửng Yến".split()
_HAMLETS = "Thôn Nà Lộc|Thôn Bản Qua|Tổ dân phố 3|Ấp Đông|Khu 5|Xóm Trại|Thôn Đồng Ẻn|Bản Pom Cọ".split("|")
_ETHNIC = "Kinh Tày Thái Mường Nùng Mông Dao".split()
_TODAY = date(2026, 11, 20)
_OFTEN = 0.6  # how often a question is answered that need not be

_WORDS: dict[str, tuple[str, ...]] = {
    "document_name": ("Bằng tốt nghiệp trung học phổ thông", "Giấy phép lái xe", "Giấy khai sinh", "Học bạ"),
    "purpose": ("Để đăng ký kết hôn", "Để bổ túc hồ sơ vay vốn"),
    "death_cause": ("Tuổi già", "Bệnh tim", "Tai nạn giao thông"),
    "business_name": ("Hộ kinh doanh Đồng Ẻn", "Hộ kinh doanh Minh Phát", "Hộ kinh doanh Ổn Yến"),
    "trade": ("Bán lẻ lương thực, thực phẩm", "Sửa chữa xe máy", "Dịch vụ ăn uống"),
    "reason": ("Ghi sai chữ đệm trong sổ", "Người được giám hộ đã đủ 18 tuổi", "Theo nguyện vọng của gia đình"),
    "clinic": ("Trạm Y tế xã Yên Thượng",),
    "registered_at": ("Ủy ban nhân dân xã Yên Thượng",),
    "notice_by": ("Trạm Y tế xã Yên Thượng",),
    "child_birth_place": ("Trạm Y tế xã Yên Thượng, tỉnh Lào Cai",),
    "evidence": ("Quyết định số 12/2024/QĐST-HNGĐ ngày 15/3/2024",),
}
_SPANS = {
    "child_birth_date": (date(2026, 9, 28), date(2026, 11, 16)),
    "death_date": (date(2026, 11, 8), date(2026, 11, 16)),
    "birth_date": (date(1950, 1, 1), date(2004, 12, 31)),
    "registered_on": (date(1990, 1, 1), date(2020, 12, 31)),
}


class _Generator:
    """One seeded source of invented people and answers."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def day(self, name: str) -> str:
        first, last = _SPANS.get(name, (date(2015, 1, 1), _TODAY))
        return (first + timedelta(days=self.random.randrange((last - first).days + 1))).isoformat()

    def person(self, earliest: int, latest: int, gender: str | None = None) -> dict[str, Any]:
        pick = self.random.choice
        gender = gender or pick(("male", "female"))
        born = date(earliest, 1, 1) + timedelta(days=self.random.randrange((latest - earliest + 1) * 365))
        century = (born.year - 1900) // 100 * 2 + (gender == "female")
        number = f"0{pick((10, 12, 15, 25, 38, 40, 66, 79))}{century}{born.year % 100:02d}{self.random.randrange(10**6):06d}"
        return {
            "full_name": f"{pick(_FAMILY)} {pick(_MIDDLE[gender])} {pick(_GIVEN)}",
            "personal_id": number,
            "birth_date": born.isoformat(),
            "gender": gender,
            "address": f"{pick(_HAMLETS)}, xã Yên Thượng, tỉnh Lào Cai",
        }

    def answers(self, definition: Definition, applicant: Mapping[str, Any], needed: frozenset[str]) -> dict[str, Any]:
        """Answers of a form; ``needed``: answers that fees are computed from."""
        given: dict[str, Any] = {}
        order = [n for s in definition.layout for r in s.rows for n in r]
        for _round in range(3):  # an answer may make another question appear
            for name in order:
                must = name in definition.required(given) or name in needed
                if name in given or name not in definition.shown(given):
                    continue
                if must or (_round == 0 and self.random.random() < _OFTEN):
                    given[name] = self._answer(name, definition.properties[name], applicant, must)
        return {n: v for n, v in given.items() if n in definition.shown(given)}

    def _answer(self, name: str, spec: Mapping[str, Any], applicant: Mapping[str, Any], must: bool) -> Any:
        kind = spec["x-kind"]
        if str(spec.get("x-prefill", "")).startswith("applicant."):
            value = applicant.get(spec["x-prefill"].split(".")[1])
            if value:
                return {"male": "Nam", "female": "Nữ"}.get(value, value)
        if kind == "person":
            return self._person(name, spec, applicant)
        if kind == "table":
            return [self._row(spec["x-columns"], applicant) for _ in range(self.random.randint(1, 3))]
        return self._plain(name, kind, spec)

    def _row(self, columns: Mapping[str, Any], applicant: Mapping[str, Any]) -> dict[str, Any]:
        """A row of a table; where it is about a person, all of it is about the same one."""
        who = self.person(1955, 2004)
        known = {"name": who["full_name"], "number": who["personal_id"], "birth_date": who["birth_date"]}
        known["gender"] = "Nữ" if who["gender"] == "female" else "Nam"
        return {c: known[c] if c in known else self._answer(c, spec, applicant, True) for c, spec in columns.items()}

    def _plain(self, name: str, kind: str, spec: Mapping[str, Any]) -> Any:
        made: dict[str, Callable[[], Any]] = {
            "name": lambda: self.person(1960, 2004)["full_name"],
            "date": lambda: self.day(name),
            "partial_date": lambda: self.day(name)[: self.random.choice((4, 7, 10, 10, 10))],
            "time": lambda: f"{self.random.randrange(24):02d}:{self.random.randrange(60):02d}",
            "choice": lambda: self.random.choice(_ETHNIC if name.endswith("ethnicity") else self._list(name, spec)),
            "yes_no": lambda: self.random.random() < 0.5,
            "number": lambda: self.random.randint(max(1, spec.get("minimum", 1)), min(8, spec.get("maximum", 8))),
            "money": lambda: self.random.randrange(1, 400) * 500_000,
            "personal_number": lambda: self.person(1950, 2004)["personal_id"],
            "phone": lambda: f"09{self.random.randrange(10**8):08d}",
            "address": lambda: self.random.choice(_WORDS.get(name, (self.person(1960, 2004)["address"],))),
            "long_text": lambda: self.random.choice(_WORDS.get(name, ("Theo nguyện vọng của gia đình",))),
            "text": lambda: self.random.choice(_WORDS.get(name, (str(self.random.randint(1, 300)),))),
        }
        return made[kind]()

    def _list(self, name: str, spec: Mapping[str, Any]) -> list[str]:
        """The entries of a list; nationalities mostly one."""
        entries: list[str] = spec["enum"]
        return entries[:1] if "Việt Nam" in entries and self.random.random() < 0.9 else entries

    def _person(self, name: str, spec: Mapping[str, Any], applicant: Mapping[str, Any]) -> dict[str, Any]:
        gender = {"mother": "female", "wife": "female", "father": "male", "husband": "male"}.get(name)
        lender = applicant.get("gender") if name != "dead" else None
        who = dict(applicant) if gender == lender and gender else self.person(1955, 2004, gender)
        if name == "subject" and self.random.random() < 0.7:
            who = dict(applicant)
        known = {"full_name": who["full_name"], "personal_id": who["personal_id"], "birth_date": who["birth_date"]}
        known |= {"ethnicity": self.random.choice(_ETHNIC), "nationality": "Việt Nam", "address": who["address"]}
        for inner, sub in spec["properties"].items():
            if inner not in known:
                known[inner] = self._answer(inner, sub, applicant, True)
        if "gender" in spec["properties"]:
            known["gender"] = "Nữ" if who["gender"] == "female" else "Nam"
        asked = shown_of(spec["properties"], known)
        return {n: v for n, v in known.items() if n in asked and n in spec["properties"]}


def examples(catalogue: Catalogue, code: str, case_id: str | None, n: int, seed: int) -> Iterator[dict[str, Any]]:
    """``n`` valid dossier lines of a procedure; the same seed gives the same lines.

    :raises Problem: ``procedure_unknown``, ``case_unknown``.
    """
    procedure = catalogue.procedure(code)
    if procedure is None:
        raise Problem("procedure_unknown", procedure=code)
    case = procedure.case(case_id)
    if case is None:
        raise Problem("case_unknown", case=case_id)
    generator = _Generator(f"{code}/{case.id}/{seed}")
    definition = catalogue.definition(procedure)
    for _ in range(n):
        yield _line(generator, procedure, definition, case)


def _line(generator: _Generator, procedure: Procedure, definition: Definition | None, case: Case) -> dict[str, Any]:
    applicant = generator.person(1975, 2004) | {"phone": f"09{generator.random.randrange(10**8):08d}"}
    needed = frozenset(f.quantity for f in procedure.channels[0].fees if f.quantity and (not f.cases or case.id in f.cases))
    return {
        "id": str(uuid.UUID(int=generator.random.getrandbits(128), version=4)),
        "procedure": procedure.code,
        "case": case.id,
        "channel": procedure.channels[0].id,
        "applicant": applicant,
        "answers": generator.answers(definition, applicant, needed) if definition else {},
        "papers": [
            {"code": p.code, "originals": p.originals, "certified": p.certified, "copies": p.copies}
            for p in case.papers
            if p.required
        ],
    }
