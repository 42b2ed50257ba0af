"""What is the same for the kinds that change the SIP login of a trunk which exists."""

from typing import ClassVar, Final

from bot.blockkit.report import Button, Fact, Tone
from bot.blockkit.text import Line
from bot.domain.operation import Step, StepState
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.kind import AttachedKind, AttachedWords, attached_row, records_of
from bot.kinds.attached.login import login_claim, login_facts, pbx_facts, renew_button
from bot.kinds.trunks.kind import fields
from bot.kinds.trunks.lost import attached_lines, attached_seen
from bot.kinds.trunks.record import fields_of
from bot.kinds.wording import Alert
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

    def login(self, request: Data) -> Data:
        """Return the login that a request is about: `username`, and `record` where there is one."""
        del request
        return {}

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim the trunk and the login."""
        login = login_claim(account, self.login(request).get("username"))
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


class OnLogin(LoginKind):
    """A kind that changes the login that the trunk has: nobody can agree to that without who else uses it."""

    def ready(self, seen: Data) -> bool:
        """Tell whether the trunk has a login, and it is known which other trunks use it."""
        return super().ready(seen) and seen.get("all_seen") is True and attached_row(seen, FIELD) is not None

    def guards(self, request: Data) -> Needs:
        """Read the other trunks as well."""
        return Needs(trunk=str(request["trunk_id"]), parts=frozenset({self.part}))

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare the trunk, whether the login is still there, and who else uses it."""
        if (there := super().guard(request, seen, now)) is not None or now.detail is None:
            return there
        record = str(self.login(request).get("record")).casefold()
        if not any(item.id.casefold() == record for item in now.part(self.part).items):
            return {"login": "gone"}
        rows = attached_seen(now.detail.trunk, now)
        count = next((row["count"] for row in rows if row["field"] == FIELD), 0)
        before = (attached_row(seen, FIELD) or {}).get("count")
        return None if count == before else {"fields": [["other trunks that use the login", before, count]]}


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


class OnLoginWords(LoginWords):
    """How those speak that change the login that the trunk has."""

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say why there is nothing to change, if so."""
        if fields(seen) and attached_row(seen, FIELD) is None:
            return (Alert("This trunk has no SIP login.", tone=Tone.INFO),)
        if fields(seen) and seen.get("all_seen") is not True:
            unread = "I could not read which other trunks use this login. Close this and try again."
            return (Alert(unread), *super().alerts(known, seen))
        return super().alerts(known, seen)

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Name the login, and who else uses it."""
        return (Alert(self.effect, tuple(attached_lines(seen))),)

    @property
    def effect(self) -> str:
        """Say what the change does to those who use the login."""
        return ""


def login_seen(seen: Data) -> Data:
    """Return the login that the trunk had when the person saw it, as a request names one."""
    row = attached_row(seen, FIELD) or {}
    return {"username": row.get("named") or row.get("id"), "record": row.get("id")}
