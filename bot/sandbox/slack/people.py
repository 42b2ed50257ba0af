"""Who lives in the sandbox: its people, its channels, its user groups and the bot."""

from dataclasses import dataclass
from typing import Final, Literal

TEAM: Final = "T0ACME001"
OTHER_TEAM: Final = "T0OTHER01"
ENTERPRISE: Final = "E0ACMEORG"  # by the fault `organisation`: of these two workspaces
ORGANISED: Final = frozenset({TEAM, OTHER_TEAM})
TEAM_NAME: Final = "Acme Telecom"
TEAM_DOMAIN: Final = "acme"
BOT_USER: Final = "U0TRUNKBT"
BOT_ID: Final = "B0TRUNKBT"
BOT_NAME: Final = "trunk"  # as the manifest names its user; a test compares
APP_ID: Final = "A0TRUNKBT"
SLACKBOT: Final = "USLACKBOT"
APPROVALS: Final = "C0APPROVE"  # where operators are asked

Kind = Literal["public", "private", "dm"]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can be looked over the shoulder of."""

    id: str
    name: str
    title: str
    team: str
    about: str

    @property
    def handle(self) -> str:
        """The deprecated `user_name` of payloads."""
        return self.name.lower()

    @property
    def dm(self) -> str:
        """The person's direct messages with the bot."""
        return f"D{self.id[1:]}"


@dataclass(slots=True)
class Channel:
    """A conversation; `bot` says whether the bot is a member."""

    id: str
    name: str
    kind: Kind
    people: frozenset[str]
    about: str
    bot: bool = False
    archived: bool = False
    shared: bool = False


PEOPLE: Final = (
    Person("U0ASHA001", "Asha", "Voice engineer", TEAM, "On call, may create trunks"),
    Person("U0OMAR001", "Omar", "Network engineer", TEAM, "On call through the group @voice-oncall"),
    Person("U0RIA0001", "Ria", "Marketing", TEAM, "May ask; an operator approves"),
    Person("U0BEN0001", "Ben", "Sales", TEAM, "May not create trunks"),
    Person("U0ZOE0001", "Zoe", "Partner engineer", OTHER_TEAM, "Another company, through Slack Connect"),
)


def channels() -> dict[str, Channel]:
    """Return the sandbox's conversations as they are after a reset, by id."""
    home = frozenset(person.id for person in PEOPLE if person.team == TEAM)
    everyone = frozenset(person.id for person in PEOPLE)
    approvers = frozenset({"U0ASHA001", "U0OMAR001", "U0BEN0001"})
    made = [
        Channel(
            "C0VOICE01", "voice-ops", "public", everyone, "Shared with Zoe's company", bot=True, shared=True
        ),
        Channel(
            APPROVALS, "trunk-approvals", "public", approvers, "Operators decide requests here", bot=True
        ),
        Channel("C0GENERAL", "general", "public", home, "Everyone at Acme"),
        Channel("C0WARROOM", "war-room", "private", home, "For the big launches"),
        Channel("C0OLDPROJ", "old-launch", "public", home, "Last year's launch", bot=True, archived=True),
        *(
            Channel(person.dm, BOT_NAME, "dm", frozenset({person.id}), "Direct messages", bot=True)
            for person in PEOPLE
        ),
    ]
    return {channel.id: channel for channel in made}


HANDLES: Final = {"S0ONCALL1": "voice-oncall"}  # what people type and read for a user group


def groups() -> dict[str, list[str]]:
    """Return the user groups as they are after a reset: members by id."""
    return {"S0ONCALL1": ["U0OMAR001"]}
