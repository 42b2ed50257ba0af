"""What `audit verify` says of what it found, and the exit code that goes with it. Pure."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Final

from bot.audit.verify import Findings
from bot.audit.writing import visible, written
from bot.store.chain import Broken, Misfit, Trail
from bot.store.keys import Keys

WHOLE: Final = 0
BROKEN: Final = 1
UNCHECKED: Final = 2  # what could be checked fits, and not all could be

_WHY: Final = MappingProxyType(
    {
        Misfit.CONTENT: "It does not fit its own hash: it was changed.",
        Misfit.ORDER: "It does not follow the event before it: one was removed, added, changed or moved.",
        Misfit.SEAL: "Its seal is not one of the key that it names: it was written without the key.",
        Misfit.UNSEALED: "It is not sealed, and events before it are: it was written without the key.",
        Misfit.FOREIGN: (
            "It is sealed with a key that TRUNK_AUDIT_KEY does not hold, nor did when the events before it "
            "were sealed: it was written without the key, or the newest key is missing here."
        ),
    }
)
_MISSING: Final = (
    "None of the {count} events has the hash {head}.\n"
    "  The record's end was cut off or written anew after that head was printed, or it is the head of "
    "another record, or mistyped."
)
_LOOSE: Final = (
    "The database does not refuse to change events any more: its triggers are gone or switched off "
    "(docs/record.md)."
)
_UNSEALED: Final = (
    "None of the {count} events is sealed with TRUNK_AUDIT_KEY.\n"
    "  A bot that has the key writes a sealed event when it starts: either none was started with it yet, or "
    "the record was written anew without it."
)


def report(findings: Findings, keys: Keys, head: str | None) -> tuple[str, int]:
    """Return the text, which ends with a line break, and the exit code."""
    trail = findings.trail
    wrong = [*_broken(trail)]
    if not findings.known:
        wrong += _MISSING.format(count=trail.count, head=head).split("\n")
    if keys.ids and not trail.proven:
        wrong += _UNSEALED.format(count=trail.count).split("\n")
    wrong += _different(findings)
    loose = () if findings.guarded else (_LOOSE,)
    if wrong:
        return _written((*wrong, *loose)), BROKEN
    open_, lines = _sealed(trail, keys)
    first = f"The record is whole: {trail.count} events, head {trail.head}"
    if open_:
        first = f"The record's {trail.count} events fit together, head {trail.head}"
    same = f"The rows of {findings.operations} operations are as their events left them."
    return _written((first, *lines, same, *loose)), UNCHECKED if open_ else WHOLE


def _written(lines: Iterable[str]) -> str:
    return "".join(f"{visible(line)}\n" for line in lines)


def _broken(trail: Trail) -> Iterator[str]:
    for broken in trail.broken:
        yield f"The record is broken at {_event(broken)}. {_WHY[broken.misfit]}"
        if broken.expected is not None:
            found = broken.link.previous if broken.misfit is Misfit.ORDER else broken.link.hash
            yield f"  expected {broken.expected}"
            yield f"  found    {found}"
    if trail.misfits:
        more = trail.misfits - len(trail.broken)
        after = f" {more} more do not fit." if more else ""
        yield f"The other {trail.count - trail.misfits} of {trail.count} events fit.{after}"


def _event(broken: Broken) -> str:
    link = broken.link
    whose = f"of operation {link.operation}" if link.operation else "of no operation"
    return f"event {link.id} ({link.kind}, {whose})"


def _different(findings: Findings) -> Iterator[str]:
    if not findings.different:
        return
    yield f"{findings.different} times the tables do not fit what the events say:"
    yield from (f"  {line}" for line in findings.told)
    if more := findings.different - len(findings.told):
        yield f"  … and {more} more"


def _sealed(trail: Trail, keys: Keys) -> tuple[bool, list[str]]:
    """Say who vouches for the events; whether some seals could not be checked."""
    sealed = {key: stretch for key, stretch in trail.stretches.items() if key is not None}
    if not sealed:
        alone = "whoever may write to the database could have written all of it"
        return False, [f"It is not sealed (TRUNK_AUDIT_KEY is not set): {alone}."]
    lines = []
    if None in trail.stretches:
        begins = min(sealed.values(), key=lambda stretch: stretch.first)
        lines.append(
            f"Its first {trail.stretches[None].count} events are not sealed; since event {begins.first} "
            f"({_time(begins.at)}) nobody without the key could change them."
        )
    for key, stretch in sealed.items():
        known = "" if key in keys.ids else ", which TRUNK_AUDIT_KEY does not hold"
        lines.append(
            f"{stretch.count} events from event {stretch.first} ({_time(stretch.at)}) on are sealed with the "
            f"key {key}{known}."
        )
    unproven = trail.count - trail.proven
    if unproven:
        lines.append(
            f"The seals of the last {unproven} events could not be checked: set TRUNK_AUDIT_KEY to their key."
        )
    return unproven > 0, lines


def _time(at: object) -> str:
    return written(at, "minutes").replace("T", " ").removesuffix("+00:00") + " UTC"
