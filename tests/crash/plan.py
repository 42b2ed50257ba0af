"""What one run of the crash test does: how many kills, on what, and how often what goes wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Database = Literal["sqlite", "postgres"]

# Shares of the creates that arrive at Vobiz. The trunk of `slow` exists at once and its answer comes after
# the bot's patience; that of `created_late` appears after the bot's patience, and no answer ever.
CREATES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "error_before": 0.10,
        "created_then_500": 0.08,
        "slow": 0.12,
        "hang": 0.05,
        "created_then_reset": 0.05,
        "created_late": 0.06,
        "refuse": 0.02,
        "refused_200": 0.02,
        "domain_later": 0.05,
        "renamed": 0.03,
        "no_zone": 0.03,
        "list_lags": 0.03,
        "sent_twice": 0.03,
        "garbage": 0.02,
        "empty_2xx": 0.02,
        "no_balance": 0.01,
        "rate_limited": 0.01,
        "lists_behind": 0.02,
        "busy": 0.05,
    }
)
READS: Final[Mapping[str, float]] = MappingProxyType({"reads_fail": 0.03})
LISTS: Final[Mapping[str, float]] = MappingProxyType({"reads_fail": 0.03, "lists_fail": 0.02})
CHATS: Final[Mapping[str, float]] = MappingProxyType(
    {"post_error": 0.02, "post_reset_after": 0.03, "post_rate_limited": 0.01, "non_json": 0.005}
)
OPENS: Final[Mapping[str, float]] = MappingProxyType({"views_open_error": 0.02})
URLS: Final[Mapping[str, float]] = MappingProxyType({"response_url_dead": 0.02})

# Seconds for which the user group is there and away, and the database away and there, in turns.
THERE: Final = (2.0, 5.0)
GONE: Final = (8.0, 13.0)
AWAY: Final = (1.0, 4.0)
BACK: Final = (3.0, 8.0)

TIMEOUT: Final = 1.0  # seconds that the bot waits for Vobiz
SETTLE: Final = 2.0  # seconds that it looks for a trunk
SLOW: Final = 2.0  # seconds until the answer of `slow`
LATE: Final = 1.5  # seconds until the trunk of `created_late` exists: the worst delay of this Vobiz
# From here on a person may conclude from what the account shows that a create made nothing.
CERTAIN: Final = LATE + 1.0

LIFE: Final = 4.0  # seconds: an instance that serves is killed after 0 to this many
BIRTH: Final = 1.5  # seconds: the same for one that is killed while it starts
STILLBORN: Final = 0.2  # share of the kills that come while it starts
CLICKS: Final = 3  # of an impatient person, at once
IMPATIENT: Final = 0.4  # share of the confirmations
SHARED: Final = 0.2  # share of the requests with the name, direction and limit of another

ABOVE: Final = 100  # concurrent calls above which a second person must approve
LARGE: Final = 0.25  # share of the requests above that
DENIED: Final = 0.25  # share of those that are denied
APPROVALS: Final = "C0APPROVE"  # where they are asked
KEPT: Final = "Kept U"  # what the names of the trunks begin with that are there before and are changed
_OWN: Final = re.compile(
    rf"(?P<kept>{KEPT})|Crash \d{{4,}}", re.IGNORECASE
)  # Vobiz may write names otherwise
CHANGERS: Final = tuple(
    f"U0CHANGE{number}" for number in range(1, 5)
)  # operators who change trunks of their own, and create none


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `drain` is for how many seconds the end may take after the last kill."""

    label: str
    database: Database
    instances: int
    kills: int
    seed: int
    naive: bool = False
    drain: float = 90.0
    people: int = 6


def kept(text: str) -> bool:
    """Tell whether a name, or the first one in a message, is that of a trunk that is changed.

    Further ones are of records beside it: a question lists what may be meant.
    """
    first = _OWN.search(text)
    return first is not None and first["kept"] is not None
