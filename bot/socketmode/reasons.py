"""Why there is no connection: what an operator reads, and how long to wait before the next try. Pure."""

from typing import Final

# Slack closes the connection in about 10 s and waits for another: no trouble at all.
ROUTINE: Final = frozenset({"warning", "refresh_requested"})

SLOW: Final = 60.0  # seconds between tries at what only a person can put right
BACKOFF: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds; the last repeats

# Only a person can put these right.
_TOKEN_ERRORS: Final = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
_SWITCHED_OFF: Final = "link_disabled"
CONNECTING: Final = "connecting"
STOPPED: Final = "stopped"
_WORDS: Final = {
    _SWITCHED_OFF: "Socket Mode is switched off for this app: switch it on at api.slack.com/apps",
    "too_many_websockets": "Slack allows an app 10 connections and closed this one: end other processes that "
    "use the same SLACK_APP_TOKEN",
    "silent": "Slack answered no ping on the connection",
    "closed": "the connection broke",
    "no_hello": "Slack accepted the connection and did not greet",
    "unreachable": "Slack could not be reached",
    CONNECTING: "the first connection is being opened",
    STOPPED: "the bot is stopping",
}


def explained(reason: str) -> str:
    """Return a reason in words that say what to do, where there is something to do."""
    if reason in _TOKEN_ERRORS:
        return (
            f"Slack does not accept SLACK_APP_TOKEN ({reason}): make an app-level token with the scope "
            "connections:write (api.slack.com/apps > Basic Information > App-Level Tokens)"
        )
    return _WORDS.get(reason, f"Slack said {reason}")


def needs_a_person(reason: str) -> bool:
    """Whether trying again helps only after somebody has changed something."""
    return reason == _SWITCHED_OFF or reason in _TOKEN_ERRORS


def wait(reason: str, tries: int, share: float) -> float:
    """Return the seconds before the next try, after `tries` that did not last; `share` (0 to 1) is jitter.

    The first try is made at once, so that a connection which held for long is replaced without delay.
    """
    if needs_a_person(reason):
        return SLOW
    if tries == 0:
        return 0.0
    return BACKOFF[min(tries, len(BACKOFF)) - 1] * (0.5 + share / 2)
