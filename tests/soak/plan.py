"""What a soak does: how long, how fast, which commands, and how often what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

# Shares of what people do. A `create` and a `request` go on to a form, its confirmation, and what follows.
MIX: Final[Mapping[str, float]] = MappingProxyType(
    {"create": 0.20, "request": 0.05, "wrong": 0.20, "help": 0.13, "history": 0.20, "status": 0.20}
    | {"stranger": 0.02}  # who has no right, and has to hear so
)
WRONG: Final = (
    'create "Sales" outbuond 10',
    "create Sales outbound many",
    'create "Sales" outbound 0',
    "crate Sales outbound 10",
    "status 0000",
    'history "',
)
HISTORY: Final = ("history", "history @me", "history Crash", "history created", "history not sent")

CREATES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "error_before": 0.02,
        "created_then_500": 0.02,
        "slow": 0.03,
        "hang": 0.01,
        "created_then_reset": 0.02,
        "created_late": 0.01,
        "garbage": 0.01,
        "empty_2xx": 0.01,
        "refuse": 0.03,
        "no_balance": 0.01,
        "rate_limited": 0.02,
        "refused_200": 0.01,
        "domain_later": 0.02,
        "renamed": 0.01,
        "no_zone": 0.01,
        "list_lags": 0.01,
        "sent_twice": 0.01,
        "lists_behind": 0.01,
    }
)
READS: Final[Mapping[str, float]] = MappingProxyType({"reads_fail": 0.03})
LISTS: Final[Mapping[str, float]] = MappingProxyType({"lists_fail": 0.01})
CHATS: Final[Mapping[str, float]] = MappingProxyType(
    {"post_error": 0.01, "post_rate_limited": 0.02, "post_reset_after": 0.01, "non_json": 0.005}
)
OPENS: Final[Mapping[str, float]] = MappingProxyType({"views_open_slow": 0.004, "views_open_error": 0.01})
UPDATES: Final[Mapping[str, float]] = MappingProxyType({"non_json": 0.01})
URLS: Final[Mapping[str, float]] = MappingProxyType({"response_url_dead": 0.02})

# When the user group is away (from and to, as parts of the whole), and by which fault; and the database.
GROUP_AWAY: Final = ((0.15, 0.40, "group_gone"), (0.50, 0.70, "missing_scope"), (0.78, 0.90, "groups_error"))
DATABASE_AWAY: Final = (0.10, 0.45, 0.72, 0.93)
AWAY: Final = (3.0, 8.0)  # seconds

APPROVED: Final = 0.8  # share of the requests; the others are denied
OPERATORS: Final = 150  # people who may create, one thing at a time each
MEMBERS: Final = 30  # of the operators, who may do so only as members of the user group
REQUESTERS: Final = 50
AGAIN: Final = 2.0  # seconds until a person tries again what did not work
KEPT: Final = 500  # trunks that the account holds: somebody deletes the oldest
WINDOW: Final = 800  # messages in which people look for questions: about a minute of them
GROWTH: Final = 1.0  # MB a minute that memory may grow in the second half of a run of at least LONG minutes
LONG: Final = 10.0
DEADLINE: Final = 3000.0  # milliseconds; Slack's for an answer

Database = Literal["sqlite", "postgres"]


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: minutes, commands a second, where the bot keeps its record, the seed of all chance."""

    minutes: float
    rate: float
    database: Database
    seed: int
    drain: float = 120.0
