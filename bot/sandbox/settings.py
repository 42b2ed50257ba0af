"""The sandbox's credentials and the rules that it enforces."""

from dataclasses import dataclass, field
from typing import Final, Literal

ErrorStyle = Literal["E1", "E2", "E3"]


@dataclass(slots=True)
class Delays:
    """How long the slow faults take, in seconds.

    `views_open` is longer than a bot should wait and shorter than a trigger lives (3 s). `disconnect` is how
    long a Socket Mode connection is still used after Slack has announced its end. `domain` is how long a new
    trunk has no SIP domain.
    """

    slow: float = 2.0
    late: float = 5.0
    domain: float = 1.0
    views_open: float = 2.5
    retry_after: int = 1
    disconnect: float = 10.0


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A global shortcut as the manifest declares it: name at most 24 characters, description at most 150."""

    callback_id: str
    name: str
    description: str


CREATE_TRUNK: Final = Shortcut(
    "create_trunk_shortcut", "Create a SIP trunk", "Opens the form, and asks where to post the result"
)


@dataclass(slots=True)
class Settings:
    """Credentials and rules; a test changes what it needs before or while the sandbox runs.

    `deadline` is Slack's for an answer (3 s); `post_burst` messages may be posted to a channel at once,
    then one a second (None switches the rule off). `escape_commands` sends `&amp;` for `&` in the text of
    a command, which Slack may or may not do. `home` says whether the app's Home tab is enabled, with
    `messages_read_only` nothing can be written to it in its DM, and `shortcuts` are its global ones.
    With `socket_mode` everything goes to the bot over its websockets, and `hello` counts
    `other_connections` besides them. A `seeded` account has a trunk, spare records and numbers.
    """

    bot_token: str = "xoxb-sandbox-0000000000-trunkbot"  # noqa: S105 (a sandbox's token opens nothing)
    signing_secret: str = "5a9db0x0c0ffee0000000000000000aa"  # noqa: S105 (likewise)
    app_token: str = "xapp-1-A0TRUNKBT-sandbox"  # noqa: S105 (likewise)
    vobiz_auth_id: str = "MA_SANDBOX1"
    vobiz_auth_token: str = "sandbox-vobiz-token"  # noqa: S105 (likewise)
    command: str = "/trunk"
    shortcuts: tuple[Shortcut, ...] = (CREATE_TRUNK,)
    home: bool = True
    messages_read_only: bool = True
    scopes: frozenset[str] = frozenset({"commands", "chat:write", "usergroups:read"})
    socket_mode: bool = False
    other_connections: int = 0
    deadline: float = 3.0
    post_burst: int | None = 20
    escape_commands: bool = False
    vobiz_error_style: ErrorStyle = "E1"
    seeded: bool = False
    delays: Delays = field(default_factory=Delays)
