"""What benchmark and soak make of their figures: pages, slopes, quantiles."""

from tests.bench.page import NOTES, page
from tests.soak.watching import Sample, growth, share

ORDER = ("One", "Other")


def test_a_part_that_is_measured_again_takes_its_own_place_and_leaves_the_rest() -> None:
    first = page("", {"One": "| 1 |", "Other": "| 2 |"}, ORDER)
    noted = f"{first}\n## {NOTES}\n\nBecause.\n"
    again = page(noted, {"Other": "| 3 |"}, ORDER)
    assert [line for line in again.splitlines() if line.startswith("## ")] == [
        "## One",
        "## Other",
        f"## {NOTES}",
    ]
    assert "| 1 |" in again
    assert "| 3 |" in again
    assert "| 2 |" not in again
    assert again.endswith("Because.\n")
    assert page(again, {"Other": "| 3 |"}, ORDER) == again


def test_growth_is_that_of_the_second_half_in_a_minute() -> None:
    warming = [Sample(float(second), 100.0 + second) for second in range(60)]
    level = [Sample(60.0 + second, 160.0) for second in range(60)]
    assert abs(growth([*warming, *level])) < 0.01
    leaking = [Sample(60.0 + second, 160.0 + second / 30) for second in range(60)]
    assert abs(growth([*warming, *leaking]) - 2.0) < 0.01


def test_a_quantile_of_nothing_is_zero_and_of_all_is_the_worst() -> None:
    assert share([], 0.5) == 0.0
    assert share([3.0, 1.0, 2.0], 0.5) == 2.0
    assert share([3.0, 1.0, 2.0], 1.0) == 3.0
