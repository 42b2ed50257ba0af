"""What only the set-up of a trunk can say: what was made for it, and what is left to do."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from bot.blockkit.report import Act, Button, Fact
from bot.blockkit.text import Code, Line
from bot.domain.operation import Operation, Step, StepState
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.address import warn_of
from bot.kinds.attached.login import login_facts, renew_button
from bot.kinds.create_trunk.request import Direction, wanted
from bot.kinds.create_trunk.words import CreateTrunkWords
from bot.kinds.numbers.assign import ASSIGN, rows_of
from bot.kinds.numbers.kind import codes
from bot.kinds.set_up_trunk.stages import ATTACH, CREATE, STAGES, attaching, making
from bot.kinds.stages import Stage, StagedWords
from bot.kinds.wording import Alert

# What is attached to a trunk: what a request calls it and its value, how it is told, and which kind's form
# does that later: the end of the button's action, the kind, the label, and what is attached if it is there.
_ATTACHED: Final = (
    ("sip_login", "username", "SIP login", ("credential", "add_credential", "Add a SIP login…", "login")),
    ("ip_acl", "ip", "Allowed address", ("allow", "allow_address", "Allow an address…", "address")),
    ("sip_route", "uri", "Calls go to", ("route", "add_route", "Say where calls go…", "route")),
)


class SetUpWords(StagedWords, CreateTrunkWords):
    """How the bot speaks of setting a trunk up: as of its create, and of the rest as the stages do."""

    verb, doing, done = "set up", "setting up", "set up"
    stages: ClassVar[Mapping[str, Stage]] = STAGES

    @property
    def title(self) -> str:
        """Title the form."""
        return "Set up SIP trunk"

    @property
    def start(self) -> str:
        """Offer no button on the Home tab: the form of a create leads here."""
        return ""

    @property
    def offer(self) -> str:
        """Label the button in the form of a create."""
        return "Also set up…"

    @property
    def with_it(self) -> str:
        """Put “it” where it belongs."""
        return "set it up"

    @property
    def does(self) -> str:
        """Say what pressing the button does."""
        return "sets the trunk up, step by step"

    def step(self, name: str, request: Data) -> str:
        """Name a step as its stage does; of the one that attaches it say what it attaches."""
        return attaching(request) if name == ATTACH else super().step(name, request)

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Add what is made for the trunk."""
        return (*super().asked(request), *_made_for(request))

    def result(self, request: Data, thing: Thing) -> tuple[Fact, ...]:
        """Give the trunk's ids first, as a create does."""
        return CreateTrunkWords().result(request, thing)

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Add what to think of before an address is allowed."""
        warning = warn_of(str(object_in(known, "ip_acl").get("ip") or ""))
        return (*super().alerts(known, seen), *((Alert(warning, must_see=True),) if warning else ()))

    def signs_in(self, request: Data, seen: Data, done: tuple[Step, ...]) -> tuple[Fact, ...]:
        """List what a PBX signs in with beside the password."""
        return login_facts(request, seen, done)

    def renew(self, request: Data, steps: tuple[Step, ...]) -> tuple[Button, ...]:
        """Offer another password for the login, where the trunk that was created has it."""
        done = {step.name: step.thing for step in steps if step.state is StepState.DONE}
        trunk = done.get(CREATE) if ATTACH in done else None
        return () if trunk is None else (renew_button(trunk.id),)

    def brought(self, request: Data, steps: tuple[Step, ...]) -> tuple[Fact, ...]:
        """List what was made for the trunk, and the realm of the login."""
        told = login_facts(request, {}, steps) if request.get("sip_login") else ()
        realm = [fact for fact in told if fact.label == "Realm"]
        login, *rest = _made_for(request)
        return (login, *realm, *rest)

    def left(self, op: Operation) -> tuple[Button, ...]:
        """Offer exactly what was asked for and not done, for the trunk that was created."""
        return tuple(_left(op.request, op.steps))

    def follows(self, request: Data, thing: Thing) -> tuple[Button, ...]:
        """Offer nothing more: what was set up needs no more, and what it lacks the checklist says."""
        return ()

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what lets a call through."""
        if wanted(request)["direction"] == Direction.INBOUND:
            return (_inbound_next(request),)
        if request.get("sip_login"):
            enter = "Press “Show password”, enter SIP domain, user name and password at the PBX"
            return ((f"{enter}, then place a test call.",),)
        return (("Have the PBX send calls from that address to the SIP domain, then place a test call.",),)


def _inbound_next(request: Data) -> Line:
    if not rows_of(request):
        return ("Assign a phone number to the trunk, and call it.",)
    if not request.get("sip_route"):
        return ("Say where the calls go: until then a call to the number has no destination.",)
    return ("Call one of the numbers: the call goes to the SIP URI above.",)


def _made_for(request: Data) -> Iterator[Fact]:
    for key, field, label, _ in _ATTACHED:
        part = request.get(key)
        if isinstance(part, Mapping):
            yield Fact(label, (Code(str(part[field])),))
    if numbers := [str(row["e164"]) for row in rows_of(request)]:
        yield Fact("Phone numbers" if len(numbers) > 1 else "Phone number", codes(numbers))


def _left(request: Data, steps: tuple[Step, ...]) -> Iterator[Button]:
    done = {step.name: step for step in steps if step.state is StepState.DONE}
    created = done.get(CREATE)
    if created is None or created.thing is None:
        return
    trunk = created.thing.id
    for key, _, _, (verb, kind, label, there) in _ATTACHED:
        if request.get(key) and ATTACH not in done:
            made = done.get(making(key))
            record = f" {made.thing.id}" if made is not None and made.thing is not None else ""
            said = f"Attach the {there}…" if record else label
            yield Button(f"{Act.CHANGE}.{verb}", said, f"{kind} {trunk}{record}")
    asked = (str(row["e164"]) for row in rows_of(request))
    if numbers := [number for number in asked if f"{ASSIGN} {number}" not in done]:
        label = f"Assign {numbers[0]}…" if len(numbers) == 1 else f"Assign {len(numbers)} numbers…"
        yield Button(f"{Act.CHANGE}.number", label, f"assign_number {trunk} {','.join(numbers)}")
