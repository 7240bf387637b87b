"""Reports: what is counted, and where the boundaries lie."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import report_06a
from forms.problem import Problem
from forms.report import Fact, Figure, Movement, Period
from forms.report_words import cell_text, period_text
from forms.reports import KINDS, build, kind_of, register
from forms.working_days import VIETNAM
from tests.forms.report_samples import BUILT, DOSSIERS, HOUSE, LATER, QUARTER, ROW, fact, ids, made, moment, paid, plain


def test_ii06a_puts_every_boundary_in_its_column() -> None:
    total = made("ii06a", DOSSIERS).total
    expected = {
        2: "after closing due_day first from_before last_day no_due overdue stopped twice waits waits_late went_on withdrawn",
        3: "first",
        4: "after closing due_day last_day no_due overdue stopped twice waits waits_late went_on withdrawn",
        5: "from_before",
        6: "closing due_day first from_before no_due stopped twice withdrawn",
        7: "first twice",
        8: "due_day no_due stopped withdrawn",
        9: "closing from_before",
        10: "after last_day overdue waits waits_late went_on",
        11: "after last_day waits waits_late",
        12: "overdue went_on",
    }
    assert {place: ids(total[place]) for place in expected} == expected


def test_ii06a_has_a_row_a_field_and_the_form_s_headings() -> None:
    report = made("ii06a", [*DOSSIERS, fact("x", "11-20", field="Đất đai"), fact("y", "11-21", field="")])
    assert [row[:3] for row in report.rows] == [
        ("1", "Đất đai", Figure(1, ("x",))),
        ("2", "Hộ tịch", report.rows[1][2]),
        ("3", "Chưa rõ lĩnh vực", Figure(1, ("y",))),
    ]
    assert (report.form, report.period) == ("Biểu số II.06a/VPCP/KSTT", "Từ ngày 15/09/2026 đến ngày 14/12/2026")
    groups = [column.group for column in report.columns]
    assert [groups.count(group) for group in dict.fromkeys(groups)] == [2, 4, 4, 3]
    assert [check.words.split(",")[0] for check in report.checks] == [
        "(3) = (4) + (5) + (6)",
        "(7) = (8) + (9) + (10)",
        "(11) = (12) + (13)",
        "(3) = (7) + (11)",
    ]
    assert all(check.holds for check in report.checks)
    assert any("cần xác nhận" in note for note in report.notes)


def test_a_sum_that_fails_is_told_with_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_06a, "_source", lambda _fact, _scope: 10)
    checks = made("ii06a", DOSSIERS).checks
    assert [check.holds for check in checks] == [False, True, False, True]
    assert "sai ở: Hộ tịch; Tổng số" in checks[0].words


def test_a_period_that_still_runs_is_told_as_it_stands_now() -> None:
    now = datetime(2026, 12, 1, 10, 0, tzinfo=VIETNAM)
    report = build("ii06a", QUARTER, [fact("today", "11-20", "12-01"), fact("late", "11-20", "11-30")], (), HOUSE, now)
    assert (ids(report.total[11]), ids(report.total[12])) == ("today", "late")
    assert any("Kỳ chưa kết thúc" in note for note in report.notes)
    assert not any("Kỳ chưa kết thúc" in note for note in made("ii06a", ()).notes)
    indicators = build("766", QUARTER, [fact("today", "11-20", "12-01"), fact("late", "11-20", "11-30")], (), HOUSE, now)
    assert ids(indicators.rows[2][2]) == "today"


def test_766_compares_hours_and_counts_two_supplements_as_late() -> None:
    rows = {(row[0], row[1]): row for row in made("766", DOSSIERS).rows}
    in_time = rows["2.1", "Hồ sơ xử lý đúng hạn, trong hạn"]
    assert ids(in_time[2]) == "first last_day no_due waits"
    assert plain(in_time)[3:5] == [14, 100 * 4 / 14]
    assert rows["3.3", "Hồ sơ nộp trực tuyến"][5] == 50.0


def test_766_counts_sync_of_what_was_received_and_invents_nothing() -> None:
    facts = [fact(state, "11-20", delivery=state) for state in ("kept", "received", "accepted", "refused")]
    facts.append(fact("before", "09-01", "12-20", delivery="accepted"))
    money = [paid("11-20", "taken", "cash", 8000, "kept"), paid("11-20", "taken", "transfer", 8000, "received")]
    money += [paid("11-21", "reconciled", "transfer", 8000, "received"), paid("09-14", "taken", "transfer", 8000, "before")]
    rows = made("766", facts, money).rows
    assert [ids(row[2]) for row in rows[:2]] == ["accepted", "accepted received refused"]
    assert plain(rows[0])[3:5] == [4, 25.0]
    assert (ids(rows[4][2]), ids(rows[4][3])) == ("received", "kept received")
    assert [(row[0], row[2], row[4], row[5]) for row in rows[5:]] == [
        ("4.2", None, None, 80.0),
        ("4.3", None, None, 80.0),
        ("5.4", None, None, 90.0),
    ]
    assert made("766", ()).rows[0][4] is None


def test_daily_tells_every_day_and_charts_of_long_periods_by_month() -> None:
    facts = [fact("a", "11-20", finished="11-21", returned_at=moment("11-22")), fact("b", "11-20"), fact("c", "11-19")]
    week = made("daily", facts, period=Period(date(2026, 11, 20), date(2026, 11, 23)))
    assert [plain(row) for row in week.rows] == [
        ["2026-11-20", 2, 0, 0],
        ["2026-11-21", 0, 1, 0],
        ["2026-11-22", 0, 0, 1],
        ["2026-11-23", 0, 0, 0],
    ]
    assert plain(week.total) == ["Tổng số", 2, 1, 1]
    assert [name for name, _ in week.charts[0].bars] == ["20/11", "21/11", "22/11", "23/11"]
    assert week.summary[3] == ("Ngày đông nhất: 20/11", Figure(2, ("a", "b")))
    quarter = made("daily", facts)
    assert [(name, figure.value) for name, figure in quarter.charts[0].bars] == [
        ("09/2026", 0),
        ("10/2026", 0),
        ("11/2026", 3),
        ("12/2026", 0),
    ]


def test_procedures_by_receptions_with_the_median_of_results_only() -> None:
    facts = [fact("a", "11-02", "11-09", "11-03"), fact("b", "11-02", "11-04", "11-07"), fact("c", "11-02", "11-05")]
    facts += [fact("d", "11-02", "11-05", "11-30", ended="withdrawn"), fact("old", "09-01", "12-20")]
    facts += [fact("e", "11-02", procedure="2.000815", procedure_name="Chứng thực")]
    report = made("procedures", facts)
    assert [plain(row) for row in report.rows] == [
        ["1.001193", "Đăng ký khai sinh", 4, 3, 1, 2, 1, 3.0],
        ["2.000815", "Chứng thực", 1, 0, 0, 1, 0, None],
    ]
    assert report.charts[0].bars[0] == ("Đăng ký khai sinh", Figure(4, ("a", "b", "c", "d")))
    assert len(made("procedures", [fact(str(n), "11-02", procedure=str(n)) for n in range(40)]).charts[0].bars) == 12


def test_competent_lists_other_units_only() -> None:
    other = {"competent": "UBND phường Hồng Hà"}
    facts = [fact("here", "11-02"), fact("a", "11-02", "11-05", **other), fact("b", "11-02", "11-05", "11-06", **other)]
    assert [plain(row)[1:7] for row in made("competent", facts).rows] == [["UBND phường Hồng Hà", 2, 1, 1, 1, 1]]


def test_clerks_have_their_receptions_and_their_money() -> None:
    facts = [fact("a", "11-02"), fact("b", "11-02"), fact("c", "11-02", operator="CB2"), fact("old", "09-14", operator="CB2")]
    money = [paid("11-02", "taken", "cash", 8000, "a"), paid("11-02", "taken", "transfer", 5000, "c", "CB2")]
    money += [paid("11-02", "returned", "cash", 8000, "a"), paid("11-03", "taken", "cash", 2000, "a", "gone")]
    report = made("clerks", facts, money)
    assert [plain(row) for row in report.rows] == [
        ["Lò Thị Hạnh", 2, 8000, 0],
        ["Vàng A Páo", 1, 0, 5000],
        ["gone", 0, 2000, 0],
    ]
    assert plain(report.total) == ["Tổng số", 3, 10000, 5000]
    assert report.total[2] == Figure(10000, ("a",))


def test_cash_is_closed_by_day_operator_and_shift() -> None:
    money = [
        paid("11-02", "taken", "cash", 8000, "a", hour="11:59"),
        paid("11-02", "taken", "cash", 5000, "b", hour="12:00"),
        paid("11-02", "returned", "cash", 2000, "a", hour="13:00"),
        paid("11-02", "taken", "transfer", 7000, "c", "CB2"),
        paid("11-02", "taken", "transfer", 9000, "d", "CB2"),
        paid("11-03", "reconciled", "transfer", 7000, "c"),
        paid("11-04", "taken", "transfer", 3000, "c", "CB2"),
        paid("09-14", "taken", "cash", 100, "x"),
        paid("12-15", "reconciled", "transfer", 9000, "d"),
    ]
    report = made("cash", (), money)
    assert [plain(row) for row in report.rows] == [
        ["2026-11-02", "Lò Thị Hạnh", "Sáng", 8000, 0, 0, 0, 0, 0, 8000],
        ["2026-11-02", "Lò Thị Hạnh", "Chiều", 5000, 0, 2000, 0, 0, 0, 3000],
        ["2026-11-02", "Vàng A Páo", "Sáng", 0, 16000, 0, 0, 0, 9000, 0],
        ["2026-11-03", "Lò Thị Hạnh", "Sáng", 0, 0, 0, 0, 7000, 0, 0],
        ["2026-11-04", "Vàng A Páo", "Sáng", 0, 3000, 0, 0, 0, 3000, 0],
    ]
    assert plain(report.total)[3:] == [13000, 19000, 2000, 0, 7000, 12000, 11000]
    assert (report.total[9], report.rows[2][8]) == (Figure(11000, ("a", "b")), Figure(9000, ("d",)))
    assert all(check.holds for check in report.checks)


def test_two_operators_of_one_name_close_their_own_tills() -> None:
    house = replace(HOUSE, operators={"CB1": "Lò Thị Hạnh", "CB2": "Lò Thị Hạnh"})
    money = [paid("11-02", "taken", "cash", 1000, "a", "CB1"), paid("11-02", "taken", "cash", 2000, "b", "CB2")]
    assert [plain(row)[3] for row in build("cash", QUARTER, (), money, house, LATER).rows] == [1000, 2000]


def test_go_between_counts_owners_and_phones_and_names_no_offence() -> None:
    def filed(n: int, **more: Any) -> Fact:
        return fact(f"{more.get('submitter', 'p')}{n}", "11-02", **more)

    often = {"submitter": "s", "submitter_name": "Lý A Dê", "phone": "0912 345 678"}
    facts = [filed(n, **often) for n in range(5)] + [filed(9, **often, owner="chủ s0")]
    facts += [filed(n, submitter="seldom", phone="0900") for n in range(4)]
    facts += [filed(n, phone="+84 912 000 111") for n in range(4)] + [filed(5, phone="0912000111")]
    facts += [filed(n, submitter="self", phone="0901") for n in range(4)] + [filed(9, submitter="self", owner="self")]
    report = made("go_between", facts)
    assert [plain(row) for row in report.rows] == [
        ["Người nộp", "Lý A Dê", 5, 6, "0912345678"],
        ["Số điện thoại chung", "Chủ p0, Chủ p1, Chủ p2 và 2 người khác", 5, 5, "0912000111"],
    ]
    text = " ".join((report.title, *report.notes))
    assert not re.search(r"\b(cò|vi phạm|trục lợi|nghi vấn)\b", text.lower())
    assert "cần xác nhận" in text


def test_the_register_runs_by_year_counter_and_number() -> None:
    rows: list[dict[str, Any]] = [
        ROW | {"register": 1, "received_at": moment("2027-01-04"), "counter": "q1"},
        ROW | {"register": 10, "received_at": moment("11-24"), "counter": "q1"},
        ROW | {"register": 9, "received_at": moment("11-23"), "counter": "q1", "returned_at": moment("11-24")},
        ROW | {"register": 1, "received_at": moment("11-23"), "counter": "q2"},
        ROW | {"register": 8, "received_at": moment("11-22"), "counter": "q1"},
    ]
    period = Period(date(2026, 11, 23), date(2027, 1, 31))
    report = register(rows, period, HOUSE)
    assert [row[:2] for row in report.rows] == [("Quầy 1", "9"), ("Quầy 1", "10"), ("Quầy 2", "1"), ("Quầy 1", "1")]
    assert (report.form, len(report.columns)) == ("Mẫu số 07", 14)
    assert report.summary == (("Số hồ sơ", 4), ("Đã trả kết quả", 1), ("Chưa trả kết quả", 3))
    alone = register([row | {"id": str(row["register"])} for row in rows if row["counter"] == "q1"], period, HOUSE)
    assert alone.rows[0][:4] == ("9", "H38.27.09-261123-0002", "Đăng ký khai sinh", 1)
    assert alone.rows[0][6:11] == ("UBND xã Yên Thượng", moment("11-23"), moment("11-24"), moment("11-24"), "Bưu chính")
    assert alone.columns[7].group == "Ngày, tháng, năm"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("II.06a", "ii06a"),
        ("06a", "ii06a"),
        ("ii06a", "ii06a"),
        ("Biểu số II.06a/VPCP/KSTT", "ii06a"),
        ("766", "766"),
        ("766/QĐ-TTg", "766"),
        ("so-theo-doi", "register"),
        ("Sổ theo dõi hồ sơ", "register"),
        ("Mẫu số 07", "register"),
        ("go-between", "go_between"),
        ("chốt ca", "cash"),
        *((kind, kind) for kind in KINDS),
        *((title, kind) for kind, title in KINDS.items()),
    ],
)
def test_a_kind_is_known_by_loose_spellings(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_what_cannot_be_reported_is_a_problem() -> None:
    for text in ("", "07b", "../etc"):
        with pytest.raises(Problem, match="report_unknown") as caught:
            kind_of(text)
        assert caught.value.details["kinds"] == list(KINDS)
    with pytest.raises(Problem, match="report_unknown"):
        made("register", ())
    with pytest.raises(Problem, match="period_reversed"):
        made("ii06a", (), period=Period(date(2026, 12, 1), date(2026, 11, 1)))


def test_cells_and_periods_read_as_people_write_them() -> None:
    assert cell_text(Figure(1_500_000, ("a",)), "money") == "1.500.000"
    assert (cell_text(2.5, "count"), cell_text(3.0, "count"), cell_text(-2000, "money")) == ("2,5", "3", "-2.000")
    assert (cell_text(87.54, "percent"), cell_text(None, "percent")) == ("87,5\u00a0%", "")
    assert (cell_text(moment("11-23"), "day"), cell_text(moment("11-23"), "moment")) == ("23/11/2026", "09:00 23/11/2026")
    assert (cell_text("Tổng số", "day"), cell_text("2026-11-23", "text")) == ("Tổng số", "2026-11-23")
    assert period_text(Period(date(2026, 11, 23), date(2026, 11, 23))) == "Ngày 23/11/2026"


# Whatever happened

_DAYS = st.integers(0, 150).map(lambda n: (date(2026, 8, 15) + timedelta(days=n)).isoformat())
_MOMENTS = st.builds(moment, _DAYS, st.sampled_from(["07:30", "12:00", "17:00"]))
_MAYBE = st.none() | _MOMENTS
_STAGES = st.sampled_from(["received", "processing", "supplement", "finished", "withdrawn", "stopped", "annulled", "declined"])
_FACTS = st.builds(
    fact,
    st.uuids().map(str),
    st.just("11-20"),
    received_at=_MOMENTS,
    return_at=_MAYBE | _DAYS,
    finished_at=_MAYBE,
    returned_at=_MAYBE,
    stage=_STAGES,
    ended=st.sampled_from(["", "finished", "withdrawn", "stopped"]),
    pauses=st.lists(st.tuples(_MOMENTS, _MAYBE), max_size=2).map(tuple),
    supplements=st.integers(0, 2),
    channel=st.sampled_from("123"),
    field=st.sampled_from(["", "Hộ tịch", "Đất đai"]),
    procedure=st.sampled_from(["1", "2"]),
    operator=st.sampled_from(["CB1", "CB2"]),
    competent=st.sampled_from(["", "UBND phường"]),
    submitter=st.sampled_from(["", "s"]),
    phone=st.sampled_from(["", "0900000111"]),
)
_MONEY = st.builds(
    paid,
    _DAYS,
    st.sampled_from(["taken", "returned", "reconciled"]),
    st.sampled_from(["cash", "transfer"]),
    st.integers(0, 10**7),
    st.sampled_from("abc"),
    st.sampled_from(["CB1", "CB2"]),
    st.sampled_from(["08:00", "15:00"]),
)


@given(st.lists(_FACTS, max_size=12, unique_by=lambda one: one.id), st.lists(_MONEY, max_size=8))
def test_sums_hold_and_every_count_is_its_dossiers(facts: list[Fact], movements: list[Movement]) -> None:
    form = made("ii06a", facts)
    for row in [plain(row)[2:] for row in (*form.rows, form.total)]:
        assert (row[0], row[4], row[8]) == (sum(row[1:4]), sum(row[5:8]), sum(row[9:11]))
        assert row[0] == row[4] + row[8]
    for kind in BUILT:
        report = made(kind, facts, movements)
        assert all(check.holds for check in report.checks)
        for row in (*report.rows, report.total):
            for cell, column in zip(row, report.columns, strict=False):
                if isinstance(cell, Figure) and column.kind == "count":
                    assert cell.value == len(set(cell.dossiers)) == len(cell.dossiers)
    cash = plain(made("cash", (), movements).total)
    assert cash[9] == cash[3] - cash[5]
