"""The count itself: it reads the bot's own words, and each kind of fault is seen when there is one."""

from dataclasses import replace
from typing import Final

import pytest

from bot.blockkit.layout import Message
from bot.domain.operation import Operation, State, StepState
from bot.domain.policy import Members
from bot.kinds.create_trunk.words import CreateTrunkWords
from bot.sandbox.slack.messages import MessageLog, written
from bot.sandbox.slack.people import BOT_USER
from bot.words.answers import duplicate_message, status_message
from bot.words.approval_answers import created_meanwhile_message
from bot.words.approval_message import approval_message
from bot.words.status import (
    answered_message,
    late_message,
    operation_message,
    question_message,
    repeat_message,
    settled_message,
)
from tests.crash.counting import Evidence, Faults, count
from tests.crash.reading import Ending, Memory, Place, Saying, read
from tests.wording_samples import (
    AWAITING,
    NOT_THERE,
    OPERATION,
    REFUSAL,
    TRUNK,
    approved,
    at,
    closed,
    created,
    refused,
    stopped,
    thing,
    unknown,
    unsent,
)

REF: Final = "7K3M-9QWX"
OTHER: Final = "0000-0001"
NAME: Final = "Crash 0001"
ONE: Final = "11111111-1111-4111-8111-111111111111"
TWO: Final = "22222222-2222-4222-8222-222222222222"
WORDS: Final = CreateTrunkWords()


def words(message: Message) -> str:
    return "\n".join(written(list(message.blocks)))


def result(op: Operation, *, repeat: bool = False) -> Message:
    return operation_message(op, WORDS, repeat=repeat)


def asked(op: Operation) -> Message:
    return approval_message(op, WORDS, Members(), "")


MADE: Final = TRUNK.model_copy(update={"id": ONE})
CREATED: Final = created(MADE)
REJECTED: Final = refused(REFUSAL)
GIVEN_UP: Final = stopped(StepState.NOT_DONE)
DENIED: Final = closed(AWAITING, State.DENIED)
ASKING: Final = unknown(NOT_THERE)
LOOKING: Final = unknown(None)
RUNNING: Final = at(OPERATION, State.RUNNING, replace(OPERATION.step, state=StepState.SENDING, sendings=1))
NO_END: Final = (None, None, False, False)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (result(CREATED), (Ending.CREATED, ONE, False, False)),
        (result(REJECTED), (Ending.REFUSED, None, True, False)),
        (result(refused(REFUSAL, sendings=2)), (Ending.REFUSED, None, False, False)),
        (result(unsent("connect")), (Ending.NOT_SENT, None, True, False)),
        (result(DENIED), (Ending.DENIED, None, True, False)),
        (result(GIVEN_UP), (Ending.NOT_CREATED, None, False, False)),
        (result(RUNNING), NO_END),
        (result(LOOKING), NO_END),
        (result(ASKING), NO_END),
        (result(AWAITING), NO_END),
        (status_message(DENIED, WORDS, own=False), (Ending.DENIED, None, True, False)),
        (status_message(AWAITING, WORDS), NO_END),
        (asked(AWAITING), NO_END),
        (asked(DENIED), (None, None, True, False)),
        (asked(CREATED), (None, ONE, False, False)),
        (result(CREATED, repeat=True), (Ending.CREATED, ONE, False, True)),
        (repeat_message(CREATED, WORDS), (None, ONE, False, True)),
        (question_message(ASKING, WORDS, Members()), NO_END),
        (answered_message(CREATED, WORDS), (None, ONE, False, False)),
        (answered_message(GIVEN_UP, WORDS), NO_END),
        (settled_message(CREATED, WORDS), (None, ONE, False, False)),
        (settled_message(GIVEN_UP, WORDS), NO_END),
    ],
    ids=[
        "created",
        "refused",
        "refused when sent again",
        "not sent",
        "denied",
        "not created",
        "running",
        "looking",
        "asking",
        "waiting",
        "denied, asked by another",
        "waiting, asked by who wants it",
        "waiting, where it was asked",
        "denied, where it was asked",
        "created, where it was asked",
        "repeat",
        "repeat in a line",
        "the call to decide",
        "the call, no longer open",
        "the call, given up",
        "settled",
        "settled, given up",
    ],
)
def test_the_bots_words_are_understood(
    message: Message, expected: tuple[Ending | None, str | None, bool, bool]
) -> None:
    said = read(words(message))
    assert said.ref == OPERATION.ref
    assert (said.ending, said.trunk, said.nothing, said.repeat) == expected


