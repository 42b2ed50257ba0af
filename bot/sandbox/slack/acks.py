"""What the bot's HTTP answer to a command or a submission means to Slack. Pure.

Sources: docs.slack.dev/surfaces/modals and /interactivity/implementing-slash-commands.
"""

from dataclasses import dataclass, field
from http import HTTPStatus

from bot.sandbox.blockkit.validation import problems
from bot.sandbox.shape import Json, items, mapping, parsed, text
from bot.sandbox.slack.refusals import content_refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """The bot's answer; `status` is None when there was none, `why` then says timeout or refused.

    `no_retry` is what the bot asks of the Events API with `X-Slack-No-Retry: 1`.
    """

    status: int | None
    ms: float
    body: bytes = b""
    content_type: str = ""
    why: str = ""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Whether Slack takes it as an answer at all."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer that Slack cannot use; `why` is for the log."""

    why: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the view, or with `everything` the whole stack."""

    everything: bool = False


@dataclass(frozen=True, slots=True)
class Errors:
    """Show texts under inputs, by block_id."""

    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class Show:
    """Put a view in place of the submitted one, or with `push` above it."""

    view: Json
    push: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command shows at once: to the person, or `in_channel` to everyone."""

    text: str
    blocks: list[Json] = field(default_factory=list)
    in_channel: bool = False


def submission(answer: Answer, blocks: list[Json]) -> Close | Errors | Show | Broken:
    """Read the answer to a view_submission; `blocks` are those of the submitted view."""
    if not answer.ok:
        return Broken(answer.why or f"HTTP {answer.status}")
    if not answer.body:
        return Close()
    body = parsed(answer.body)
    if not isinstance(body, dict):
        return Broken("the body is neither empty nor a JSON object")
    return _instruction(body, blocks)


def _instruction(body: Json, blocks: list[Json]) -> Close | Errors | Show | Broken:
    match body.get("response_action"):
        case "clear":
            return Close(everything=True)
        case "errors":
            return _errors(body, blocks)
        case "update" | "push" as action:
            view = mapping(body.get("view"))
            found = problems("modal", view)
            return Broken("; ".join(found)) if found else Show(view, push=action == "push")
        case unknown:
            return Broken(f"unknown response_action {unknown!r}")


def _errors(body: Json, blocks: list[Json]) -> Errors | Broken:
    errors = mapping(body.get("errors"))
    inputs = {text(block.get("block_id")) for block in blocks if block.get("type") == "input"}
    if not errors:
        return Broken("errors is empty")
    for block_id, words in errors.items():
        if block_id not in inputs:
            return Broken(f"errors names {block_id!r}, which is no input block")
        if not isinstance(words, str) or not words:
            return Broken(f"the error of {block_id!r} is no text")
    return Errors({block_id: text(words) for block_id, words in errors.items()})


def command(answer: Answer) -> Reply | Broken | None:
    """Read the answer to a slash command; None when there is nothing to show."""
    if not answer.ok:
        return Broken(_error_code(answer))
    if not answer.body.strip():
        return None
    if answer.content_type != "application/json":
        return Reply(answer.body.decode("utf-8", "replace"))
    body = parsed(answer.body)
    if not isinstance(body, dict) or content_refusal(body):
        # The wording of this error is not documented; it must be loud.
        return Broken("invalid_command_response")
    blocks = [mapping(block) for block in items(body.get("blocks"))]
    return Reply(text(body.get("text")), blocks, in_channel=body.get("response_type") == "in_channel")


def _error_code(answer: Answer) -> str:
    # What people report seeing: integrations/slack#352, slackapi/bolt-python#951, Netflix/dispatch#495,
    # openpollslack#7 (the wording for 5xx may have changed since).
    if answer.why == "timeout":
        return "operation_timeout"
    if answer.status is None:
        return "dispatch_failed"
    return "http_client_error" if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else "500_service_error"
