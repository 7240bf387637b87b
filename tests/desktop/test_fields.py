"""Dates as people type them."""

import pytest

from desktop.fields.dates import read_date
from desktop.fields.texts import grouped


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("02112026", "2026-11-02"),
        ("2/11/2026", "2026-11-02"),
        ("2.11.26", "2026-11-02"),
        ("140896", "1996-08-14"),
        ("14-8-1996", "1996-08-14"),
        ("1996", "1996"),
        ("8/1996", "1996-08"),
        ("31/2/2026", "31/2/2026"),
        ("2/11/20", "2020-11-02"),
        ("hôm qua", "hôm qua"),
        ("", ""),
    ],
)
def test_a_date_is_read_or_kept_as_typed(typed: str, kept: str) -> None:
    assert read_date(typed) == kept


def test_a_personal_number_is_shown_in_threes() -> None:
    assert grouped("000196000318") == "000 196 000 318"
    assert grouped("12") == "12"
