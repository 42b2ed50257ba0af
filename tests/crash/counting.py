"""Counts what went wrong, by what the sandbox knows and the bot does not. Pure.

Trunks, POSTs and requests are compared by name: the rig gives one name to one request, or to those few that
must not be in flight together.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.crash.reading import Ending, Place, Saying

_NOTHING: Final = frozenset({Ending.REFUSED, Ending.NOT_SENT, Ending.DENIED})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is left of a run.

    `own` are the references that people were told as theirs, with the name they asked for; `merged` those
    that they were told as somebody else's. `messages` is what stands in Slack at the end, and `spoken`
    everything that was ever shown. Of those messages `lasting` are all that a bot may edit, and `known` those
    of which this bot's ledger says where they are. `statuses` is what `/trunk status` says at the end, None
    for a bot that has no such command. `resends` are (reference, POSTs before) of each decision to send
    again. `lost` are the questions (reference, which message) that may be in Slack, as the ledger says,
    without the bot knowing where: Slack did not confirm them, and there was nothing to ask any more after.
    """

    own: Mapping[str, str]
    merged: Mapping[str, str]
    messages: Sequence[Saying]
    spoken: Sequence[Saying]
    trunks: Mapping[str, str]
    posts: Sequence[str]
    resends: frozenset[tuple[str, int]] = frozenset()
    statuses: Mapping[str, Saying] | None = None
    lasting: Sequence[Saying] = ()
    known: Sequence[Saying] = ()
    lost: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class Faults:
    """What went wrong, a line for each case: the counts are the lengths."""

    twice: list[str] = field(default_factory=list)
    sent_twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    said_twice: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)


def count(seen: Evidence) -> Faults:
    """Compare what people were told with what there is."""
    faults = Faults()
    named = {said.ref: said.name for said in seen.spoken if said.ref and said.name}
    names = named | dict(seen.merged) | dict(seen.own)
    endings = _endings(seen.messages)
    _made(seen, names, endings, faults)
    _told(seen, names, endings, faults)
    _claims(seen, names, faults)
    _stale(seen, endings, faults)
    return faults


def _endings(messages: Sequence[Saying]) -> dict[str, list[Saying]]:
    found: dict[str, list[Saying]] = defaultdict(list)
    for said in messages:
        if said.ref and said.ending:
            found[said.ref].append(said)
    return found


def _made(
    seen: Evidence, names: Mapping[str, str], endings: Mapping[str, list[Saying]], faults: Faults
) -> None:
    asked, may = Counter(names.values()), Counter(names.values())
    for ref, name in names.items():
        told = {said.ending for said in endings.get(ref, ())}
        may[name] -= bool(told & _NOTHING)
        asked[name] -= Ending.DENIED in told  # nobody wanted that one to be sent
    resent = Counter(names[ref] for ref, _ in seen.resends if ref in names)
    made, posted = Counter(seen.trunks.values()), Counter(seen.posts)
    for name, trunks in made.items():
        faults.twice += [f"{name}: {trunks} trunks for {may[name]} requests"] * max(0, trunks - may[name])
    for name, posts in posted.items():
        allowed = asked[name] + resent[name]
        faults.sent_twice += [f"{name}: {posts} POSTs, {allowed} wanted"] * max(0, posts - allowed)


def _told(
    seen: Evidence, names: Mapping[str, str], endings: Mapping[str, list[Saying]], faults: Faults
) -> None:
    for ref, name in names.items():
        told = endings.get(ref, [])
        status = None if seen.statuses is None else seen.statuses.get(ref)
        known = status is not None and status.ending is not None
        if not told:
            (faults.silent if known else faults.lost).append(f"{ref} {name}")
        elif status is not None and (status.ending, status.trunk) != (told[-1].ending, told[-1].trunk):
            faults.untrue.append(f"{ref} {name}: status says {status.ending}, the message {told[-1].ending}")
        plain = [said for said in told if not (said.repeat or said.awaits or said.renewed)]
        faults.said_twice += [f"{ref} {name}: {len(plain)} final messages"] * max(0, len(plain) - 1)
        settled = [said for said in seen.messages if (said.ref, said.place) == (ref, Place.SETTLED)]
        faults.said_twice += [f"{ref} {name}: settled {len(settled)} times"] * max(0, len(settled) - 1)


def _claims(seen: Evidence, names: Mapping[str, str], faults: Faults) -> None:
    pairs = {(said.ref, said.trunk) for said in seen.spoken if said.ref and said.trunk}
    for ref, trunk in pairs:
        if seen.trunks.get(trunk) != names.get(ref):
            faults.untrue.append(f"{ref}: {trunk} is not a trunk of {names.get(ref)}")
    for position in (0, 1):
        several = Counter(pair[position] for pair in pairs)
        faults.untrue += [f"{one}: {times} belong to it" for one, times in several.items() if times > 1]
    claimed = {trunk for _, trunk in pairs}
    unclaimed = {trunk: name for trunk, name in seen.trunks.items() if trunk not in claimed}
    for ref in {said.ref for said in seen.spoken if said.ref and said.nothing}:
        if names.get(ref) in unclaimed.values():
            faults.untrue.append(f"{ref}: “nothing was created”, yet there is a trunk of {names.get(ref)}")
    for said in seen.spoken:
        if said.ending is Ending.CREATED and said.trunk is None:
            faults.untrue.append(f"{said.ref}: created, without a trunk")
        if said.name and names.get(said.ref or "", said.name) != said.name:
            faults.untrue.append(f"{said.ref}: told as {said.name}, is {names[said.ref or '']}")
    reported = {trunk for said in seen.spoken for trunk in said.twins}
    faults.orphans += [f"{trunk} {name}" for trunk, name in unclaimed.items() if trunk not in reported]


def _stale(seen: Evidence, endings: Mapping[str, list[Saying]], faults: Faults) -> None:
    """Find messages that still speak of an operation as it was before it ended.

    A message of which the bot never learned that it is there cannot be edited: then there is another one,
    which said that it may be there twice, unless it was a question that was not to be asked again.
    """
    again = {(said.ref, said.place) for said in seen.spoken if said.repeat} | seen.lost
    lasting = [said for said in seen.lasting if (said.ref, said.place) not in again]
    for said in (*seen.known, *lasting):
        if said.open and endings.get(said.ref or ""):
            faults.untrue.append(f"{said.ref}: a message ({said.place}) says that it has not ended")
