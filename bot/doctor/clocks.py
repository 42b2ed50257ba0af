"""Judging this machine's clock by the `Date` of Slack's and Vobiz's answers. Pure."""

from datetime import datetime
from typing import Final

from bot.doctor.probe_answers import Account, Heard, Silence, Slack
from bot.domain.check import Check, Verdict
from bot.vobiz.client import Ready, Refused
from bot.vobiz.errors import read_date

NAME: Final = "clock"
WARN: Final = 60.0  # seconds; `Date` has whole ones, and an answer takes a few
FAIL: Final = 240.0  # seconds; at 300 every request of Slack's is refused as stale

_SET: Final = "Set this machine's clock (NTP): over HTTP every request of Slack's is refused from 300 s."


def clock_check(slack: Slack, vobiz: Account | Silence | None) -> Check:
    """Compare our clock with Slack's, which counts, and with Vobiz's, which counts when Slack is silent."""
    ahead = {
        "Slack": _ahead(read_date(slack.headers), slack.at) if isinstance(slack, Heard) else None,
        "Vobiz": _ahead(_now(vobiz), vobiz.at) if isinstance(vobiz, Account) else None,
    }
    known = {name: seconds for name, seconds in ahead.items() if seconds is not None}
    if not known:
        return Check(NAME, Verdict.UNKNOWN, "not checked: no answer said what time it is")
    judge, off = next(iter(known.items()))
    others = "; ".join(_words(name, seconds) for name, seconds in known.items())
    if abs(off) > WARN:
        return Check(NAME, Verdict.FAILURE if abs(off) > FAIL else Verdict.WARNING, others, _SET)
    if any(abs(seconds) > WARN for seconds in known.values()):
        # The judge agrees with us, so it is the other's that is wrong.
        return Check(NAME, Verdict.WARNING, others, f"{judge} agrees with this machine: tell Vobiz.")
    return Check(NAME, Verdict.OK, f"agrees with that of {' and '.join(known)}")


def _now(account: Account) -> datetime | None:
    return account.answer.now if isinstance(account.answer, Ready | Refused) else None


def _ahead(theirs: datetime | None, ours: float) -> float | None:
    return None if theirs is None else ours - theirs.timestamp()


def _words(whose: str, ahead: float) -> str:
    if abs(ahead) <= WARN:
        return f"this machine's clock agrees with {whose}'s"
    way = "ahead of" if ahead > 0 else "behind"
    return f"this machine's clock is {abs(ahead):.0f} s {way} {whose}'s"
