"""What only the create of a trunk can say: the trunk as asked and as Vobiz has it, and what to do next."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from bot.blockkit.report import Fact, Tone
from bot.blockkit.text import Code, Line, Piece, Said
from bot.domain.outcome import Data, Thing
from bot.kinds.wording import UNSTATED, UNSTATED_YET, Alert, Difference, MakingWords
from bot.vobiz.trunks import Trunk, read_trunk

_WARNED: Final = 3  # trunks of the same name that are named in a line
_VALUE: Final = 300  # characters of one value
_FORMATTED: Final = re.compile(r"([*_~]).*[^*_~].*\1", re.DOTALL)  # as Slack writes bold, italics, strike


class CreateTrunkWords(MakingWords):
    """How the bot speaks of creating a trunk."""

    noun: ClassVar[str] = "trunk"
    record: ClassVar[str] = "trunk"
    details: ClassVar[str] = "name, direction and limit"

    @property
    def title(self) -> str:
        """Title the form."""
        return "Create SIP trunk"

    @property
    def start(self) -> str:
        """Label the button on the Home tab."""
        return "Create a SIP trunk"

    @property
    def question(self) -> str:
        """Ask the approvers."""
        return "Approve this SIP trunk?"

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """List what was asked for."""
        return (
            Fact("Name", (Said(str(request["name"]), _VALUE),)),
            Fact("Direction", (str(request["direction"]),)),
            Fact("Concurrent calls", (str(request["calls"]),)),
        )

    def brief(self, request: Data) -> str:
        """Say what was asked for behind the name."""
        return f"{request['direction']}, {request['calls']} concurrent calls"

    def describe(self, thing: Thing) -> Line:
        """Describe a trunk in one line: id, name, direction, concurrent calls, time of creation."""
        return tuple(_described(_trunk(thing)))

    def result(self, request: Data, thing: Thing) -> tuple[Fact, ...]:
        """List the trunk as Vobiz has it."""
        trunk = _trunk(thing)
        missing = UNSTATED_YET if thing.awaited else UNSTATED
        secure = None if trunk.secure is None else "on" if trunk.secure else "off"
        return (
            Fact("Name", _stated(missing, trunk.name, str(request["name"]))),
            Fact("Trunk ID", (Code(trunk.id),)),
            Fact("SIP domain", (missing,) if trunk.domain is None else (Code(trunk.domain),)),
            Fact("Direction", _stated(missing, trunk.direction, str(request["direction"]))),
            Fact("Concurrent calls", _stated(missing, trunk.calls, str(request["calls"]))),
            Fact("New calls per second (CPS)", _stated(missing, trunk.cps)),
            Fact("Transport", _stated(missing, trunk.transport.upper() if trunk.transport else None)),
            Fact("TLS/SRTP (secure)", _stated(missing, secure)),
            Fact("Status", _stated(missing, trunk.status)),
        )

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """List what differs: the name to the character, the direction in any case, the limit as a number.

        The vendor's own sample asks for OUTBOUND and shows `both` coming back, so an answer is never taken
        to be what was asked.
        """
        trunk = _trunk(thing)
        pairs = (
            ("name", request["name"], trunk.name),
            ("direction", request["direction"], trunk.direction),
            ("concurrent calls", request["calls"], trunk.calls),
        )
        return tuple(
            Difference(field, str(asked), str(got))
            for field, asked, got in pairs
            if got is not None and got != asked
        )

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what a trunk needs before it carries calls."""
        del request
        return (
            ("Add credentials or an IP ACL, so that calls are authenticated.",),
            ("Set an origination URI.",),
            ("Place a test call before production traffic.",),
        )

    def warnings(self, request: Data, seen: Data) -> tuple[Line, ...]:
        """Tell of trunks of that name, of the account's ceiling, or that the account could not be read."""
        lines: list[Line] = []
        if (known := _same_name(seen)) and (count := _count(seen)):
            more = f" and {count - _WARNED} more" if count > _WARNED else ""
            ids = [piece for trunk in known[:_WARNED] for piece in (" ", Code(trunk.id))]
            already = "When this was asked for, the account had a trunk of that name already:"
            lines.append((already, *ids, f"{more}."))
        if over := _over_ceiling(request, seen):
            lines.append((over,))
        if seen.get("readable") is False:
            lines.append(
                ("When this was asked for, the account could not be read: the name may exist already.",)
            )
        return tuple(lines)

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Tell the same above the inputs."""
        alerts: list[Alert] = []
        if count := _count(seen):
            exist = "A trunk of this name exists" if count == 1 else f"{count} trunks of this name exist"
            listed = tuple(tuple(_described(trunk)) for trunk in _same_name(seen))
            alerts.append(Alert(f"{exist} already. Creating makes another one.", listed, must_see=True))
        if over := _over_ceiling(known, seen):
            alerts.append(Alert(over))
        if _FORMATTED.fullmatch(str(known.get("name", ""))):
            kept = "The marks before and after the name are part of it. If they are formatting, delete them."
            alerts.append(Alert(kept, tone=Tone.INFO))
        if seen.get("readable") is False:
            unread = (
                "The account could not be read just now, so it is not known whether this name exists already."
            )
            alerts.append(Alert(unread, tone=Tone.INFO))
        return tuple(alerts)

    def defaults(self) -> tuple[Line, ...]:
        """Say what Vobiz's create page says of a new trunk."""
        return (("Vobiz sets by itself: 2 new calls per second, UDP, no TLS, active.",),)

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return (
            (f'{verb} "Sales" outbound 10', "opens the form, filled in"),
            (verb, "opens the empty form"),
        )


def _trunk(thing: Thing) -> Trunk:
    # The id is the ledger's; what is stored beside it may be of another version.
    return read_trunk({**thing.data, "id": thing.id}) or Trunk(id=thing.id)


def _same_name(seen: Data) -> tuple[Trunk, ...]:
    rows = seen.get("same_name")
    known = (
        [read_trunk(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list | tuple) else []
    )
    return tuple(trunk for trunk in known if trunk is not None)


def _count(seen: Data) -> int:
    total = seen.get("same_names")
    return total if isinstance(total, int) else len(_same_name(seen))


def _over_ceiling(known: Data, seen: Data) -> str:
    """Warn of a limit above the account's: Vobiz's OpenAPI says that the account's is enforced."""
    calls, most = known.get("calls"), seen.get("ceiling")
    if not isinstance(calls, int) or not isinstance(most, int) or calls <= most:
        return ""
    return f"{calls} concurrent calls is above the account's ceiling of {most}, which may apply first."


def _described(trunk: Trunk) -> Iterator[Piece]:
    yield Code(trunk.id)
    if trunk.name is not None:
        yield from (" ", Said(trunk.name, 80))
    if trunk.direction is not None:
        yield from (", ", Said(trunk.direction, 40))
    if trunk.calls is not None:
        yield f", {trunk.calls} concurrent calls"
    if trunk.created_at is not None:
        zone = "%Z" if trunk.created_at.tzinfo else "(no time zone stated)"
        yield f", created {trunk.created_at:%Y-%m-%d %H:%M:%S {zone}}"


def _stated(missing: str, value: str | int | None, as_asked: str | None = None) -> Line:
    if value is not None:
        return (Said(str(value), _VALUE),)
    return (missing,) if as_asked is None else (Said(as_asked, _VALUE), f" as asked; {missing}")
