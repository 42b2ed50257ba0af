"""What is said of every change of a trunk that exists."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar, Final

from bot.blockkit.report import Fact, Tone
from bot.blockkit.text import Code, Line, Piece, Said, plain
from bot.domain.outcome import Data, Refusal, Thing, object_in
from bot.kinds.trunks.kind import fields
from bot.kinds.trunks.record import calls, fields_of, read_changes, told, valued
from bot.kinds.wording import Alert, Difference, Words, first_up
from bot.vobiz.details import Changed, compare

_NAME: Final = 300  # characters of a name
_HEADED: Final = 80  # of a name that a headline shows in full
_TYPED: Final = 60  # of what was typed for a trunk


class TrunkWords(Words):
    """How the bot speaks of changing a trunk. A kind sets `verb`, `doing` and `done`."""

    noun: ClassVar[str] = "trunk"
    record: ClassVar[str] = "trunk"
    shows: ClassVar[bool] = True
    switches: ClassVar[bool | None] = None  # to what the status is set, where that is what the kind does

    @property
    def title(self) -> str:
        """Title the form."""
        return f"{first_up(self.verb)} SIP trunk"

    @property
    def start(self) -> str:
        """Offer no button on the Home tab: it begins with a trunk, which the list shows."""
        return ""

    @property
    def busy(self) -> str:
        """Head the answer to who asks while another change of the trunk is under way."""
        return "Another change of this trunk is in progress"

    @property
    def missing(self) -> str:
        """Head the question when the trunk is as before."""
        return "the trunk is as it was before"

    def absent(self, within: str) -> str:
        """Say that it is."""
        return f"The trunk was still as before{within}. The change may still come, or it was never made."

    def which(self, count: int) -> str:
        """Ask whether a trunk that is neither as before nor as requested is the result."""
        del count
        return "is this the result?"

    def matching(self, count: int) -> str:
        """Say that it is neither."""
        del count
        return "The trunk is not as it was before, and not as requested."

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return f"Nothing is undone: if Vobiz {self.done} the trunk, it stays {self.done}."

    def target(self, request: Data, thing: Thing) -> str:
        """Return the trunk's id, whatever else was made for it."""
        return str(request.get("trunk_id") or thing.id)

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Name the trunk: its name only where a headline cuts it."""
        name, identity = str(request["name"]), (Code(str(request["trunk_id"])),)
        long = (Fact("Name", (Said(name, _NAME),), lasting=True),) if len(name) > _HEADED else ()
        return (*long, Fact("Trunk ID", identity, lasting=True))

    def describe(self, thing: Thing) -> Line:
        """Describe the trunk in one line: id, name, limit, status."""
        fields = fields_of(thing) or {}
        line: list[Piece] = [Code(thing.id)]
        if fields.get("name"):
            line += [" ", Said(str(fields["name"]), 80)]
        if "calls" in fields:
            line.append(f", {calls(fields['calls'])}")
        if isinstance(fields.get("on"), bool):
            line.append(", active" if fields["on"] else ", inactive")
        return tuple(line)

    def ids(self, thing: Thing) -> tuple[Fact, ...]:
        """Give the trunk's SIP domain; its ID is in what was asked."""
        domain = (fields_of(thing) or {}).get("domain")
        return (Fact("SIP domain", (Code(str(domain)),)),) if domain else ()

    def state(self, thing: Thing) -> Line:
        """Say how the trunk is, with its name, which may have been changed."""
        fields = fields_of(thing) or {}
        line: list[Piece] = ["“", Said(str(fields["name"]), _HEADED), "”"] if fields.get("name") else []
        for key in ("direction", "calls", "on"):
            if key in fields:
                said = calls(fields[key]) if key == "calls" else valued(key, fields[key])
                line += [" · ", said] if line else [said]
        return tuple(line)

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """List what came back other than it was asked for."""
        there = fields_of(thing) or {}
        return tuple(
            Difference(field, str(wanted), str(there[key]))
            for field, key, wanted in self.wants(request)
            if key in there and there[key] != wanted
        )

    def wants(self, request: Data) -> Iterator[tuple[str, str, object]]:
        """Yield what a trunk shall be: the field as people call it, its key, the value."""
        del request
        yield from ()

    def also(self, request: Data, seen: Data, thing: Thing | None) -> tuple[Line, ...]:
        """Compare every field that was not to change with how it was before."""
        after = None if thing is None or thing.data.get("read") is False else fields_of(thing)
        before = fields(seen)
        if after is None:
            return (
                ("I could not read the trunk afterwards, so I do not know whether anything else changed.",),
            )
        wanted = {key for _, key, _ in self.wants(request)}
        changes = tuple(one for one in compare(before, after) if one.field not in wanted)
        return tuple(("Also changed: ", *line, ".") for line in told(changes)) if before else ()

    def changed(self, thing: Thing) -> tuple[Line, ...]:
        """Say what is not as the person saw it."""
        there = object_in(thing.data, "met")
        if there.get("gone"):
            return (("The trunk is not there any more.",),)
        changes = read_changes(there.get("fields"))
        first: Line = ("The trunk was changed after you saw it, so I did not send this:",)
        return (first, *told(changes)) if changes else ()

    def advice(self, refusal: Refusal) -> Line:
        """Say what a 404 means for a trunk that was there a moment ago."""
        return ("Vobiz says that there is no such trunk any more.",) if refusal.status == 404 else ()

    def warnings(self, request: Data, seen: Data) -> tuple[Line, ...]:
        """Tell who approves what depends on it, and what was changed outside."""
        alerts = (*self.consequences(request, seen), *_outside(seen))
        return tuple(line for one in alerts for line in ((one.text,), *one.lines))

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say why nothing can be changed (yet), or what depends on what will be."""
        if self.switches is not None and fields(seen).get("on") is self.switches:
            return (Alert(f"The trunk is {self.done} already. There is nothing to do.", tone=Tone.INFO),)
        if fields(seen):
            return (*_extra(known), *_outside(seen), *self.consequences(known, seen))
        return tuple(_why_not(seen))

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say what else the change will do."""
        del known, seen
        return ()