@pytest.mark.parametrize(
    ("message", "place", "is_open"),
    [
        (result(RUNNING), Place.RESULT, True),
        (result(LOOKING), Place.RESULT, True),
        (result(ASKING), Place.RESULT, True),
        (result(AWAITING), Place.RESULT, True),
        (result(CREATED), Place.RESULT, False),
        (result(REJECTED), Place.RESULT, False),
        (result(GIVEN_UP), Place.RESULT, False),
        (result(DENIED), Place.RESULT, False),
        (repeat_message(LOOKING, WORDS), Place.RESULT, True),
        (repeat_message(CREATED, WORDS), Place.RESULT, False),
        (question_message(ASKING, WORDS, Members()), Place.QUESTION, True),
        (question_message(ASKING, WORDS, Members(users=frozenset({"U0ASHA001"}))), Place.QUESTION, True),
        (answered_message(CREATED, WORDS), Place.QUESTION, False),
        (settled_message(CREATED, WORDS), Place.SETTLED, False),
        (settled_message(GIVEN_UP, WORDS), Place.SETTLED, False),
        (asked(AWAITING), Place.APPROVAL, True),
        (asked(approved(LOOKING)), Place.APPROVAL, True),
        (asked(approved(ASKING)), Place.APPROVAL, True),
        (asked(approved(CREATED)), Place.APPROVAL, False),
        (asked(DENIED), Place.APPROVAL, False),
    ],
)
def test_it_is_understood_which_message_it_is_and_whether_it_speaks_of_an_end(
    message: Message, place: Place, *, is_open: bool
) -> None:
    said = read(words(message))
    assert (said.place, said.open) == (place, is_open)


@pytest.mark.parametrize("op", [RUNNING, LOOKING], ids=["running", "not settled"])
def test_a_merged_request_is_no_end(op: Operation) -> None:
    merged = read(words(duplicate_message(op, WORDS)))
    assert (merged.merged, merged.ending, merged.ref) == (True, None, OPERATION.ref)


@pytest.mark.parametrize(
    "data",
    [
        {"candidates": [thing(MADE).model_dump(mode="json")]},
        {"answer": thing(MADE).model_dump(mode="json")},
    ],
    ids=["a late twin", "a late answer"],
)
def test_what_turned_up_later_is_no_end(data: dict[str, object]) -> None:
    late = read(words(late_message(GIVEN_UP, WORDS, data)))
    assert (late.twins, late.ending, late.trunk) == (frozenset({ONE}), None, None)


def test_what_is_said_of_an_identical_request_is_of_that_one() -> None:
    asking = replace(AWAITING, id="0" * 31 + "1")
    meanwhile = read(words(created_meanwhile_message(asking, WORDS, "", CREATED)))
    assert (meanwhile.ref, meanwhile.trunk, meanwhile.ending) == (OPERATION.ref, ONE, None)


def said(
    ending: Ending | None = Ending.CREATED,
    trunk: str | None = ONE,
    *,
    ref: str = REF,
    nothing: bool = False,
    repeat: bool = False,
) -> Saying:
    return Saying(
        ref, NAME, ending, trunk, frozenset(), nothing, merged=False, repeat=repeat, place=Place.RESULT
    )


CLEAN: Final = Evidence(
    own={REF: NAME},
    merged={},
    messages=[said()],
    spoken=[said()],
    trunks={ONE: NAME},
    posts=[NAME],
    statuses={REF: said()},
)


def test_nothing_is_counted_when_nothing_is_wrong() -> None:
    assert count(CLEAN) == Faults()


WAITS: Final = replace(said(None, None), place=Place.RESULT, open=True)
ASKS: Final = replace(said(None, None), place=Place.QUESTION, open=True)
SETTLED: Final = replace(said(None), place=Place.SETTLED)
REFUSED: Final = said(Ending.REFUSED, None, nothing=True)
NO: Final = said(Ending.DENIED, None, nothing=True)


