"""Slack's error codes, by what follows from them (docs.slack.dev, the errors of each method)."""

from typing import Final

# Slack refuses the token itself, whatever is called.
REFUSED: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
# Nothing was carried out: the bot is too fast.
TOO_FAST: Final = frozenset({"ratelimited", "rate_limited"})
# What time may cure. All but `TOO_FAST` may have been carried out, the first two of them without a word.
PASSING: Final = TOO_FAST | {
    "unreachable",
    "unreadable",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}
# The blocks were refused: the text alone may pass.
UNFIT: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
# The bot is no member of the channel, or cannot see it.
UNINVITED: Final = frozenset({"not_in_channel", "channel_not_found"})
