"""Judging what Slack said: the bot token and its scopes, the app token, a user group, the channel. Pure."""

from types import MappingProxyType
from typing import Final

from bot.doctor.probe_answers import Heard, Silence, Slack
from bot.domain.check import Check, Verdict, listed, not_checked, quoted
from bot.slack.manifest import SCOPES

TOKEN: Final = "bot token"  # noqa: S105 - a check's name
APP: Final = "app token"
CHANNEL: Final = "approvals channel"

_NETWORK: Final = "Check the network and SLACK_API_URL."
_INSTALL: Final = (
    "Update the app's manifest (python -m bot manifest), then reinstall the app to the workspace."
)
_BAD_TOKENS: Final = MappingProxyType(
    {
        "invalid_auth": "Slack does not know the token",
        "not_authed": "Slack does not know the token",
        "token_revoked": "the token was revoked",
        "token_expired": "the token has expired",
        "account_inactive": "the app was removed from the workspace, or its bot was deactivated",
        "not_allowed_token_type": "this is another kind of token",
    }
)


def token_check(answer: Slack) -> Check:
    """Judge the bot token by auth.test."""
    trouble = _trouble(TOKEN, answer)
    if trouble is not None:
        return trouble
    if not isinstance(answer, Heard) or answer.error is not None:
        return _refused_token(TOKEN, answer, "Copy SLACK_BOT_TOKEN again from OAuth & Permissions.")
    body = answer.body
    team = quoted(str(body.get("team", "")))
    return Check(
        TOKEN, Verdict.OK, f"workspace {team} ({quoted(str(body.get('team_id')))}), bot user "
        f"{quoted(str(body.get('user_id')))}"
    )  # fmt: skip


def scopes_check(answer: Slack) -> Check:
    """Compare the scopes that Slack granted with those of the manifest."""
    name = "scopes"
    given = answer.headers.get("x-oauth-scopes") if isinstance(answer, Heard) else None
    if given is None or not isinstance(answer, Heard) or answer.error is not None:
        return Check(name, Verdict.UNKNOWN, "not checked: Slack names them only for a token that works")
    granted = {word.strip() for word in given.split(",") if word.strip()}
    missing = [scope for scope in SCOPES if scope not in granted]
    if missing:
        return Check(name, Verdict.FAILURE, f"not granted: {listed(missing)}", _INSTALL)
    more = listed(quoted(scope, 40) for scope in sorted(granted - set(SCOPES)))
    beyond = f"; not needed: {quoted(more, 200)}" if more else ""
    return Check(name, Verdict.OK, f"all of the manifest's are granted{beyond}")


def app_check(answer: Slack, *, configured: bool) -> Check:
    """Judge the app token by apps.connections.open; without one Slack sends over HTTP."""
    if not configured:
        return Check(APP, Verdict.OK, "not set, so Slack sends over HTTP")
    trouble = _trouble(APP, answer)
    if trouble is not None:
        return trouble
    if not isinstance(answer, Heard) or answer.error is not None:
        todo = "Make an app-level token with the scope connections:write (Basic Information)."
        return _refused_token(APP, answer, todo)
    return Check(APP, Verdict.OK, "opens a connection (Socket Mode)")


def channel_check(channel: str | None, answer: Slack) -> Check:
    """Say what chat.getPermalink gives away of the approvals channel.

    It needs no scope and writes nothing: asked for a message that cannot exist, it tells an unknown or
    hidden channel from a visible one. Whether the bot may post there only conversations.info would tell,
    for channels:read and groups:read: the right to list the workspace's channels, for one line here.
    """
    if channel is None:
        return Check(CHANNEL, Verdict.OK, "not set: approvals are requested in the channel of the request")
    trouble = _trouble(CHANNEL, answer)
    if trouble is not None:
        return trouble
    error = answer.error if isinstance(answer, Heard) else None
    if error == "channel_not_found":
        return Check(
            CHANNEL,
            Verdict.FAILURE,
            f"the bot sees no channel {channel}: there is none, or it is private and the bot is not in it",
            "Correct TRUNK_APPROVALS_CHANNEL, or invite the bot there (/invite).",
        )
    if error == "message_not_found":
        return Check(
            CHANNEL,
            Verdict.UNKNOWN,
            f"{channel} is there; whether the bot may post in it is not checked, as that takes more scopes",
            "Make sure that the bot was invited (/invite).",
        )
    return Check(CHANNEL, Verdict.UNKNOWN, f"not checked: Slack answered {error or 'something else'}")


_GROUP_ERRORS: Final = MappingProxyType(
    {
        "no_such_subteam": ("Slack knows no such user group", "Correct its id in {settings}."),
        "missing_scope": ("it cannot be read without the scope usergroups:read", _INSTALL),
        "plan_upgrade_required": (
            "user groups need a paid Slack plan",
            "Name people by their ids in {settings}.",
        ),
    }
)


def group_check(group: str, settings: str, answer: Slack, *, moot: bool = False) -> Check:
    """Judge a user group by usergroups.users.list; `settings` are the variables that name it.

    `moot`: its members may do as much without it, because everyone may.
    """
    name = f"group {group}"
    trouble = _trouble(name, answer)
    if trouble is not None:
        return trouble
    users = members(answer)
    if users is None:
        error = (answer.error if isinstance(answer, Heard) else None) or "unreadable"
        unexpected = (f"it could not be read: {error}", "Check again in a minute, and {settings}.")
        found, todo = _GROUP_ERRORS.get(error, unexpected)
        verdict = Verdict.WARNING if moot else Verdict.FAILURE
        result = (
            "nobody is refused for it, as everyone may"
            if moot
            else "its members are refused an hour after Slack last named them"
        )
        return Check(name, verdict, f"{found}; {result}", todo.format(settings=settings))
    if not users:
        return Check(name, Verdict.WARNING, "has no members", f"Add people to it in Slack ({settings}).")
    return Check(name, Verdict.OK, "1 member" if len(users) == 1 else f"{len(users)} members")


def members(answer: Slack) -> frozenset[str] | None:
    """Read a group's members, or None where Slack did not say."""
    users = answer.body.get("users") if isinstance(answer, Heard) and answer.error is None else None
    return frozenset(map(str, users)) if isinstance(users, list) else None


def _trouble(name: str, answer: Slack) -> Check | None:
    match answer:
        case None:
            return not_checked(name)
        case Silence(reason):
            return Check(name, Verdict.FAILURE, f"Slack {reason}", _NETWORK)
        case Heard(error="ratelimited"):
            return Check(name, Verdict.UNKNOWN, "not checked: Slack limits how often this may be asked")
        case Heard(error="invalid_auth" | "token_revoked" | "account_inactive") if name not in {TOKEN, APP}:
            return Check(name, Verdict.UNKNOWN, "not checked: it takes a bot token that works")
        case _:
            return None


def _refused_token(name: str, answer: Slack, todo: str) -> Check:
    error = answer.error if isinstance(answer, Heard) else None
    return Check(name, Verdict.FAILURE, _BAD_TOKENS.get(error or "", f"Slack refuses it: {error}"), todo)