@pytest.mark.parametrize(
    ("evidence", "kinds"),
    [
        (replace(CLEAN, trunks={ONE: NAME, TWO: NAME}), {"twice", "orphans"}),
        (replace(CLEAN, posts=[NAME, NAME]), {"sent_twice"}),
        (replace(CLEAN, posts=[NAME, NAME], resends=frozenset({(REF, 1)})), set()),
        (replace(CLEAN, messages=[], statuses={REF: said(None, None)}), {"lost"}),
        (replace(CLEAN, messages=[], statuses=None), {"lost"}),
        (replace(CLEAN, messages=[]), {"silent"}),
        (replace(CLEAN, messages=[said(), said()]), {"said_twice"}),
        # A direct message that said that it waits was brought up to date, and the channel was told.
        (replace(CLEAN, messages=[replace(said(), renewed=True), said()]), set()),
        (replace(CLEAN, messages=[said(), said(repeat=True)]), set()),
        (replace(CLEAN, statuses={REF: said(None, None)}), {"untrue"}),
        (replace(CLEAN, known=[WAITS]), {"untrue"}),
        (replace(CLEAN, known=[WAITS], spoken=[said(), said(repeat=True)]), {"untrue"}),
        (replace(CLEAN, lasting=[WAITS]), {"untrue"}),
        (replace(CLEAN, lasting=[WAITS], spoken=[said(), said(repeat=True)]), set()),
        (replace(CLEAN, lasting=[ASKS], lost=frozenset({(REF, "question")})), set()),
        (replace(CLEAN, lasting=[WAITS], lost=frozenset({(REF, "question")})), {"untrue"}),
        (replace(CLEAN, known=[ASKS], lost=frozenset({(REF, "question")})), {"untrue"}),
        (replace(CLEAN, messages=[said(), SETTLED]), set()),
        (replace(CLEAN, messages=[said(), SETTLED, SETTLED]), {"said_twice"}),
        (replace(CLEAN, spoken=[said(trunk=TWO)]), {"untrue", "orphans"}),
        (replace(CLEAN, spoken=[said(), said(ref=OTHER)], own={REF: NAME, OTHER: NAME}), {"untrue", "lost"}),
        (replace(CLEAN, spoken=[said(), said(trunk=None)]), {"untrue"}),
        (
            replace(CLEAN, messages=[NO], spoken=[NO], statuses={REF: NO}),
            {"twice", "sent_twice", "untrue", "orphans"},
        ),
        (replace(CLEAN, messages=[NO], spoken=[NO], statuses={REF: NO}, trunks={}, posts=[]), set()),
        (
            replace(CLEAN, messages=[REFUSED], spoken=[REFUSED], statuses={REF: REFUSED}),
            {"twice", "untrue", "orphans"},
        ),
    ],
    ids=[
        "two trunks",
        "sent unasked",
        "sent again by a person",
        "lost",
        "lost, without a status command",
        "silent",
        "posted twice",
        "a direct message brought up to date",
        "a repeat that says so",
        "status differs",
        "a message that is out of date",
        "the same beside one that may be there twice",
        "a message that is out of date, unknown to the bot",
        "the same beside one that says that it may be there twice",
        "a question that Slack did not confirm",
        "another message beside one",
        "a question that Slack did confirm",
        "settled",
        "settled twice",
        "a trunk that is not there",
        "one trunk of two requests",
        "created without a trunk",
        "denied and yet made",
        "denied",
        "refused and yet made",
    ],
)
def test_each_fault_is_counted(evidence: Evidence, kinds: set[str]) -> None:
    found = count(evidence)
    assert {name for name in Faults.__slots__ if getattr(found, name)} == kinds


def test_a_message_is_read_again_when_it_was_edited() -> None:
    memory, log = Memory(), MessageLog(lambda: 1.0)
    message = log.add("C0VOICE01", BOT_USER, "Reference: 7K3M-9QWX")
    first = memory.of(message)
    assert first[1].ref == "7K3M-9QWX"
    assert memory.of(message)[1] is first[1]
    message.text, message.blocks = "Reference: 008J-4CT4", []
    assert memory.of(message)[1].ref == "008J-4CT4"