def _extra(known: Data) -> tuple[Alert, ...]:
    """Tell of words after the trunk that nothing was done with: perhaps another trunk is meant."""
    if not (extra := plain(str(known.get("extra") or ""), _TYPED)):
        return ()
    return (Alert(f"I did not use “{extra}”, which you typed after the trunk. Is this the trunk you mean?"),)


def _outside(seen: Data) -> tuple[Alert, ...]:
    found = object_in(seen, "outside")
    since = found.get("since")
    if not isinstance(since, int):
        return ()
    return (Alert(changed_outside(since), tuple(told(read_changes(found.get("fields"))))),)


def changed_outside(since: int) -> str:
    """Say that a trunk is not as the bot left it at `since` (ms)."""
    return f"Changed outside this bot since {datetime.fromtimestamp(since / 1000, UTC):%Y-%m-%d %H:%M} UTC."


def outside_lines(since: int, changes: tuple[Changed, ...]) -> tuple[Line, ...]:
    """Say the same in lines, with what was changed."""
    return ((changed_outside(since),), *told(changes)) if changes else ()


def _why_not(seen: Data) -> Iterator[Alert]:
    if seen.get("bad_id"):
        yield Alert("I cannot use the ID of this trunk in a request. Change the trunk in the Vobiz console.")
    elif seen.get("gone"):
        yield Alert("There is no trunk of this ID in the account: it was deleted, or is in another account.")
    elif seen.get("unread"):
        yield Alert("The trunk could not be read just now. Nothing was changed. Close this and try again.")
    else:
        typed = seen.get("typed")
        text = plain(str(typed[0]), _TYPED) if isinstance(typed, list | tuple) and typed else ""
        yield Alert(_which(seen, text), tone=Tone.INFO)


def _which(seen: Data, typed: str) -> str:
    rows, fits = seen.get("meant"), seen.get("fits")
    unread = "" if seen.get("whole") else " Not all trunks could be read: there may be others."
    if not typed:
        return f"Choose a trunk.{unread}"
    if not rows:
        return f"No trunk is called “{typed}”, nor has that as its ID or SIP domain.{unread}"
    if fits == 0:
        return f"No trunk is called “{typed}”. Did you mean one of these?{unread}"
    return f"This may mean any of these: choose one.{unread}"
