"""Which trunk an uncertain create made, if it made one: what may be concluded from what is in the account.

Vobiz says when it made a trunk, and repeats its name; neither proves anything. Its clock may be minutes off
or without a zone, and a name may come back escaped, squeezed, cut or in other letters. So only what was not
there before, in a reading of everything from before the sending, can be called ours without a person; and
only what nothing else new could be instead. Dates and spellings rank what a person is asked about.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Final

from bot.domain.outcome import Thing
from bot.kinds.base import CannotTell, Finding, NotThere, Several, ThisOne, Trace, answered
from bot.kinds.create_trunk.request import Request
from bot.vobiz.trunks import Trunk

SHOWN_MAX: Final = 25  # candidates that a person is asked about
CUT: Final = 100  # characters or bytes from which a name that comes back may be the beginning of ours
# From 300 s on Slack's requests would be stale, so that clocks that are further apart confirm nothing.
LEEWAY: Final = 300_000  # milliseconds
# A reading that is older than this does not say what was there right before the sending: somebody else may
# have made a trunk since.
RECENT: Final = 600_000  # milliseconds
DOMAIN: Final = "SIP domain"
_UNTOLD: Final = frozenset({None, "both"})  # Vobiz's own sample asks for OUTBOUND and shows `both`
_TORN: Final = re.compile(r"&[#\w]{0,8}$")  # an entity that a cut went through


def find(trace: Trace) -> Finding:
    """Conclude what may be concluded."""
    eye = _Eye(trace, Request.model_validate(trace.request))
    new = eye.new()
    if tagged := eye.tagged(new):
        if len(tagged) == 1:
            return ThisOne(thing(tagged[0]), "it bears the reference of the request")
        return Several(tuple(thing(trunk) for trunk in tagged[:SHOWN_MAX]))
    candidates = sorted(filter(eye.candidate, new), key=eye.rank)
    if not candidates:
        return NotThere() if trace.now.whole else CannotTell()
    first = candidates[0]
    if len(candidates) == 1 and trace.now.whole and eye.saw_all_lately and eye.fits(first):
        return ThisOne(thing(first), "the only new one, with this name, direction and limit")
    return Several(tuple(thing(trunk) for trunk in candidates[:SHOWN_MAX]))


def late(trace: Trace) -> tuple[Thing, ...]:
    """Return what turned up after the operation had ended, and may be what it made.

    Trunks of this direction and limit go on being made: one of another name also has to be dated like ours.
    """
    eye = _Eye(trace, Request.model_validate(trace.request))
    new = eye.new()
    things = eye.tagged(new) or sorted(filter(eye.late, filter(eye.candidate, new)), key=eye.rank)
    return tuple(thing(trunk) for trunk in things[:SHOWN_MAX])


def thing(trunk: Trunk) -> Thing:
    """Keep a trunk as the record that a step made, or may have made."""
    needed = ((DOMAIN, trunk.domain), ("direction", trunk.direction), ("concurrent calls", trunk.calls))
    missing = tuple(name for name, value in needed if value is None)
    return Thing(id=trunk.id, data=trunk.model_dump(mode="json", exclude_none=True), awaited=missing)


def completed(before: Thing, now: Trunk) -> Thing:
    """Add what was not stated before; what was answered stays as it was answered."""
    known = {**now.model_dump(mode="json", exclude_none=True), **before.data, "id": before.id}
    return thing(Trunk.model_validate(known))


def alike(asked: str, got: str) -> bool:
    """Tell whether a name that came back may be the one that was asked for."""
    wanted = spelt(asked)
    if spelt(got) == wanted:
        return True
    if len(got.encode(errors="replace")) < CUT:
        return False
    # The last character may be half of one.
    return wanted.startswith(spelt(_TORN.sub("", got)[:-1]))


@lru_cache(maxsize=1024)  # one name is compared with those of thousands of trunks
def spelt(name: str) -> str:
    """Write a name so that all of its spellings are the same: entities, case, compositions, spaces."""
    if name.isascii() and "&" not in name:
        return " ".join(name.lower().split())
    text = unicodedata.normalize("NFKC", html.unescape(html.unescape(name)))
    text = unicodedata.normalize("NFKC", text.casefold())
    seen = "".join(ch for ch in text if unicodedata.category(ch) != "Cf")
    return " ".join(seen.split())


@dataclass(frozen=True, slots=True)
class _Eye:
    """How one create looks at trunks."""

    trace: Trace
    request: Request

    @property
    def saw_all_before(self) -> bool:
        return self.trace.before is not None and self.trace.before.whole

    @property
    def saw_all_lately(self) -> bool:
        before, sent = self.trace.before, self.trace.step.sent_at
        return before is not None and before.whole and sent is not None and sent - before.taken_at <= RECENT

    def new(self) -> list[Trunk]:
        """Return what was not seen before, and is no other step's or operation's."""
        trace = self.trace
        made = {step.thing.id.casefold() for step in trace.done if step.thing is not None}
        known = made | trace.owned | (trace.before.ids if trace.before is not None else frozenset())
        return [trunk for trunk in trace.now.trunks if trunk.id.casefold() not in known]

    def tagged(self, new: list[Trunk]) -> list[Trunk]:
        """Return what bears the tag, which names the operation: it was not there before it."""
        tag = self.trace.tag
        return [] if tag is None else [trunk for trunk in new if trunk.description == tag]

    def candidate(self, trunk: Trunk) -> bool:
        """Whether a person has to see it before anything is sent again."""
        if self._named(trunk) or trunk.id.casefold() == answered(self.trace.step):
            return True
        direction = trunk.direction in {self.request.direction, *_UNTOLD}
        if not direction or trunk.calls not in {self.request.calls, None}:
            return False
        # Without a reading of everything from before, only its date can say that it is not old.
        return self.saw_all_before or self._distance(trunk) is not None

    def fits(self, trunk: Trunk) -> bool:
        """Whether it is what was asked for, in whatever spelling."""
        asked = self.request
        return self._named(trunk) and (trunk.direction, trunk.calls) == (asked.direction, asked.calls)

    def late(self, trunk: Trunk) -> bool:
        """Whether its name or its date is as ours would be, as far as they are stated."""
        if trunk.name is None or trunk.created_at is None or self._named(trunk):
            return True
        distance = self._distance(trunk)
        return distance is not None and distance <= LEEWAY

    def rank(self, trunk: Trunk) -> tuple[bool, bool, bool, float]:
        """Order candidates, the likeliest first."""
        distance = self._distance(trunk)
        return not self.fits(trunk), not self._named(trunk), distance is None, distance or 0

    def _named(self, trunk: Trunk) -> bool:
        return trunk.name is not None and alike(self.request.name, trunk.name)

    def _distance(self, trunk: Trunk) -> float | None:
        """Return how far from the sending it is dated (ms); None if it is not, or from before it."""
        sent = self.trace.step.sent_at
        if trunk.created_at is None or sent is None:
            return None
        dated = trunk.created_at if trunk.created_at.tzinfo else trunk.created_at.replace(tzinfo=UTC)
        after = dated.timestamp() * 1000 - sent - (self.trace.now.ahead or 0)
        return abs(after) if after >= -LEEWAY else None
