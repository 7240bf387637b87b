"""A small share of the clock jumps; the nightly run plays a thousand."""

from tests.faults.clocks import clock_jumps


def test_clocks_that_jump_lose_nothing_and_are_said() -> None:
    report = clock_jumps(60, 5)
    assert report["problems"] == []
    assert (report["lost"], report["twice"], report["out_of_order"]) == (0, 0, 0)
    assert report["marked"] > 20
    assert report["set_right"] > 20
