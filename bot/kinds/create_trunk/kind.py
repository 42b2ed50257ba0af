"""The creating of a SIP trunk: one POST, which is not idempotent, with the three documented fields."""

from typing import ClassVar, Final

from pydantic import BaseModel

from bot.blockkit.blocks import Block
from bot.commands.problems import Problem
from bot.domain.operation import digest
from bot.domain.outcome import Data, Thing
from bot.domain.policy import Facts
from bot.kinds.base import At, Errors, Finding, Kind, Limits, Trace, Typed
from bot.kinds.create_trunk import form
from bot.kinds.create_trunk.find import alike, completed, find, late, spelt, thing
from bot.kinds.create_trunk.grammar import read_create
from bot.kinds.create_trunk.request import Direction, wanted
from bot.kinds.create_trunk.request import Request as TrunkRequest
from bot.kinds.create_trunk.syntax import create_line
from bot.kinds.create_trunk.words import CreateTrunkWords
from bot.kinds.wording import Words
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk, usable_trunk
from bot.vobiz.writes import Write

SHOWN_SAME_NAME: Final = 5
_SHOWN_NAME: Final = 80  # characters; what is seen travels in the form, whose metadata holds 3000


class CreateTrunk(Kind):
    """Create a trunk."""

    name, verb, resource = "create_trunk", "create", "trunk"
    short = True
    synonyms = frozenset({"new", "add", "make"})
    Request: ClassVar[type[BaseModel]] = TrunkRequest
    words: ClassVar[Words] = CreateTrunkWords()

    def parse(self, text: str, start: int, limits: Limits) -> Data | Problem:
        """Read a name, a direction and a limit, as far as they are there."""
        create = read_create(text, start, limits.max_calls)
        if isinstance(create, Problem):
            return create
        known = (
            ("name", create.name),
            ("direction", create.direction and create.direction.value),
            ("calls", create.calls),
        )
        return {key: value for key, value in known if value is not None}

    def line(self, known: Data) -> str:
        """Write the canonical command."""
        name, direction, calls = (known.get(key) for key in ("name", "direction", "calls"))
        return create_line(
            name if isinstance(name, str) else None,
            Direction(direction) if isinstance(direction, str) else None,
            calls if isinstance(calls, int) else None,
        ).strip()

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Build the three inputs."""
        return form.inputs(known, limits.max_calls)

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""
        return form.typed(typed, limits.max_calls)

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form."""
        return form.read(typed, limits.max_calls)

    def taken(self, known: Data) -> Data:
        """Take over what its three inputs hold."""
        asked = wanted(known)
        return {key: asked[key] for key in (form.NAME, form.DIRECTION, form.CALLS) if key in asked}

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Offer to set the trunk up as well."""
        return ("set_up_trunk",)

    def subject(self, request: Data) -> str:
        """Name the trunk."""
        return str(request["name"])

    def facts(self, known: Data, seen: Data) -> Facts:
        """Say how many calls may be live at once afterwards; before, there is no trunk."""
        calls = known.get("calls")
        return Facts(self.name, after=calls if isinstance(calls, int) else None)

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim this request for this account, however its name is spelt.

        Names are not unique, and two who ask alike mean one; and a look could not tell their trunks apart.
        """
        wanted = {**request, "name": spelt(str(request["name"])), "account": account}
        return (f"{self.name}|{digest(wanted)}",)

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep the trunks of that name (five of them, and how many), and the account's ceiling of calls."""
        name = known.get("name")
        same = [
            trunk
            for trunk in (now.trunks if now is not None else ())
            if isinstance(name, str) and trunk.name is not None and alike(name, trunk.name)
        ]
        return {
            "same_name": [_compact(trunk) for trunk in same[:SHOWN_SAME_NAME]],
            "same_names": len(same),
            "ceiling": ceiling,
            "readable": now is not None,
        }

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the documented create (docs.vobiz.ai, “Create a Trunk”).

        `description`, with the tag, is sent only where that is on: only some accounts accept it.
        """
        body: dict[str, object] = {
            "name": at.request["name"],
            "trunk_type": str(at.request["direction"]).upper(),
            "max_concurrent_calls": at.request["calls"],
        }
        if tag is not None:
            body["description"] = tag
        return Write("create", "POST", "trunks", body)

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read the trunk; an id alone may be that of a job, and a trunk has more to say of itself."""
        if body is None:
            return "unreadable"
        trunk = usable_trunk(body)
        if trunk is None:
            return "no_id"
        # A new trunk may have no domain for a second.
        whole = trunk.name is not None and (trunk.domain or trunk.direction)
        return thing(trunk) if whole else "incomplete"

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether it has another name: it may be one that was there before."""
        return not alike(str(at.request["name"]), str(thing.data.get("name", "")))

    def find(self, trace: Trace) -> Finding:
        """Look for the trunk among those of the account."""
        return find(trace)

    def completed(self, thing: Thing, now: Trunk) -> Thing:
        """Add what a new trunk lacks at first."""
        return completed(thing, now)

    def late(self, trace: Trace) -> tuple[Thing, ...]:
        """Look for it after the operation had ended."""
        return late(trace)


def _compact(trunk: Trunk) -> Data:
    kept = trunk.model_dump(
        mode="json", exclude_none=True, include={"id", "name", "direction", "calls", "created_at"}
    )
    return kept | {"name": str(trunk.name)[:_SHOWN_NAME]}
