"""What only the create of a trunk can say: the trunk as asked and as Vobiz has it, and what to do next."""

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar, Final

from bot.blockkit.report import Act, Button, Fact, Tone
from bot.blockkit.text import Code, Line, Piece, Said, When
from bot.domain.outcome import Data, Thing, rows_in
from bot.kinds.create_trunk.request import wanted
from bot.kinds.wording import Alert, Difference, MakingWords
from bot.vobiz.trunks import Trunk, is_uuid, read_trunk

_WARNED: Final = 3  # trunks of the same name that are named in a line
_VALUE: Final = 300  # characters of one value
_FORMATTED: Final = re.compile(r"([*_~]).*[^*_~].*\1", re.DOTALL)  # as Slack writes bold, italics, strike
_EPOCH: Final = 1970  # the year before which a date is no date of a trunk, and none of Slack's
# What lets a trunk carry calls: the verb and the kind of its form, and its button.
_FOLLOWS: Final = MappingProxyType(
    {
        "outbound": (
            ("credential", "SIP login…", "add_credential"),
            ("allow", "Allowed address…", "allow_address"),
        ),
        "inbound": (("route", "Route…", "add_route"), ("number", "Phone numbers…", "assign_number")),
    }
)
_HEADED: Final = 80  # of a name that a headline shows in full


class CreateTrunkWords(MakingWords):
    """How the bot speaks of creating a trunk."""

    noun: ClassVar[str] = "trunk"
    record: ClassVar[str] = "trunk"
    details: ClassVar[str] = "name, direction and limit"
    shows: ClassVar[bool] = True

    @property
    def title(self) -> str:
        """Title the form."""
        return "Create SIP trunk"

    @property
    def start(self) -> str:
        """Label the button on the Home tab."""
        return "Create a SIP trunk"

    @property
    def offer(self) -> str:
        """Label the button that leads back here from a form that asks for more."""
        return "Only create the trunk"

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Give the name in full where a headline cuts it; the rest is in every headline."""
        name = str(wanted(request)["name"])
        return (Fact("Name", (Said(name, _VALUE),)),) if len(name) > _HEADED else ()

    def brief(self, request: Data) -> str:
        """Say what was asked for behind the name: “outbound, 10 calls”."""
        direction, calls = (wanted(request)[key] for key in ("direction", "calls"))
        return f"{direction}, {calls} {'call' if calls == 1 else 'calls'}"

    def describe(self, thing: Thing) -> Line:
        """Describe a trunk in one line: id, name, direction, concurrent calls, time of creation."""
        return tuple(_described(_trunk(thing)))

    def ids(self, thing: Thing) -> tuple[Fact, ...]:
        """Give the two ids that people came for."""
        trunk = _trunk(thing)
        domain = () if trunk.domain is None else (Fact("SIP domain", (Code(trunk.domain),)),)
        return (Fact("Trunk ID", (Code(trunk.id),)), *domain)

    def state(self, thing: Thing) -> Line:
        """Say how a trunk is, with its name, which may have been changed."""
        trunk = _trunk(thing)
        name: Line = ("no name stated",) if trunk.name is None else ("“", Said(trunk.name, _HEADED), "”")
        calls = None if trunk.calls is None else f"{trunk.calls} {'call' if trunk.calls == 1 else 'calls'}"
        stated = [one for one in (trunk.direction, calls) if one is not None]
        settings = _settings(trunk)
        return (
            *name,
            *(piece for one in stated for piece in (" · ", Said(one, 40))),
            *((" · ", *settings) if settings else ()),
        )

    def result(self, request: Data, thing: Thing) -> tuple[Fact, ...]:
        """Give the ids, the rest in a line, and what Vobiz did not state."""
        trunk = _trunk(thing)
        facts = [*self.asked(request), *self.ids(thing)]
        if settings := _settings(trunk):
            facts.append(Fact("", settings))
        if missing := [name for name, value in _expected(trunk) if value is None]:
            told = "Vobiz has not stated yet (I ask again)" if thing.awaited else "Vobiz did not state"
            facts.append(Fact("", (f"{told}: {', '.join(missing)}.",)))
        return tuple(facts)

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """List what differs: the name to the character, the direction in any case, the limit as a number.

        The vendor's own sample asks for OUTBOUND and shows `both` coming back, so an answer is never taken
        to be what was asked.
        """
        trunk, shall = _trunk(thing), wanted(request)
        pairs = (
            ("name", shall["name"], trunk.name),
            ("direction", shall["direction"], trunk.direction),
            ("concurrent calls", shall["calls"], trunk.calls),
        )
        return tuple(
            Difference(field, str(asked), str(got))
            for field, asked, got in pairs
            if got is not None and got != asked
        )

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what a trunk of this direction usually needs before it carries calls.

        “Usually”: Vobiz's console documents give logins and allowed addresses to outbound trunks, routes and
        numbers to inbound ones; its API pages speak of origination URIs for outbound trunks.
        """
        if wanted(request)["direction"] == "inbound":
            need = "An inbound trunk usually needs a route (where its calls go) and a phone number."
        else:
            need = "An outbound trunk usually needs a login (credential) or an allowed address (IP ACL)."
        return ((need, " Add that, then place a test call."),)

    def follows(self, request: Data, thing: Thing) -> tuple[Button, ...]:
        """Offer what a trunk of this direction usually needs; a path has to be able to have its id."""
        if not is_uuid(thing.id):
            return ()
        return tuple(
            Button(f"{Act.CHANGE}.{verb}", label, f"{kind} {thing.id}")
            for verb, label, kind in _FOLLOWS[str(wanted(request)["direction"])]
        )

    def warnings(self, request: Data, seen: Data) -> tuple[Line, ...]:
        """Tell of trunks of that name, of the account's ceiling, or that the account could not be read."""
        lines: list[Line] = []
        if (known := _same_name(seen)) and (count := _count(seen)):
            more = f" and {count - _WARNED} more" if count > _WARNED else ""
            ids = [piece for trunk in known[:_WARNED] for piece in (" ", Code(trunk.id))]
            has = "a trunk" if count == 1 else f"{count} trunks"
            lines.append(
                (f"When this was requested, the account already had {has} of that name:", *ids, f"{more}.")
            )
        if over := over_ceiling(wanted(request).get("calls"), seen):
            lines.append((over,))
        if seen.get("readable") is False:
            lines.append(
                ("When this was requested, the account could not be read: the name may already exist.",)
            )
        return tuple(lines)

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Tell the same above the inputs."""
        alerts: list[Alert] = []
        if count := _count(seen):
            exist = (
                "A trunk of this name already exists" if count == 1 else f"{count} trunks of this name exist"
            )
            listed = tuple(tuple(_described(trunk)) for trunk in _same_name(seen))
            alerts.append(Alert(f"{exist}. If you go on, another one is created.", listed, must_see=True))
        if over := over_ceiling(wanted(known).get("calls"), seen):
            alerts.append(Alert(over))
        if _FORMATTED.fullmatch(str(wanted(known).get("name", ""))):
            kept = "The marks before and after the name are part of it. If they are formatting, delete them."
            alerts.append(Alert(kept, tone=Tone.INFO))
        if seen.get("readable") is False:
            unread = (
                "The account could not be read just now, so I cannot tell whether this name already exists."
            )
            alerts.append(Alert(unread, tone=Tone.INFO))
        return tuple(alerts)

    def defaults(self) -> tuple[Line, ...]:
        """Say what Vobiz's create page says of a new trunk."""
        return (("Vobiz's defaults: 2 new calls per second, UDP, no TLS, active at once.",),)

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
    known = map(read_trunk, rows_in(seen, "same_name"))
    return tuple(trunk for trunk in known if trunk is not None)


