from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from forms.vietqr import memo_of, payload

VECTOR = (
    "00020101021238570010A00000072701270006970405011312345678901230208QRIBFTTA53037045405500005802VN"
    "62350831LePhi KS 000.12.H26-261122-00016304DC6B"
)


def test_the_known_payload() -> None:
    assert payload("970405", "1234567890123", 50_000, "LePhi KS 000.12.H26-261122-0001") == VECTOR


def fields(text: str) -> dict[str, str]:
    found, place = {}, 0
    while place < len(text):
        size = int(text[place + 2 : place + 4])
        found[text[place : place + 2]] = text[place + 4 : place + 4 + size]
        place += 4 + size
    assert place == len(text)
    return found


ACCOUNTS = st.from_regex(r"[A-Za-z0-9]{1,19}", fullmatch=True)
MEMOS = st.text(st.characters(max_codepoint=0x1EFF, exclude_categories=["Cs"]), max_size=60)


@given(st.integers(0, 10**12), ACCOUNTS, MEMOS)
def test_every_payload_is_read_back_field_by_field(amount: int, account: str, memo: str) -> None:
    found = fields(payload("970405", account, amount, memo))
    assert found.get("54") == (str(amount) if amount else None)
    assert fields(fields(found["38"])["01"]) == {"00": "970405", "01": account}
    assert fields(found.get("62", "")).get("08") == (memo or None)
    assert list(found)[-1] == "63"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"bank": "97040"}, "bank"), ({"account": "12 3"}, "account"), ({"amount": -1}, "amount"), ({"memo": "x" * 100}, "memo")],
)
def test_what_no_bank_would_read_is_refused(changed: dict[str, Any], field: str) -> None:
    given_: dict[str, Any] = {"bank": "970405", "account": "123", "amount": 1, "memo": "x"} | changed
    with pytest.raises(Problem) as caught:
        payload(**given_)
    assert (caught.value.code, caught.value.details) == ("vietqr_malformed", {"field": field})


def test_the_memo_holds_only_what_bank_apps_keep() -> None:
    assert memo_of("H38.27.09-261123-0014") == "LP H38.27.09 261123 0014"
