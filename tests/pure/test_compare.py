"""What came back against what was asked for."""

import pytest

from bot.domain.operation import Direction, TrunkRequest
from bot.domain.resources import Trunk
from bot.kinds.compare import Difference, Field, differences

REQUEST = TrunkRequest("Sales", Direction.OUTBOUND, 10)


@pytest.mark.parametrize(
    ("trunk", "expected"),
    [
        (Trunk(id="1", name="Sales", direction="outbound", calls=10), ()),
        (Trunk(id="1", name="Sales", direction="OUTBOUND", calls=10), ()),
        (Trunk(id="1"), ()),
        (Trunk(id="1", direction="both"), (Difference(Field.DIRECTION, "outbound", "both"),)),
        (Trunk(id="1", name="sales"), (Difference(Field.NAME, "Sales", "sales"),)),
        (Trunk(id="1", name=""), (Difference(Field.NAME, "Sales", ""),)),
        (Trunk(id="1", calls=0), (Difference(Field.CALLS, "10", "0"),)),
        (
            Trunk(id="1", name="Sales ", direction="inbound", calls=11),
            (
                Difference(Field.NAME, "Sales", "Sales "),
                Difference(Field.DIRECTION, "outbound", "inbound"),
                Difference(Field.CALLS, "10", "11"),
            ),
        ),
    ],
    ids=[
        "same",
        "direction in capitals",
        "nothing stated",
        "both",
        "case of the name",
        "empty name",
        "no calls",
        "all",
    ],
)
def test_a_difference_is_a_field_that_came_back_otherwise(
    trunk: Trunk, expected: tuple[Difference, ...]
) -> None:
    assert differences(REQUEST, trunk) == expected


def test_the_sample_of_the_vendor_page_is_reported_as_not_as_asked() -> None:
    answer = {"trunk_id": "1", "name": "Sales", "trunk_direction": "both", "concurrent_calls_limit": 10}
    assert [item.field for item in differences(REQUEST, Trunk.model_validate(answer))] == [Field.DIRECTION]
