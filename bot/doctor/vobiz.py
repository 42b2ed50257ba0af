"""Judging what Vobiz said of the credentials and the account, and the clock by all answers. Pure."""

from datetime import datetime
from types import MappingProxyType
from typing import Final

from bot.doctor.probe_answers import Account, Heard, Silence, Slack
from bot.domain.check import Check, Verdict, not_checked, quoted
from bot.vobiz.client import Ready, Refused, Unreachable
from bot.vobiz.errors import read_date

CREDENTIALS: Final = "Vobiz credentials"
ACCOUNT: Final = "Vobiz account"
CLOCK: Final = "clock"
CLOCK_WARN: Final = 60.0  # seconds; `Date` has whole ones, and an answer takes a few
CLOCK_FAIL: Final = 240.0  # seconds; at 300 every request of Slack's is refused as stale

_NETWORK: Final = "Check the network and VOBIZ_API_URL; if both are well, Vobiz is away."
_SET: Final = "Set this machine's clock (NTP): over HTTP every request of Slack's is refused from 300 s."
_COPY: Final = "Copy VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN again from console.vobiz.ai."
# The reasons of `bot.vobiz.outcome` that are common.
_REASONS: Final = MappingProxyType(
    {
        **dict.fromkeys(("connect", "connect_timeout"), "cannot be reached"),
        "timeout": "did not answer in time",
        "unreadable": "answered with something that is not its own",
    }
)


def vobiz_checks(said: Account | Silence | None, auth_id: str, max_calls: int) -> tuple[Check, Check]:
    """Judge credentials and account by `auth/me`; `max_calls` is TRUNK_MAX_CALLS."""
    unknown = Check(ACCOUNT, Verdict.UNKNOWN, "not checked: it takes credentials that work")
    if said is None:
        return not_checked(CREDENTIALS), unknown
    if isinstance(said, Silence):
        return Check(CREDENTIALS, Verdict.FAILURE, f"Vobiz {said.reason}", _NETWORK), unknown
    match said.answer:
        case Ready() as ready:
            name = f"{quoted(ready.name)} ({ready.auth_id})" if ready.name else ready.auth_id
            return Check(CREDENTIALS, Verdict.OK, f"they are those of {name}"), _account(ready, max_calls)
        case Unreachable(reason):
            why = _REASONS.get(reason, f"did not answer as it should ({reason.replace('_', ' ')})")
            return Check(CREDENTIALS, Verdict.FAILURE, f"Vobiz {why}", _NETWORK), unknown
        case Refused(owner=str(owner)):
            found = f"they are those of {quoted(owner)}, not of VOBIZ_AUTH_ID {auth_id}"
        case Refused(refusal):
            words = f"{quoted(refusal.message, 120)} (HTTP {refusal.status})" if refusal else "refused"
            found = f"Vobiz refuses them: {words}"
    return Check(CREDENTIALS, Verdict.FAILURE, found, _COPY), unknown


def _account(ready: Ready, max_calls: int) -> Check:
    if ready.active is False:
        return Check(
            ACCOUNT, Verdict.FAILURE, "it is not active, so creates are refused", "Ask Vobiz to activate it."
        )
    found = ["active" if ready.active else "Vobiz did not say whether it is active"]
    todo = []
    if ready.trial:
        found.append("a trial account")
        todo.append("Upgrade it before real traffic.")
    if ready.ceiling is None:
        found.append("Vobiz did not say how many concurrent calls it may have")
    else:
        found.append(f"at most {ready.ceiling} concurrent calls in all")
        if max_calls > ready.ceiling:
            found.append(f"TRUNK_MAX_CALLS lets one trunk have {max_calls}")
            todo.append(
                f"Set TRUNK_MAX_CALLS to {ready.ceiling} or less, or have the account's limit raised."
            )
    verdict = Verdict.UNKNOWN if ready.active is None else Verdict.OK
    return Check(ACCOUNT, Verdict.WARNING if todo else verdict, "; ".join(found), " ".join(todo))


def clock_check(slack: Slack, vobiz: Account | Silence | None) -> Check:
    """Compare our clock with Slack's, which counts, and with Vobiz's, which counts when Slack is silent."""
    ahead = {
        "Slack": _ahead(read_date(slack.headers), slack.at) if isinstance(slack, Heard) else None,
        "Vobiz": _ahead(_now(vobiz), vobiz.at) if isinstance(vobiz, Account) else None,
    }
    known = {name: seconds for name, seconds in ahead.items() if seconds is not None}
    if not known:
        return Check(CLOCK, Verdict.UNKNOWN, "not checked: no answer said what time it is")
    judge, off = next(iter(known.items()))
    others = "; ".join(_words(name, seconds) for name, seconds in known.items())
    if abs(off) > CLOCK_WARN:
        return Check(CLOCK, Verdict.FAILURE if abs(off) > CLOCK_FAIL else Verdict.WARNING, others, _SET)
    if any(abs(seconds) > CLOCK_WARN for seconds in known.values()):
        # The judge agrees with us, so it is the other's that is wrong.
        return Check(CLOCK, Verdict.WARNING, others, f"{judge} agrees with this machine: tell Vobiz.")
    return Check(CLOCK, Verdict.OK, f"agrees with that of {' and '.join(known)}")


def _now(account: Account) -> datetime | None:
    return account.answer.now if isinstance(account.answer, Ready | Refused) else None


def _ahead(theirs: datetime | None, ours: float) -> float | None:
    return None if theirs is None else ours - theirs.timestamp()


def _words(whose: str, ahead: float) -> str:
    if abs(ahead) <= CLOCK_WARN:
        return f"this machine's clock agrees with {whose}'s"
    way = "ahead of" if ahead > 0 else "behind"
    return f"this machine's clock is {abs(ahead):.0f} s {way} {whose}'s"
