"""What is the same for the kinds that change the SIP login of a trunk which exists."""

from typing import ClassVar, Final

from bot.blockkit.report import Button, Fact
from bot.blockkit.text import Line
from bot.domain.operation import Step, StepState
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.fields import LOGIN
from bot.kinds.attached.kind import AttachedKind, AttachedWords, record_claim, records_of
from bot.kinds.attached.login import login_facts, login_of, pbx_facts, renew_button
from bot.kinds.trunks.record import fields_of
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot

FIELD: Final = "credential"  # the trunk's field for its login
VERB: Final = "credential"


class LoginKind(AttachedKind):
    """A kind that changes the login of a trunk."""

    part: ClassVar[Part] = Part.CREDENTIALS
    points: ClassVar[tuple[str, ...]] = (FIELD,)

    def line(self, known: Data) -> str:
        """Write the command from whose form all of these are reached."""
        identity = known.get("trunk_id")
        return f"{VERB} {identity if isinstance(identity, str) else known.get('typed', '')}".strip()

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim the trunk and the login: two requests about one login get in each other's way."""
        login = record_claim(LOGIN, account, login_of(request).get("username"))
        return (*super().claims(account, request), login)

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep how many trunks use each login that can be chosen as well, and how many logins there are."""
        kept = super().seen(known, now, ceiling)
        if now is None or "records" not in kept:
            return kept
        used = [(one.credential or "").casefold() for one in now.trunks]
        counts = {record: used.count(record.casefold()) for record in records_of(kept)}
        uses = {record: count for record, count in counts.items() if count}
        return {**kept, "uses": uses, "logins": len(now.part(self.part).items)}

    def guards(self, request: Data) -> Needs:
        """Read the trunk and the account's logins."""
        return Needs(trunks=False, trunk=str(request["trunk_id"]), parts=frozenset({self.part}))


class LoginWords(AttachedWords):
    """How such kinds speak."""

    @property
    def now(self) -> str:
        """Label the button where the requester skips the approval; Slack takes 24 characters."""
        return f"{self.submit.split()[0]} it now"

    def result(self, request: Data, thing: Thing) -> tuple[Fact, ...]:
        """Say what a PBX signs in with, as far as it is known."""
        asked = self.asked(request)
        said = {fact.label for fact in asked}
        return (*asked, *(fact for fact in self.ids(thing) if fact.label not in said))

    def ids(self, thing: Thing) -> tuple[Fact, ...]:
        """Give what a login is known by; of the trunk its SIP domain."""
        return pbx_facts(thing.data, fields_of(thing) or thing.data)

    def signs_in(self, request: Data, seen: Data, done: tuple[Step, ...]) -> tuple[Fact, ...]:
        """List what the password is used with."""
        return login_facts(request, seen, done)

    def renew(self, request: Data, steps: tuple[Step, ...]) -> tuple[Button, ...]:
        """Offer another password for the login that the trunk has."""
        if steps[-1].state is not StepState.DONE:
            return ()  # it is another login that the trunk has
        return (renew_button(str(request["trunk_id"])),)

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return "Nothing is undone: if Vobiz did it, it stays done."

    def changed(self, thing: Thing) -> tuple[Line, ...]:
        """Say what happened to the login since the person saw it."""
        match object_in(thing.data, "met").get("login"):
            case "taken":
                return (("There is a SIP login with this user name now, so I did not send your change.",),)
            case "gone":
                return (("The SIP login is not in the account any more, so I did not send your change.",),)
        return super().changed(thing)
