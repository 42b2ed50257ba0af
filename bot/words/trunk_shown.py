"""What `/trunk show` says of one trunk: how it is, what it points to, what was changed, what can be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Act, Button, Fact, Item, Report, Tone
from bot.blockkit.text import Code, Line, Person, Piece, Said, plain
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.kinds.registry import Kinds
from bot.kinds.trunks.kind import pick_line
from bot.kinds.trunks.lost import ATTACHED, attached_to, numbers_of
from bot.kinds.trunks.record import LABELS, compact, label, valued
from bot.kinds.trunks.words import outside_lines
from bot.kinds.wording import first_up
from bot.proof.checklist import Checklist
from bot.vobiz.details import Changed, Detail
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.words.checks import compact_lines
from bot.words.phrases import HEAD_MAX

_CHANGES: Final = 5  # of the last ones
_NUMBERS: Final = 5
_CHOICES: Final = 10  # of trunks that may be meant
_SETTINGS: Final = ("direction", "calls", "cps", "transport", "secure", "on", "description")
_TYPED: Final = 80


@dataclass(frozen=True, slots=True)
class Shown:
    """One trunk with what was read beside it, and what the bot's record knows of it, newest first.

    `found` is how ready it is, as far as what was read says.
    """

    detail: Detail
    now: Snapshot
    parts: frozenset[Part]
    ops: Sequence[Operation]
    since: int | None = None
    changes: tuple[Changed, ...] = ()
    found: Checklist | None = None


def trunk_message(shown: Shown, kinds: Kinds, command: str) -> Message:
    """Show a trunk, with a button for each change of it."""
    trunk, fields = shown.detail.trunk, compact(shown.detail.fields)
    warnings = outside_lines(shown.since, shown.changes) if shown.since is not None else ()
    facts = [
        Fact("Trunk ID", (Code(trunk.id),)),
        *((Fact("SIP domain", (Code(trunk.domain),)),) if trunk.domain else ()),
        *(Fact(first_up(LABELS[key]), (valued(key, fields.get(key)),)) for key in _SETTINGS if key in fields),
        *_attached(shown),
        *_numbers(shown),
    ]
    items = tuple(Item(_operation(op, kinds)) for op in shown.ops[:_CHANGES])
    told = Report(
        Tone.WARNING if warnings else Tone.INFO,
        ("SIP trunk “", Said(trunk.name, HEAD_MAX), "”") if trunk.name else ("SIP trunk without a name",),
        _name(trunk.name or ""),
        warnings=tuple(warnings),
        facts=tuple(facts),
        checks=()
        if shown.found is None
        else compact_lines(
            shown.found, trunk.id, command, "From what I read here, ", kinds.pending(shown.ops)
        ),
        items=items,
        buttons=_buttons(trunk, fields, kinds),
    )
    if items:
        return lay_out(told)
    return lay_out(replace(told, body=(*told.body, ("Nobody has changed it through this bot.",))))


def choose_trunk_message(trunks: Sequence[Trunk], typed: str, act: Act, *, fits: int, whole: bool) -> Message:
    """Say that it is not clear which trunk is meant, with a button for each that may be."""
    text = plain(typed, _TYPED)
    head: Line
    if not trunks:
        head, first = ("No trunk “", Said(text), "”"), ("No trunk has this name, ID or SIP domain.",)
    elif fits == 0:
        head, first = ("No trunk “", Said(text), "”"), ("Did you mean one of these?",)
    else:
        head, first = ("Which trunk is “", Said(text), "”?"), (f"It may be any of these {len(trunks)}.",)
    body: list[Line] = [first]
    if not whole:
        body.append(("I could not read all trunks: there may be others.",))
    label = "Test" if act is Act.TEST_TRUNK else "Show"
    items = tuple(Item(pick_line(trunk), Button(act, label, trunk.id)) for trunk in trunks[:_CHOICES])
    return lay_out(Report(Tone.INFO, head, tuple(body), items=items))


def no_trunk_message(identity: str, account: str) -> Message:
    """Say that there is no trunk of an id."""
    gone: Line = ("There is no trunk ", Code(identity), " in the account ", Code(account), ".")
    why: Line = ("It was deleted, or is in another account.",)
    return lay_out(Report(Tone.ERROR, ("No such trunk",), (gone, why)))


def unreadable_trunk_message() -> Message:
    """Say that a trunk could not be read."""
    body: Line = ("Vobiz did not answer, or not with a trunk. Nothing was changed. Try again in a moment.",)
    return lay_out(Report(Tone.ERROR, ("I could not read the trunk",), (body,)))


def _name(name: str) -> tuple[Line, ...]:
    """Give the name in full where the headline cuts it."""
    return ((Said(name, 300),),) if len(name) > HEAD_MAX else ()


def _attached(shown: Shown) -> Iterator[Fact]:
    for field, identity in attached_to(shown.detail.trunk).items():
        part = ATTACHED[field]
        listed = shown.now.part(part)
        item = next((one for one in listed.items if one.id.casefold() == identity.casefold()), None)
        said: list[Piece] = [Code(identity)]
        if item is not None:
            off = " (disabled)" if item.enabled is False else ""
            said = [Said(item.text, 120), f"{off}, ", *said]
        elif part not in shown.parts:
            said.append(", not read")
        else:
            said.append(", not in the account's list" if listed.whole else ", could not be read")
        yield Fact(first_up(label(field)), tuple(said))


def _numbers(shown: Shown) -> Iterator[Fact]:
    if Part.NUMBERS not in shown.parts:
        return
    listed = shown.now.part(Part.NUMBERS)
    numbers = numbers_of(shown.detail.trunk.id, shown.now)
    said: list[Piece] = []
    for number in numbers[:_NUMBERS]:
        said += [", ", Code(number)] if said else [Code(number)]
    if len(numbers) > _NUMBERS:
        said.append(f" and {len(numbers) - _NUMBERS} more")
    if not listed.whole:
        said.append("; the list could not be read to its end" if said else "could not be read")
    yield Fact("Phone numbers", tuple(said) or ("none",))


def _operation(op: Operation, kinds: Kinds) -> Line:
    words = kinds.words(op)
    when = datetime.fromtimestamp(op.updated_at / 1000, UTC)
    standing = words.standing(op.standing)
    return (Code(op.ref), f" {words.act}: {standing}, ", Person(op.requester), f", {when:%Y-%m-%d %H:%M} UTC")


def _buttons(trunk: Trunk, fields: Data, kinds: Kinds) -> tuple[Button, ...]:
    changes = (
        Button(
            f"{Act.CHANGE}.{kind.action}",
            f"{kind.words.button or first_up(kind.verb)}…",
            f"{kind.name} {trunk.id}",
            danger=kind.grave,
        )
        for kind in kinds
        if kind.guarded and kind.verb and kind.offered(fields)
    )
    return Button(Act.TEST_TRUNK, "Test", trunk.id), *changes
