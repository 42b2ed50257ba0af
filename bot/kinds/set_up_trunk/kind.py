"""Creating a trunk with what lets it carry calls: a login and an address, or a route and numbers."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel

from bot.blockkit.blocks import Block
from bot.domain.outcome import Data, Thing
from bot.domain.policy import Facts
from bot.kinds.attached.kind import record_claims
from bot.kinds.base import Errors, Kind, Limits, Trace, Typed
from bot.kinds.create_trunk.form import DIRECTION, known_direction
from bot.kinds.create_trunk.kind import CreateTrunk
from bot.kinds.create_trunk.request import wanted
from bot.kinds.create_trunk.stage import CreateStage
from bot.kinds.numbers.assign import rows_of
from bot.kinds.numbers.form import CHOSEN
from bot.kinds.set_up_trunk import form
from bot.kinds.set_up_trunk.request import SetUp, steps_of
from bot.kinds.set_up_trunk.stages import STAGES
from bot.kinds.set_up_trunk.words import SetUpWords
from bot.kinds.stages import Stage, Staged
from bot.kinds.wording import Words
from bot.vobiz.snapshot import Needs, Snapshot

# The kinds that do by themselves what may be asked for along with the trunk.
_ALSO: Mapping[str, str] = {
    "sip_login": "add_credential",
    "ip_acl": "allow_address",
    "sip_route": "add_route",
    "phone_numbers": "assign_number",
}


class SetUpTrunk(Staged, CreateTrunk):
    """Create a trunk and what it needs, in steps. It is as unguarded as a create: nothing is read between."""

    name, verb, short = "set_up_trunk", "", False
    proves, watched = True, True
    synonyms: ClassVar[frozenset[str]] = frozenset()
    redraws: ClassVar[frozenset[str]] = frozenset({DIRECTION, form.LOGIN, CHOSEN})
    stages: ClassVar[Mapping[str, Stage]] = STAGES
    Request: ClassVar[type[BaseModel]] = SetUp
    words: ClassVar[Words] = SetUpWords()

    def line(self, known: Data) -> str:
        """Write what leads to the form that leads here."""
        return super().line(wanted(known))

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Build the inputs, by direction, and the list of the steps."""
        return form.inputs(known, limits.max_calls, seen)

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""
        return form.typed(typed, limits.max_calls)

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form."""
        return form.read(typed, limits.max_calls, seen)

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        """Offer the way back."""
        return (CreateTrunk.name,)

    def taken(self, known: Data) -> Data:
        """Take over what is known of the trunk."""
        return form.begun(super().taken(known))

    def needs(self, known: Data) -> Needs:
        """Read the numbers that an inbound trunk can be given, or whose user names are taken."""
        direction = known_direction(wanted(known))
        return Needs(trunks=False, parts=frozenset({form.LISTS[direction]} if direction is not None else ()))

    def choices(self, known: Data, now: Snapshot | None) -> Data:
        """Keep them."""
        return {part: form.choices(part, known, now) for part in self.needs(known).parts}

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep what a create keeps."""
        return super().seen(wanted(known), now, ceiling)

    def subject(self, request: Data) -> str:
        """Name the trunk."""
        return super().subject(wanted(request))

    def facts(self, known: Data, seen: Data) -> Facts:
        """Say how many calls may be live at once afterwards, and which kinds do the same by themselves."""
        of_trunk = CreateTrunk().facts(wanted(known), seen)
        also = (of_trunk.kind, *(kind for key, kind in _ALSO.items() if known.get(key)))
        return Facts(self.name, after=of_trunk.after, also=also)

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim what a create claims, and what else is touched."""
        return (
            *CreateTrunk().claims(account, wanted(request)),
            *record_claims(account, request),
            *(f"number|{account}|{row['e164']}" for row in rows_of(request)),
        )

    def steps(self, request: Data) -> tuple[str, ...]:
        """Name the writes to Vobiz in their order."""
        return tuple(steps_of(request))

    def late(self, trace: Trace) -> tuple[Thing, ...]:
        """Look for records that turned up later; how the trunk is later says nothing of who changed it."""
        stage = self.stage(trace.step.name)
        if isinstance(stage, CreateStage):
            return stage.late(trace)
        return () if stage.makes is None else Kind.late(self, trace)
