"""The count itself: it reads the bot's own words, and each kind of fault is seen when there is one."""

from dataclasses import replace
from typing import Final

import pytest

from bot.blockkit.layout import Message
from bot.domain.operation import Operation, State
from bot.domain.policy import Members
from bot.sandbox.slack.messages import written
from bot.words.answers import duplicate_message, status_message
from bot.words.approvals import approval_message
from bot.words.decisions import created_meanwhile_message
from bot.words.results import late_twin_message, operation_message, replaced_message
from tests.crash.counting import Evidence, Faults, count
from tests.crash.reading import Ending, Saying, read
from tests.wording_samples import OPERATION, REFUSAL, TRUNK

REF: Final = "7K3M-9QWX"
OTHER: Final = "0000-0001"
NAME: Final = "Crash 0001"
ONE: Final = "11111111-1111-4111-8111-111111111111"
TWO: Final = "22222222-2222-4222-8222-222222222222"


def words(message: Message) -> str:
    return "\n".join(written(list(message.blocks)))


MADE: Final = TRUNK.model_copy(update={"id": ONE})


def standing(state: State) -> Operation:
    return replace(OPERATION, state=state)


CREATED: Final = replace(OPERATION, state=State.CREATED, trunk=MADE)
REJECTED: Final = replace(OPERATION, state=State.REJECTED, refusal=REFUSAL)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (operation_message(CREATED), (Ending.CREATED, ONE, False, False)),
        (
            operation_message(REJECTED),
            (Ending.REFUSED, None, True, False),
        ),
        (operation_message(standing(State.NOT_SENT)), (Ending.NOT_SENT, None, True, False)),
        (operation_message(standing(State.DENIED)), (Ending.DENIED, None, True, False)),
        (operation_message(standing(State.NOT_CREATED)), (Ending.NOT_CREATED, None, False, False)),
        (operation_message(standing(State.UNKNOWN)), (None, None, False, False)),
        (operation_message(standing(State.AWAITING_APPROVAL)), (None, None, False, False)),
        (status_message(standing(State.DENIED), own=False), (Ending.DENIED, None, True, False)),
        (approval_message(standing(State.DENIED), Members(), ""), (None, None, True, False)),
        (approval_message(CREATED, Members(), ""), (None, ONE, False, False)),
        (
            operation_message(CREATED, repeat=True),
            (Ending.CREATED, ONE, False, True),
        ),
        (replaced_message(CREATED), (None, ONE, False, False)),
        (replaced_message(standing(State.NOT_CREATED)), (None, None, False, False)),
    ],
    ids=[
        "created",
        "refused",
        "not sent",
        "denied",
        "not created",
        "looking",
        "waiting",
        "denied, asked by another",
        "denied, where it was asked",
        "created, where it was asked",
        "repeat",
        "replaced",
        "replaced, given up",
    ],
)
def test_the_bots_words_are_understood(
    message: Message, expected: tuple[Ending | None, str | None, bool, bool]
) -> None:
    said = read(words(message))
    assert said.ref == OPERATION.ref
    assert (said.ending, said.trunk, said.nothing, said.repeat) == expected


def test_a_merged_request_and_a_late_twin_are_no_ends() -> None:
    merged = read(words(duplicate_message(standing(State.SENDING))))
    assert (merged.merged, merged.ending, merged.ref) == (True, None, OPERATION.ref)
    late = read(words(late_twin_message(standing(State.NOT_CREATED), (MADE,))))
    assert (late.twins, late.ending) == (frozenset({ONE}), None)


def test_what_is_said_of_an_identical_request_is_of_that_one() -> None:
    asking = replace(standing(State.AWAITING_APPROVAL), id="0" * 31 + "1")
    meanwhile = read(words(created_meanwhile_message(asking, "", CREATED)))
    assert (meanwhile.ref, meanwhile.trunk, meanwhile.ending) == (OPERATION.ref, ONE, None)


def said(
    ending: Ending | None = Ending.CREATED,
    trunk: str | None = ONE,
    *,
    ref: str = REF,
    nothing: bool = False,
    repeat: bool = False,
) -> Saying:
    return Saying(ref, NAME, ending, trunk, frozenset(), nothing, merged=False, repeat=repeat)


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
        (replace(CLEAN, messages=[said(), said(repeat=True)]), set()),
        (replace(CLEAN, statuses={REF: said(None, None)}), {"untrue"}),
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
        "a repeat that says so",
        "status differs",
        "a trunk that is not there",
        "one trunk of two requests",
        "created without a trunk",
        "denied and yet made",
        "denied",
        "denied",
    ],
)
def test_each_fault_is_counted(evidence: Evidence, kinds: set[str]) -> None:
    found = count(evidence)
    assert {name for name in Faults.__slots__ if getattr(found, name)} == kinds
