import pytest

from forms.person import check_number, gender_of, parse_card
from forms.problem import Problem

CARD = "010196000318|060123456|Giàng Văn Phúc|14081996|Nam|Thôn Nà Lộc, xã Yên Thượng, tỉnh Lào Cai|22112021"


def test_a_card_of_2021_gives_seven_fields() -> None:
    card = parse_card(CARD)
    assert (card.personal_id, card.old_id, card.full_name) == ("010196000318", "060123456", "Giàng Văn Phúc")
    assert (card.birth_date, card.issued_on, gender_of(card)) == ("1996-08-14", "2021-11-22", "male")
    assert card.rest == ()


def test_a_card_of_2024_keeps_what_is_not_known_raw() -> None:
    card = parse_card(CARD.replace("060123456", "") + "||Giàng A Tủa|Vàng Thị Mỷ")
    assert card.old_id == ""
    assert card.rest == ("", "Giàng A Tủa", "Vàng Thị Mỷ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xin chào",
        CARD.replace("010196000318", "01019600031"),
        CARD.replace("14081996", "31021996"),
        CARD.replace("|Nam|", "|"),
        CARD.replace("Giàng Văn Phúc", ""),
        CARD.replace("060123456", "06o123456"),
    ],
)
def test_a_damaged_card_is_not_guessed(text: str) -> None:
    with pytest.raises(Problem, match="card_unreadable"):
        parse_card(text)


def test_a_number_is_compared_with_birth_and_gender_but_only_warned_of() -> None:
    assert check_number("010096000318", "1996-08-14", "male") == []
    assert check_number("010196000318", "1996-08-14", "male") == ["personal_id_gender_differs"]
    assert check_number("010096000318", "1997", "male") == ["personal_id_year_differs"]
    assert check_number("999096000318", "1996", None) == ["personal_id_province_unknown"]
    assert check_number("12345") == ["personal_id_malformed"]
