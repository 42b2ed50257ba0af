"""What Slack sends, as far as the bot reads it. Names are never relied on, only ids.

Source: docs.slack.dev, interactivity: slash commands, view submissions, block actions.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from bot.domain.blank import blank
from bot.domain.policy import Person
from bot.domain.records import Post


class UnreadableError(Exception):
    """What came is not of the shape that Slack's requests are. `fields` are names of ours, not values."""

    def __init__(self, shape: str, fields: tuple[str, ...]) -> None:
        super().__init__(shape, fields)
        self.shape = shape
        self.fields = fields


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def read(cls, body: Mapping[str, object]) -> Self:
        """Read what Slack sent; raises UnreadableError where it is of another shape."""
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            # The outermost name only: those inside may be what somebody wrote.
            fields = sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]})
        raise UnreadableError(cls.__name__, tuple(fields))


# Ids are letters and digits; what else may come would reach rows and logs as who acted.
SlackId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
# A person's begins with U or W. What is told to a person goes to this id, and a channel's would take it too.
UserId = Annotated[str, Field(pattern=r"^[UW][A-Za-z0-9]{1,63}$")]


class SlashCommand(_Payload):
    """A slash command. `trigger_id` lives for 3 s; `response_url` is a secret for 30 minutes."""

    command: str
    text: str = ""
    user_id: UserId
    team_id: SlackId
    channel_id: SlackId
    enterprise_id: SlackId | None = None
    trigger_id: Annotated[str, Field(repr=False)]
    response_url: Annotated[str | None, Field(repr=False)] = None

    @property
    def person(self) -> Person:
        """Who typed it."""
        return Person(self.user_id, self.team_id, self.enterprise_id)


class _User(_Payload):
    id: UserId
    team_id: SlackId | None = None


class _Id(_Payload):
    id: SlackId


class _Option(_Payload):
    value: str


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


# What is in a form is not the client's to be believed: of another shape it is as if nothing was given, which
# is said under the input.
_Given = WrapValidator(_or_none)


class _Value(_Payload):
    value: Annotated[str | None, _Given] = None
    selected_option: Annotated[_Option | None, _Given] = None
    selected_options: Annotated[tuple[_Option, ...] | None, _Given] = None
    selected_conversation: Annotated[SlackId | None, _Given] = None


class _State(_Payload):
    values: dict[str, Annotated[dict[str, Annotated[_Value | None, _Given]] | None, _Given]] = {}


class _View(_Payload):
    id: SlackId
    hash: str = ""
    callback_id: str = ""
    private_metadata: Annotated[str, Field(repr=False)] = ""
    state: Annotated[_State, BeforeValidator(lambda value: value or {})] = _State()

    def typed(self, block: str) -> str | None:
        """Return what is in the input whose block_id and action_id are `block`; of several a line each."""
        value = (self.state.values.get(block) or {}).get(block)
        if value is None:
            return None
        if value.selected_option is not None:
            return value.selected_option.value
        if value.selected_options is not None:
            return "\n".join(option.value for option in value.selected_options)
        return value.selected_conversation or value.value

    def reason(self) -> str:
        """Return what is typed as a reason, empty if it shows nothing; NUL goes, which Postgres refuses."""
        reason = (self.typed("reason") or "").replace("\0", "").strip()
        return "" if blank(reason) else reason


class Interaction(_Payload):
    """Anything that a person does in Slack but typing a command."""

    user: _User
    team: _Id | None = None
    enterprise: _Id | None = None

    @property
    def person(self) -> Person:
        """Who pressed. `team` may be null for an organisation-wide installation."""
        team = self.user.team_id or (self.team.id if self.team else None)
        return Person(self.user.id, team, self.enterprise.id if self.enterprise else None)


class Submission(Interaction):
    """A submitted modal."""

    view: _View


class Chosen(Interaction):
    """A choice in a modal that is told of before the modal is submitted."""

    view: _View


class Shortcut(Interaction):
    """A global shortcut. It has no channel and no response_url."""

    trigger_id: Annotated[str, Field(repr=False)]


class _Opened(_Payload):
    user: UserId
    tab: str = ""


class HomeOpened(_Payload):
    """Somebody opened the bot's App Home (Events API). Its team is where the bot is, not who looks."""

    event: _Opened


class _Action(_Payload):
    action_id: str
    value: str = ""
    selected_user: UserId | None = None
    selected_option: _Option | None = None

    @property
    def chosen(self) -> str:
        """What was chosen: of a menu its option, else the button's value."""
        return self.selected_option.value if self.selected_option is not None else self.value


class _Container(_Payload):
    message_ts: str | None = None
    is_ephemeral: bool = False


class Press(Interaction):
    """A pressed button."""

    actions: Annotated[tuple[_Action, ...], Field(min_length=1)]
    channel: _Id | None = None
    container: _Container = _Container()
    trigger_id: Annotated[str, Field(repr=False)]
    response_url: Annotated[str | None, Field(repr=False)] = None

    @property
    def message(self) -> Post | None:
        """The message that has the button; None on the Home tab and in a modal."""
        ts = self.container.message_ts
        return Post(self.channel.id, ts) if self.channel is not None and ts is not None else None

    @property
    def action(self) -> _Action:
        """The one that was pressed."""
        return self.actions[0]

    @property
    def place(self) -> str | None:
        """The channel of the message that has the button; None in a modal."""
        return self.channel.id if self.channel else None


class Picked(Press):
    """A pressed button, or a chosen option, of a modal."""

    view: _View