def _count(seen: Data) -> int:
    total = seen.get("same_names")
    return total if isinstance(total, int) else len(_same_name(seen))


def over_ceiling(calls: object, seen: Data) -> str:
    """Warn of a limit above the account's: Vobiz's OpenAPI says that the account's is enforced."""
    most = seen.get("ceiling")
    if not isinstance(calls, int) or not isinstance(most, int) or calls <= most:
        return ""
    return f"The account allows {most} concurrent calls in total, so this trunk may never reach {calls}."


def _described(trunk: Trunk) -> Iterator[Piece]:
    yield Code(trunk.id)
    if trunk.name is not None:
        yield from (" ", Said(trunk.name, 80))
    if trunk.direction is not None:
        yield from (", ", Said(trunk.direction, 40))
    if trunk.calls is not None:
        yield f", {trunk.calls} {'call' if trunk.calls == 1 else 'calls'}"
    if trunk.created_at is not None and trunk.created_at.tzinfo is None:
        yield f", created {trunk.created_at:%Y-%m-%d %H:%M:%S} (no time zone stated)"
    elif trunk.created_at is not None and trunk.created_at.year > _EPOCH:
        yield from (", created ", When(int(trunk.created_at.timestamp() * 1000)))


def _settings(trunk: Trunk) -> Line:
    """Say in a line what nobody asked for: “2 new calls/s · UDP, no TLS · active”."""
    secure = None if trunk.secure is None else "TLS/SRTP" if trunk.secure else "no TLS"
    transport = None if trunk.transport is None else Said(trunk.transport.upper(), 40)
    line: list[Piece] = (
        [] if trunk.cps is None else [f"{trunk.cps} new {'call' if trunk.cps == 1 else 'calls'}/s"]
    )
    for piece, before in ((transport, " · "), (secure, ", " if transport else " · "), (trunk.status, " · ")):
        if piece is not None:
            shown = Said(piece, 40) if isinstance(piece, str) else piece
            line += [before, shown] if line else [shown]
    return tuple(line)


def _expected(trunk: Trunk) -> tuple[tuple[str, object], ...]:
    return (
        ("SIP domain", trunk.domain),
        ("direction", trunk.direction),
        ("calls", trunk.calls),
        ("new calls per second", trunk.cps),
        ("transport", trunk.transport),
        ("TLS", trunk.secure),
        ("status", trunk.status),
    )
