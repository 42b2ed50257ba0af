"""How a kind speaks: its nouns and verbs, and what only it can say of a request, a record, or a result."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

from bot.blockkit.report import Button, Fact, Tone
from bot.blockkit.text import Code, Line, Link, Said
from bot.domain.operation import Operation, Standing, Step
from bot.domain.outcome import Data, Refusal, Thing

# Where everything that the bot does not do is done by hand.
CONSOLE: Final = Link("https://console.vobiz.ai", "Vobiz console")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that came back other than it was requested."""

    field: str
    asked: str
    got: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What stands above the inputs of a form: at most 200 characters, and a list below them.

    With `must_see` nothing is stored before the form has shown it: it is shown again, once.
    """

    text: str
    lines: tuple[Line, ...] = ()
    tone: Tone = Tone.WARNING
    must_see: bool = False


def a(noun: str) -> str:
    """Put the article before a noun."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def first_up(text: str) -> str:
    """Begin a text with a capital, and leave the rest (“SIP”) as it is."""
    return text[:1].upper() + text[1:]


class Words:
    """What is said of a kind's operations. What is not overridden is true of any kind, whatever it changes.

    Set `noun`, `verb`, `doing`, `done`; the sentences are made of them. Slack's limits: `title`, `submit` and
    `now` 24 characters, `question` 150.
    """

    noun: ClassVar[str] = "change"  # what is asked for: “Vobiz refused the change”
    record: ClassVar[str] = "record"  # what it makes or changes at Vobiz: “is this the record?”
    verb: ClassVar[str] = "make"  # “do not make it again”
    doing: ClassVar[str] = "making"  # “Making…”
    done: ClassVar[str] = "made"  # “Change made”
    details: ClassVar[str] = ""  # what of a request counts: “for exactly this name, direction and limit”
    nothing: ClassVar[str] = "Nothing was changed."
    shows: ClassVar[bool] = False  # whether a button under the result shows the record as it is now
    undo: ClassVar[str] = ""  # the button under a result that opens the inverse change; empty: there is none
    button: ClassVar[str] = ""  # what a button beside a trunk is called that opens the form, if not its verb
    remark: ClassVar[Line] = ()  # said of every operation of the kind
    doubles: ClassVar[bool] = False  # whether sent twice it may leave two records
    password: ClassVar[bool] = False  # whether it leaves a password, for the requester to see
    names: ClassVar[str] = ""  # what a subject names, where that is not the noun: “trunk”
    resumes: ClassVar[bool] = False  # whether its form offers what is missing, once a part was done

    @property
    def act(self) -> str:
        """Name what the kind does, in front of what it is about: “Make change”."""
        return first_up(f"{self.verb} {self.noun}")

    @property
    def title(self) -> str:
        """Title the form."""
        return self.act

    @property
    def submit(self) -> str:
        """Label the button of the form."""
        return self.act

    @property
    def now(self) -> str:
        """Label it where an approval is needed and the requester skips it."""
        return f"{self.act} now"

    @property
    def start(self) -> str:
        """Label the button on the Home tab that opens the form; empty where it cannot begin from nothing."""
        return first_up(f"{self.verb} {a(self.noun)}")

    @property
    def offer(self) -> str:
        """Label the button in the form of another kind that leads to this one's; at most 75 characters."""
        return f"{self.act}…"

    @property
    def with_it(self) -> str:
        """Say what the kind does to “it”: “make it”."""
        return f"{self.verb} it"

    @property
    def does(self) -> str:
        """Say what pressing the button does."""
        return f"{self.verb}s the {self.noun}"

    @property
    def finished(self) -> str:
        """Head the result: “Change made”."""
        return first_up(f"{self.noun} {self.done}")

    def headline(self, subject: Said, request: Data) -> Line:
        """Head a result that is as it was requested: “Change “Sales” made: 50 calls”."""
        brief = self.brief(request)
        return (f"{first_up(self.named)} “", subject, f"” {self.done}{f': {brief}' if brief else ''}")

    @property
    def named(self) -> str:
        """Say what a subject names."""
        return self.names or self.noun

    @property
    def unlike(self) -> str:
        """End the headline of a result that differs from what was requested."""
        return f"{self.done}, but not as requested"

    @property
    def mend(self) -> Line:
        """Say what to do about it."""
        return (f"I changed nothing more. Correct the {self.record} in the ", CONSOLE, " before you use it.")

    @property
    def busy(self) -> str:
        """Head the answer to a request while another operation holds what this one claims."""
        return "Another request about this is in progress"

    @property
    def apart(self) -> str:
        """Say why one of two waits, as the end of a sentence."""
        return "so that the two do not get in each other's way"

    @property
    def looking(self) -> str:
        """Say what the bot does while it is not known what became of the request."""
        return f"I am checking the account to see whether the {self.noun} was {self.done}."

    @property
    def found(self) -> str:
        """Say how it is known that it was done, where Vobiz did not confirm."""
        return f"The account shows that the {self.noun} was {self.done}."

    @property
    def missing(self) -> str:
        """Head the question when nothing was found."""
        return f"nothing shows that the {self.noun} was {self.done}"

    def absent(self, within: str) -> str:
        """Say that nothing was found; `within` is the time that was looked for, or empty."""
        return (
            f"Nothing in the account showed{within} that the {self.noun} was {self.done}."
            f" It may still show, or it was never {self.done}."
        )

    def which(self, count: int) -> str:
        """Ask which of the records that were found it is, as the end of a headline."""
        return f"is this the {self.record}?" if count == 1 else f"which {self.record} is it?"

    def matching(self, count: int) -> str:
        """Say how many were found."""
        one, several = f"One {self.record} in the account matches", f"{count} {self.record}s match"
        return f"{one if count == 1 else several} this request."

    @property
    def either(self) -> str:
        """Say that nothing is known, as a part of a sentence."""
        return f"the {self.noun} may or may not have been {self.done}"

    @property
    def twice(self) -> str:
        """Say what sending again may do, if the first sending was carried out after all."""
        return "do it twice"

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return f"Nothing is undone: if Vobiz did {self.verb} the {self.noun}, that stays."

    def standing(self, standing: Standing) -> str:
        """Name how an operation stands, in the words of its messages, which are searched for as well."""
        match standing:
            case Standing.DONE:
                return self.done
            case Standing.NOT_DONE:
                return f"not {self.done}"
            case _:
                return _STANDINGS.get(standing, standing.value.replace("_", " "))

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """List what was asked for beside the subject and what is said in `brief`."""
        return tuple(
            Fact(name.replace("_", " ").capitalize()[:60], (Said(str(value), 300),))
            for name, value in request.items()
        )

    def brief(self, request: Data) -> str:
        """Say what was asked for behind the subject, in a few words of the bot's: “outbound, 10 calls”."""
        del request
        return ""

    def describe(self, thing: Thing) -> Line:
        """Describe a record at Vobiz in one line, beginning with its id."""
        return (Code(thing.id),)

    def ids(self, thing: Thing) -> tuple[Fact, ...]:
        """Give what names a record for good."""
        return (Fact(first_up(f"{self.record} ID"), (Code(thing.id),)),)

    def state(self, thing: Thing) -> Line:
        """Say in a line how a record is, which may change: “outbound, 10 calls · active”."""
        del thing
        return ()

    def target(self, request: Data, thing: Thing) -> str:
        """Return the id of the record that `shows` leads to."""
        del request
        return thing.id

    def result(self, request: Data, thing: Thing) -> tuple[Fact, ...]:
        """List what was made or changed, as Vobiz answered: the first record that a step brought."""
        return (*self.asked(request), *self.ids(thing))

    def brought(self, request: Data, steps: tuple[Step, ...]) -> tuple[Fact, ...]:
        """List what counts of what the steps after the first brought."""
        del request, steps
        return ()

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """List what came back other than it was requested. What Vobiz did not state is no difference."""
        del request, thing
        return ()

    def also(self, request: Data, seen: Data, thing: Thing | None) -> tuple[Line, ...]:
        """Say what else the change changed, or that this is not known; nothing where nothing was changed."""
        del request, seen, thing
        return ()

    def changed(self, thing: Thing) -> tuple[Line, ...]:
        """Say what a guard found changed of a record since the person saw it."""
        del thing
        return ()

    def advice(self, refusal: Refusal) -> Line:
        """Say what to do about a refusal where that is special to the kind; empty where it is not."""
        del refusal
        return ()

    def instead(self, request: Data, refusal: Refusal) -> tuple[Button, ...]:
        """Offer what may be done in place of what was refused."""
        del request, refusal
        return ()

    def left(self, op: Operation) -> tuple[Button, ...]:
        """Offer what such an operation did not get to."""
        del op
        return ()

    def signs_in(self, request: Data, seen: Data, done: tuple[Step, ...]) -> tuple[Fact, ...]:
        """List what a password is used with (user name, realm, domain), as far as it is known."""
        del request, seen, done
        return ()

    def renew(self, request: Data, steps: tuple[Step, ...]) -> tuple[Button, ...]:
        """Offer to replace a password that cannot be shown any more."""
        del request, steps
        return ()

    def stranded(self, op: Operation) -> tuple[Line, ...]:
        """Say what there is now of an operation that ended after only some of its steps were done."""
        del op
        return ()

    def follows(self, request: Data, thing: Thing) -> tuple[Button, ...]:
        """Offer what usually follows once it is done."""
        del request, thing
        return ()

    def next_steps(self, request: Data) -> tuple[Line, ...]:
        """Say what usually follows once it is done as it was requested."""
        del request
        return ()

    def warnings(self, request: Data, seen: Data) -> tuple[Line, ...]:
        """Say what the account showed when this was requested: to the approvers and to the requester."""
        del request, seen
        return ()

    def alerts(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say the same above the inputs of the form, while it can still be changed."""
        del known, seen
        return ()

    def defaults(self) -> tuple[Line, ...]:
        """Say below the inputs what Vobiz sets by itself."""
        return ()

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type and what it does, for help. `verb` is the word after the command."""
        return ((verb, f"opens the form to {self.verb} {a(self.noun)}"),)

    def step(self, name: str, request: Data) -> str:
        """Name a step of several, for the list of them: “Create the trunk”."""
        del request
        return first_up(name.replace("_", " "))

    def of(self, step: str) -> "Words":
        """Return what is said while it is not known what became of one step of several."""
        del step
        return _OF_A_STEP


_STANDINGS: Final = MappingProxyType({Standing.REJECTED: "refused", Standing.AWAITING_APPROVAL: "waiting"})


class StepWords(Words):
    """What is said of a step that is told by no more than its name."""

    noun: ClassVar[str] = "step"
    verb: ClassVar[str] = "do"
    doing: ClassVar[str] = "doing"
    done: ClassVar[str] = "done"


_OF_A_STEP: Final = StepWords()


class MakingWords(Words):
    """The same for a kind that makes a record: the `noun` is the record."""

    verb: ClassVar[str] = "create"
    doing: ClassVar[str] = "creating"
    done: ClassVar[str] = "created"
    nothing: ClassVar[str] = "Nothing was created."
    doubles: ClassVar[bool] = True

    @property
    def mend(self) -> Line:
        """Say what to do about a record that differs from what was requested."""
        return (f"I did not change it. Correct the {self.record} in the ", CONSOLE, " before you use it.")

    @property
    def busy(self) -> str:
        """Head the answer to a request for what is being made."""
        return f"The same {self.noun} is being {self.done} already"

    @property
    def apart(self) -> str:
        """Say why one of two waits."""
        return f"so that there will not be two {self.noun}s"

    @property
    def looking(self) -> str:
        """Say what the bot does while it is not known what became of the request."""
        return f"I am looking for the {self.noun} in the account."

    @property
    def found(self) -> str:
        """Say how it is known that it was made."""
        return f"I found the {self.noun} in the account: it is the only match for this request."

    @property
    def missing(self) -> str:
        """Head the question when nothing was found."""
        return f"the {self.noun} was not found"

    def absent(self, within: str) -> str:
        """Say that nothing was found."""
        return f"No matching {self.noun} appeared{within}. It may still show up, or it was never {self.done}."

    @property
    def either(self) -> str:
        """Say that nothing is known."""
        return f"the {self.noun} may or may not exist"

    @property
    def twice(self) -> str:
        """Say what sending again may do."""
        return f"{self.verb} a second {self.noun}"

    @property
    def stays(self) -> str:
        """Say what giving up does not do."""
        return f"Nothing is deleted: if Vobiz did {self.verb} the {self.noun}, it stays in the account."


class UnknownWords(Words):
    """What is said of an operation whose kind this version does not know: not more than it knows."""

    remark: ClassVar[Line] = (
        "I do not know this kind of change: a newer version of the bot made it. ",
        "I keep it, and do nothing with it.",
    )
