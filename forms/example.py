"""Generated dossier lines: invented people, valid by the same rules as real ones. For practice, tests and benches."""

import random
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from forms.catalogue import Catalogue
from forms.problem import Problem
from forms.procedure import Case, Procedure

_FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giàng Vàng Lò Nông Tẩn Sùng Quàng".split()
_MIDDLE = {"male": "Văn Hữu Đức Minh Quốc Xuân Đình Công Gia".split(), "female": "Thị Ngọc Thu Hồng Kim Mỹ Thùy Diệu".split()}
_GIVEN = "An Ẩn Bình Châu Cường Dũng Đạt Giang Hà Hải Hạnh Hiền Hương Khoa Lan Linh Lộc Mai Nga Ổn Phúc Quân Sơn Ửng Yến".split()
_HAMLETS = "Thôn Nà Lộc|Thôn Bản Qua|Tổ dân phố 3|Ấp Đông|Khu 5|Xóm Trại|Thôn Đồng Ẻn|Bản Pom Cọ".split("|")
_ETHNIC = "Kinh Tày Thái Mường Nùng Mông Dao".split()


class _Generator:
    """One seeded source of invented people and answers."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

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

    def block(self, person: dict[str, Any]) -> dict[str, Any]:
        kept = {k: person[k] for k in ("full_name", "personal_id", "birth_date", "address")}
        return kept | {"ethnicity": self.random.choice(_ETHNIC), "nationality": "Việt Nam"}

    def answers(self, form: str | None, applicant: dict[str, Any]) -> dict[str, Any]:
        make = {"birth": self._birth, "extract": self._extract, "marital": self._marital, "certified_copy": self._copy}
        return make[form](applicant) if form else {}

    def _birth(self, applicant: dict[str, Any]) -> dict[str, Any]:
        female = applicant["gender"] == "female"
        mother = applicant if female else self.person(1985, 2004, "female")
        father = self.person(1980, 2004, "male") if female else applicant
        child = self.person(2026, 2026)
        return {
            "relation": "Mẹ đẻ" if female else "Cha đẻ",
            "child_name": child["full_name"],
            "child_birth_date": (date(2026, 9, 28) + timedelta(days=self.random.randrange(50))).isoformat(),
            "child_gender": "Nữ" if child["gender"] == "female" else "Nam",
            "child_ethnicity": self.random.choice(_ETHNIC),
            "child_nationality": "Việt Nam",
            "child_birth_place": "Trạm Y tế xã Yên Thượng, tỉnh Lào Cai",
            "child_home_town": "Xã Yên Thượng, tỉnh Lào Cai",
            "mother": self.block(mother),
            "father": self.block(father),
            "copies": self.random.randint(1, 4),
        }

    def _extract(self, applicant: dict[str, Any]) -> dict[str, Any]:
        year = self.random.randint(1990, 2020)
        return {
            "relation": "Bản thân",
            "civil_act": "Khai sinh",
            "subject_name": applicant["full_name"],
            "subject_birth_date": applicant["birth_date"],
            "registered_at": "Ủy ban nhân dân xã Yên Thượng",
            "registered_on": str(year),
            "register_number": str(self.random.randint(1, 300)),
            "register_book": f"01/{year}",
            "copies": self.random.randint(1, 5),
        }

    def _marital(self, applicant: dict[str, Any]) -> dict[str, Any]:
        return {
            "relation": "Bản thân",
            "subject": self.block(applicant),
            "subject_gender": "Nữ" if applicant["gender"] == "female" else "Nam",
            "residence": applicant["address"],
            "residence_from": "2020-01-15",
            "marital_status": "Chưa đăng ký kết hôn với ai",
            "purpose": self.random.choice(("Để đăng ký kết hôn", "Để bổ túc hồ sơ vay vốn")),
        }

    def _copy(self, applicant: dict[str, Any]) -> dict[str, Any]:
        kinds = ("Bằng tốt nghiệp trung học phổ thông", "Giấy phép lái xe", "Giấy khai sinh", "Học bạ")
        return {
            "document_name": self.random.choice(kinds),
            "pages": self.random.randint(1, 8),
            "copies": self.random.randint(1, 5),
        }


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
    for _ in range(n):
        yield _line(generator, procedure, case)


def _line(generator: _Generator, procedure: Procedure, case: Case) -> dict[str, Any]:
    applicant = generator.person(1975, 2004)
    papers = [p for p in case.papers if p.required]
    return {
        "id": str(uuid.UUID(int=generator.random.getrandbits(128), version=4)),
        "procedure": procedure.code,
        "case": case.id,
        "channel": "1",
        "applicant": applicant | {"phone": f"09{generator.random.randrange(10**8):08d}"},
        "answers": generator.answers(procedure.form, applicant),
        "papers": [
            {"code": p.code, "originals": p.originals, "certified": p.certified, "copies": p.copies} for p in papers
        ],
    }
