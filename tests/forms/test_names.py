import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.names import clean, date_words, fold, money, words


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "Không đồng"),
        (5_000, "Năm nghìn đồng"),
        (8_000, "Tám nghìn đồng"),
        (15_000, "Mười lăm nghìn đồng"),
        (21_000, "Hai mươi mốt nghìn đồng"),
        (24_000, "Hai mươi tư nghìn đồng"),
        (25_000, "Hai mươi lăm nghìn đồng"),
        (105_000, "Một trăm linh năm nghìn đồng"),
        (150_000, "Một trăm năm mươi nghìn đồng"),
        (1_005_000, "Một triệu không trăm linh năm nghìn đồng"),
        (1_050_000, "Một triệu không trăm năm mươi nghìn đồng"),
    ],
)
def test_amounts_in_words_are_formal(amount: int, text: str) -> None:
    assert words(amount) == text


@given(st.integers(0, 10**12))
def test_every_amount_has_words_without_holes(amount: int) -> None:
    text = words(amount)
    assert text.endswith(" đồng")
    assert "  " not in text


def test_a_date_is_written_out_as_far_as_it_is_known() -> None:
    assert date_words("2026-11-02") == "ngày hai tháng mười một năm hai nghìn không trăm hai mươi sáu"
    assert date_words("1996-08") == "tháng tám năm một nghìn chín trăm chín mươi sáu"
    assert date_words("2005") == "năm hai nghìn không trăm linh năm"


def test_money_never_breaks_before_its_unit() -> None:
    assert money(16_000) == "16.000\u00a0đ"


def test_search_key_knows_that_d_with_stroke_is_d() -> None:
    assert fold("Đặng Thị Ẩn") == "dang thi an"


@given(st.text())
def test_folding_does_not_depend_on_the_spelling_of_unicode(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_clean_gives_one_spelling() -> None:
    assert clean("  Đặng   Ẩn ") == clean(unicodedata.normalize("NFD", "Đặng Ẩn"))
