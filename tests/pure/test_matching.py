"""Which trunks can be the one that an uncertain create made."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.operation import Direction, TrunkRequest
from bot.domain.records import Baseline
from bot.domain.resources import Trunk
from bot.kinds.matching import Fits, Trace, fits

SENT = datetime(2026, 5, 12, 5, 11, 52, tzinfo=UTC)
AHEAD = timedelta(minutes=3)  # Vobiz's clock runs three minutes ahead of ours


def trace(tag: str | None = None) -> Trace:
    return Trace(
        request=TrunkRequest("Sales", Direction.OUTBOUND, 10),
        baseline=Baseline(frozenset({"known"})),
        sent_at=int(SENT.timestamp() * 1000),
        ahead=int(AHEAD.total_seconds() * 1000),
        owned=frozenset({"owned"}),
        tag=tag,
    )


def trunk(**changes: object) -> Trunk:
    body: dict[str, object] = {
        "trunk_id": "t",
        "name": "Sales",
        "trunk_direction": "outbound",
        "concurrent_calls_limit": 10,
        "created_at": SENT + AHEAD,
    }
    return Trunk.model_validate(body | changes)


@pytest.mark.parametrize(
    ("changes", "exact", "near"),
    [
        pytest.param({}, 1, 0, id="all as asked"),
        pytest.param(
            {"created_at": SENT + AHEAD - timedelta(seconds=2)}, 1, 0, id="within the clock's grain"
        ),
        pytest.param({"created_at": SENT + AHEAD - timedelta(seconds=3)}, 0, 1, id="a little too old"),
        pytest.param({"created_at": SENT + AHEAD - timedelta(minutes=5)}, 0, 1, id="as old as clocks err"),
        pytest.param({"created_at": SENT + AHEAD - timedelta(seconds=301)}, 0, 0, id="old by Vobiz's clock"),
        pytest.param(
            {"trunk_id": "known", "created_at": SENT + AHEAD - timedelta(seconds=3)}, 0, 0, id="old and known"
        ),
        pytest.param({"created_at": None}, 0, 1, id="age not stated"),
        pytest.param({"name": "sales"}, 0, 0, id="another name"),
        pytest.param({"trunk_id": "known"}, 0, 0, id="was there before"),
        pytest.param({"trunk_id": "owned"}, 0, 0, id="another operation's"),
        pytest.param({"trunk_direction": "both"}, 0, 1, id="another direction, as the vendor's own sample"),
        pytest.param({"concurrent_calls_limit": 5}, 0, 1, id="another limit"),
    ],
)
def test_fit(changes: dict[str, object], exact: int, near: int) -> None:
    found = fits(trace(), (trunk(**changes),))
    assert (len(found.exact), len(found.near)) == (exact, near)


def test_a_trunk_with_our_tag_is_ours_whatever_else_is_there() -> None:
    ours = trunk(trunk_id="ours", description="trunk-bot 7K3M-9QWX", trunk_direction="both")
    assert fits(trace("trunk-bot 7K3M-9QWX"), (trunk(), ours)) == Fits(exact=(ours,), near=())


def test_without_a_tag_coming_back_the_rest_decides() -> None:
    assert fits(trace("trunk-bot 7K3M-9QWX"), (trunk(description=""),)).exact == (trunk(description=""),)
