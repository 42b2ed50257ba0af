"""How operations move: what each transition allows, and what holds after any sequence of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.operation import (
    IN_FLIGHT,
    STEP_TRANSITIONS,
    TRANSITIONS,
    Choice,
    Found,
    Look,
    Operation,
    Standing,
    State,
    Step,
    StepState,
)
from bot.domain.outcome import Done, Outcome, Thing
from bot.domain.records import Move, Purpose, Record
from bot.domain.transitions.decisions import answer_question, approve, close, remind
from bot.domain.transitions.looks import found, looked, not_sent_again, rest, turned_up, unfruitful
from bot.domain.transitions.sendings import (
    answered_late,
    begin,
    changed_meanwhile,
    compare,
    interrupted,
    settle,
)
from bot.domain.transitions.statements import stated
from tests.pure.operations import (
    DONE,
    NOT_SENT,
    NOTHING_THERE,
    NOW,
    ONE_THERE,
    OTHER,
    REJECTED,
    TRUNK,
    UNKNOWN,
    accepted,
    requested,
    sending,
    unknown,
)

LATER = NOW + 1_000
BARE = Done(Thing(id="T-1", data={"name": "Sales"}, awaited=("SIP domain",)), 201, None)
ASKED = unknown(accepted(), NOTHING_THERE, asking=True)
LISTED = unknown(accepted(), ONE_THERE, asking=True)


def decided(record: Record, choice: Choice, picked: str | None = None) -> Record:
    move = answer_question(
        record, LATER, choice=choice, actor="U2", asked=record.operation.round, picked=picked
    )
    assert move is not None
    return move.after


SEND_AGAIN = decided(ASKED, Choice.SEND_AGAIN)


def purposes(move: Move) -> set[Purpose]:
    return {notice.purpose for notice in move.notices if not notice.renew}


@pytest.mark.parametrize(
    ("record", "may"),
    [
        (accepted(), True),
        (requested(), False),
        (sending(accepted()), False),
        (unknown(accepted()), False),
        (ASKED, False),
        (decided(ASKED, Choice.CHECK_AGAIN), False),
        (SEND_AGAIN, True),
        (decided(ASKED, Choice.GIVE_UP), False),
        (decided(LISTED, Choice.PICK, "T-1"), False),
    ],
)
def test_only_what_was_never_sent_or_is_to_be_sent_again_is_sent(record: Record, may: bool) -> None:
    move = begin(record, LATER)
    assert (move is not None) == may
    if move is not None:
        op = move.after.operation
        assert (op.state, op.step.state, move.after.decision) == (State.RUNNING, StepState.SENDING, None)
        assert begin(move.after, LATER) is None


@pytest.mark.parametrize(
    ("outcome", "standing", "told"),
    [
        (DONE, Standing.DONE, {Purpose.RESULT, Purpose.MODAL}),
        (REJECTED, Standing.REJECTED, {Purpose.RESULT, Purpose.MODAL}),
        (NOT_SENT, Standing.NOT_SENT, {Purpose.RESULT, Purpose.MODAL}),
        (UNKNOWN, Standing.UNKNOWN, {Purpose.RESULT, Purpose.MODAL}),
    ],
)
def test_an_answer_settles_its_sending(outcome: Outcome, standing: Standing, told: set[Purpose]) -> None:
    sent = sending(accepted())
    move = settle(sent, LATER, sent=sent, outcome=outcome, resource="trunk", wake_at=LATER + 5)
    assert move is not None
    assert (move.after.operation.standing, purposes(move)) == (standing, told)
    assert move.things == ((("trunk", "T-1"),) if outcome == DONE else ())
    assert move.after.wake_at == (LATER + 5 if outcome == UNKNOWN else None)


@pytest.mark.parametrize("step_after", [1, 2, 3])
def test_the_steps_come_in_their_order_and_a_failure_starts_no_other(step_after: int) -> None:
    record = accepted(3)
    for number in range(1, step_after):
        begun = begin(record, LATER)
        assert begun is not None
        outcome = Done(TRUNK.model_copy(update={"id": f"T-{number}"}), 201, None)
        after = settle(begun.after, LATER, sent=begun.after, outcome=outcome)
        assert after is not None
        assert after.after.operation.state is State.RUNNING
        record = after.after
    begun = begin(record, LATER)
    assert begun is not None
    stopped = settle(begun.after, LATER, sent=begun.after, outcome=REJECTED)
    assert stopped is not None
    op = stopped.after.operation
    assert op.standing is Standing.REJECTED
    assert [step.state for step in op.steps] == [
        *[StepState.DONE] * (step_after - 1),
        StepState.REJECTED,
        *[StepState.WAITING] * (3 - step_after),
    ]
    assert begin(stopped.after, LATER) is None
    # What was done before is for all to see.
    assert (stopped.after.wake_at, Purpose.RESULT in purposes(stopped)) == (None, True)


@pytest.mark.parametrize("look", [None, NOTHING_THERE, ONE_THERE])
@pytest.mark.parametrize("outcome", [DONE, REJECTED, NOT_SENT, UNKNOWN])
def test_an_answer_that_comes_after_its_run_was_taken_for_dead(outcome: Outcome, look: Look | None) -> None:
    sent = sending(accepted())
    record = unknown(accepted(), look, asking=look is not None)
    move = settle(record, LATER, sent=sent, outcome=outcome)
    # Only a success is so plain that nobody has to be asked about it any more.
    assert (move is not None) == (outcome == DONE)
    if move is not None:
        assert not move.after.operation.asking
        assert Purpose.SETTLED in purposes(move)
        assert move.after.operation.step.found is Found.LATE


@pytest.mark.parametrize(
    "record",
    [
        replace(SEND_AGAIN, operation=begun.after.operation) if (begun := begin(SEND_AGAIN, LATER)) else None,
        decided(ASKED, Choice.GIVE_UP),
        decided(LISTED, Choice.PICK, "T-1"),
    ],
    ids=["sent again", "given up", "picked"],
)
def test_an_answer_settles_no_other_sending(record: Record) -> None:
    sent = sending(accepted())
    assert settle(record, LATER, sent=sent, outcome=Done(OTHER, 201, None)) is None
    late = answered_late(record, LATER, sent=sent, outcome=Done(OTHER, 201, None))
    assert late.after.operation == record.operation
    assert [(notice.purpose, notice.key) for notice in late.notices] == [(Purpose.LATE, "T-2")]


def test_a_late_answer_that_names_what_is_known_rings_nobody() -> None:
    picked = decided(LISTED, Choice.PICK, "T-1")
    named = Done(TRUNK.model_copy(update={"id": "t-1"}), 201, None)  # ids have no case
    assert answered_late(picked, LATER, sent=sending(accepted()), outcome=named).notices == ()


def test_a_settled_answer_stops_a_decision_to_send_again_that_was_not_carried_out_yet() -> None:
    move = settle(SEND_AGAIN, LATER, sent=sending(accepted()), outcome=DONE)
    assert move is not None
    assert (move.after.operation.state, move.after.decision) == (State.DONE, None)
    assert begin(move.after, LATER) is None


@pytest.mark.parametrize(
    ("choice", "picked", "record", "state"),
    [
        (Choice.CHECK_AGAIN, None, ASKED, State.UNKNOWN),
        (Choice.SEND_AGAIN, None, ASKED, State.UNKNOWN),
        (Choice.GIVE_UP, None, ASKED, State.STOPPED),
        (Choice.PICK, "T-1", LISTED, State.DONE),
        (Choice.PICK, "T-9", LISTED, None),
        (Choice.PICK, None, LISTED, None),
        (Choice.PICK, "T-1", ASKED, None),
        (Choice.SEND_AGAIN, None, LISTED, None),
        (Choice.TRY_AGAIN, None, ASKED, None),
        (Choice.CHECK_AGAIN, None, unknown(accepted()), None),
    ],
)
def test_a_person_decides_what_the_question_offers(
    choice: Choice, picked: str | None, record: Record, state: State | None
) -> None:
    move = answer_question(record, LATER, choice=choice, actor="U2", asked=0, picked=picked)
    assert (move and move.after.operation.state) == state
    if move is not None:
        # It counts as a round, so that whoever comes second finds the question closed.
        again = answer_question(move.after, LATER, choice=choice, actor="U3", asked=0, picked=picked)
        assert (move.after.operation.round, move.entry and move.entry.actor, again) == (1, "U2", None)


@pytest.mark.parametrize("asked", [None, 1, 7])
def test_a_person_decides_about_the_question_that_they_saw(asked: int | None) -> None:
    assert answer_question(ASKED, LATER, choice=Choice.GIVE_UP, actor="U2", asked=asked) is None


def test_what_a_look_showed_before_a_decision_says_nothing_after_it() -> None:
    for record in (decided(ASKED, Choice.CHECK_AGAIN), SEND_AGAIN, decided(ASKED, Choice.GIVE_UP)):
        for look in (NOTHING_THERE, ONE_THERE):
            assert looked(record, LATER, began=ASKED, look=look, evidence={}, wake_at=None) is None
        assert found(record, LATER, began=ASKED, thing=TRUNK, why="") is None
        assert unfruitful(record, LATER, began=ASKED, wake_at=None) is None


def test_a_look_opens_a_question_once_and_then_brings_it_up_to_date() -> None:
    began = unknown(accepted())
    first = looked(began, LATER, began=began, look=NOTHING_THERE, evidence={}, wake_at=LATER)
    assert first is not None
    assert Purpose.QUESTION in purposes(first)
    opened = first.after
    assert looked(opened, LATER + 9, began=opened, look=NOTHING_THERE, evidence={}, wake_at=None) is None
    second = looked(opened, LATER + 9, began=opened, look=ONE_THERE, evidence={}, wake_at=None)
    assert second is not None
    # What has turned up is another question: a decision about the one before does not hold for it.
    assert Purpose.QUESTION in purposes(second)
    assert second.after.operation.round == opened.operation.round + 1
    assert second.after.operation.updated_at == opened.operation.updated_at  # since when it is open
    assert Choice.SEND_AGAIN not in second.after.operation.choices


def test_before_it_is_sent_again_the_question_may_come_back() -> None:
    move = not_sent_again(SEND_AGAIN, LATER, began=SEND_AGAIN, look=ONE_THERE, wake_at=LATER)
    assert move is not None
    op = move.after.operation
    assert op.asking
    assert op.choices == {Choice.PICK, Choice.CHECK_AGAIN, Choice.GIVE_UP}
    assert Purpose.QUESTION in purposes(move)
    assert begin(move.after, LATER) is None


@pytest.mark.parametrize(
    ("bound", "actor", "at", "may"),
    [
        ("right", "U2", LATER, True),
        ("wrong", "U2", LATER, False),
        ("right", "U1", LATER, False),
        ("right", "U2", NOW + 3_600_000, False),
    ],
    ids=["approved", "another digest", "their own", "expired"],
)
def test_approving(bound: str, actor: str, at: int, may: bool) -> None:
    record = requested()
    bound = record.digest if bound == "right" else bound
    move = approve(record, at, bound=bound, actor=actor)
    assert (move is not None) == may
    if move is not None:
        assert (move.after.operation.state, move.after.operation.approved_by) == (State.ACCEPTED, actor)
        assert approve(move.after, at, bound=bound, actor="U3") is None


def test_a_request_that_was_edited_is_not_approved_with_its_old_digest() -> None:
    record = requested()
    edited = replace(record, operation=replace(record.operation, request={"name": "Sales", "calls": 999}))
    for bound in (record.digest, edited.operation.bound):
        assert approve(edited, LATER, bound=bound, actor="U2") is None


@pytest.mark.parametrize("end", [State.DENIED, State.EXPIRED, State.WITHDRAWN])
def test_a_request_ends_once(end: State) -> None:
    record, at = requested(), NOW + 3_600_000
    move = close(record, at, end=end, actor="U2", denial="no")
    assert move is not None
    assert move.after.operation.state is end
    assert close(move.after, at, end=State.DENIED, actor="U3") is None
    assert begin(move.after, at) is None


def test_a_request_does_not_expire_before_its_time() -> None:
    assert close(requested(), LATER, end=State.EXPIRED, actor="bot") is None


def test_a_request_is_reminded_of_once_when_half_of_its_time_is_over() -> None:
    record = requested()
    assert remind(record, NOW + 1_799_999) is None
    move = remind(record, NOW + 1_800_000)
    assert move is not None
    assert purposes(move) == {Purpose.REMINDER}
    assert remind(move.after, NOW + 1_900_000) is None
    assert remind(move.after, NOW + 3_600_000) is None


def test_a_statement_is_of_the_result_as_it_was_read() -> None:
    sent = sending(accepted())
    made = settle(sent, LATER, sent=sent, outcome=BARE, resource="trunk")
    assert made is not None
    assert BARE.thing is not None
    assert made.after.wake_at == LATER
    whole = BARE.thing.model_copy(update={"data": {"name": "Sales", "domain": "d"}, "awaited": ()})
    move = stated(made.after, LATER, read=made.after, things={1: whole}, wake_at=None)
    assert move is not None
    assert move.after.operation.step.thing == whole
    assert (move.after.wake_at, move.after.operation.updated_at) == (None, LATER)
    assert (move.entry and move.entry.kind, purposes(move)) == ("stated", {Purpose.RESULT, Purpose.MODAL})
    assert stated(move.after, LATER, read=made.after, things={1: whole}, wake_at=None) is None
    in_vain = stated(made.after, LATER, read=made.after, things={1: BARE.thing}, wake_at=LATER + 5)
    assert in_vain is not None
    assert (in_vain.entry, in_vain.notices, in_vain.after.wake_at) == (None, (), LATER + 5)


def test_what_the_guard_finds_changed_is_not_sent() -> None:
    assert changed_meanwhile(accepted(), LATER, what={}) is None  # it is compared once it runs
    comparing = compare(accepted(), LATER)
    assert comparing is not None
    move = changed_meanwhile(comparing.after, LATER, what={"name": "Other"})
    assert move is not None
    assert (move.after.operation.standing, move.after.operation.step.sent_at) == (Standing.NOT_SENT, None)
    assert begin(move.after, LATER) is None
    assert changed_meanwhile(sending(accepted()), LATER, what={}) is None


@pytest.mark.parametrize(
    ("move", "looks"),
    [
        (settle(sending(accepted()), LATER, sent=sending(accepted()), outcome=DONE), False),
        (settle(unknown(accepted()), LATER, sent=sending(accepted()), outcome=DONE), False),
        (found(unknown(accepted()), LATER, began=unknown(accepted()), thing=TRUNK, why=""), True),
        (answer_question(ASKED, LATER, choice=Choice.GIVE_UP, actor="U2", asked=0), True),
        (answer_question(LISTED, LATER, choice=Choice.PICK, actor="U2", asked=0, picked="T-1"), True),
    ],
    ids=["answered", "answered late", "found", "given up", "picked"],
)
def test_an_operation_that_was_uncertain_is_looked_at_after_its_end(move: Move | None, looks: bool) -> None:
    assert move is not None
    assert move.after.wake_at == (LATER if looks else None)


def test_a_record_becomes_the_operations_once_although_two_steps_name_it() -> None:
    sent = sending(accepted(2))
    first = settle(sent, LATER, sent=sent, outcome=DONE, resource="trunk")
    assert first is not None
    assert first.things == (("trunk", "T-1"),)
    second = begin(first.after, LATER)
    assert second is not None
    named = Done(TRUNK.model_copy(update={"id": "t-1"}), 200, None)
    last = settle(second.after, LATER, sent=second.after, outcome=named, resource="trunk")
    assert last is not None
    assert (last.things, last.after.operation.state) == ((), State.DONE)


@dataclass
class History:
    """An operation and everything that a run, a person, or a process that was thought dead may know of it."""

    record: Record
    now: int = NOW
    intents: list[Record] = field(default_factory=list)
    views: list[Record] = field(default_factory=list)
    begun: dict[int, int] = field(default_factory=dict)
    said_again: dict[int, int] = field(default_factory=dict)

    def apply(self, move: Move | None) -> None:
        if move is None:
            return
        before, after = self.record.operation, move.after.operation
        legal(before, after)
        for one, other in zip(before.steps, after.steps, strict=True):
            if one.state is not other.state and other.state is StepState.SENDING:
                self.intents.append(move.after)
                self.begun[one.number] = self.begun.get(one.number, 0) + 1
        if move.entry is not None and move.entry.kind == Choice.SEND_AGAIN:
            number = after.step.number
            self.said_again[number] = self.said_again.get(number, 0) + 1
        told(before, move)
        self.record = move.after


def legal(before: Operation, after: Operation) -> None:
    if before.state is not after.state:
        assert after.state in TRANSITIONS.get(before.state, frozenset())
    for one, other in zip(before.steps, after.steps, strict=True):
        if one.state is not other.state:
            assert other.state in STEP_TRANSITIONS.get(one.state, frozenset())


def told(before: Operation, move: Move) -> None:
    """Whatever people would call news is told, and a channel does not miss that a doubt is gone."""
    after = move.after.operation
    if before.standing is not after.standing and after.state not in {State.ACCEPTED, State.RUNNING}:
        purposes = {notice.purpose for notice in move.notices}
        assert Purpose.RESULT in purposes
        if before.state is State.UNKNOWN:
            assert Purpose.SETTLED in purposes
    if after.asking and not before.asking:
        assert Purpose.QUESTION in purposes_of(move)


def purposes_of(move: Move) -> set[Purpose]:
    return {notice.purpose for notice in move.notices}


LOOKS = (NOTHING_THERE, ONE_THERE, Look(finished=True, whole=False), Look(finished=True, whole=True))
Event = Callable[[History, int], Move | None]


def _old(history: History, pick: int) -> Record:
    seen = [*history.views, history.record]
    return seen[pick % len(seen)]


def _settle(history: History, pick: int) -> Move | None:
    if not history.intents:
        return None
    outcome = (DONE, BARE, REJECTED, NOT_SENT, UNKNOWN)[pick % 5]
    sent = history.intents[pick // 5 % len(history.intents)]
    move = settle(history.record, history.now, sent=sent, outcome=outcome, resource="trunk", wake_at=1)
    return move or answered_late(history.record, history.now, sent=sent, outcome=outcome)


def _state(history: History, pick: int) -> Move | None:
    made = {step.number: step.thing for step in history.record.operation.steps if step.thing is not None}
    more = {"data": {"domain": "t.sip.vobiz.ai"}, "awaited": ()} if pick % 3 else {}
    things = {number: thing.model_copy(update=more) for number, thing in made.items() if thing.awaited}
    at = history.now + 1 if pick % 2 and not more else None
    return stated(history.record, history.now, read=_old(history, pick // 6), things=things, wake_at=at)


def _choose(history: History, pick: int) -> Move | None:
    return answer_question(
        history.record,
        history.now,
        choice=tuple(Choice)[pick % 5],
        actor="U2",
        asked=_old(history, pick // 5).operation.round,
        picked="T-1",
    )


EVENTS: tuple[Event, ...] = (
    _state,
    lambda h, _: begin(h.record, h.now),
    _settle,
    lambda h, _: interrupted(h.record, h.now, process="p", wake_at=1),
    lambda h, _: compare(h.record, h.now),
    lambda h, _: changed_meanwhile(h.record, h.now, what={}),
    lambda h, pick: looked(
        h.record, h.now, began=_old(h, pick // 4), look=LOOKS[pick % 4], evidence={}, wake_at=1
    ),
    lambda h, pick: unfruitful(h.record, h.now, began=_old(h, pick), wake_at=1),
    lambda h, pick: found(h.record, h.now, began=_old(h, pick), thing=TRUNK, why="sole"),
    _choose,
    lambda h, pick: not_sent_again(
        h.record, h.now, began=_old(h, pick // 4), look=LOOKS[pick % 4], wake_at=1
    ),
    lambda h, _: approve(h.record, h.now, bound=h.record.digest, actor="U2"),
    lambda h, pick: close(
        h.record,
        h.now,
        end=(State.DENIED, State.EXPIRED, State.WITHDRAWN)[pick % 3],
        actor="U2",
        denial="no",
    ),
    lambda h, _: remind(h.record, h.now),
    lambda h, _: turned_up(h.record, h.now, things=(OTHER,), wake_at=h.record.wake_at),
    lambda h, _: rest(h.record, h.now, wake_at=1) if h.record.operation.state in IN_FLIGHT else None,
)


@settings(max_examples=500)
@given(
    st.sampled_from([accepted(1), accepted(3), requested(1), unknown(accepted(2)), ASKED]),
    st.lists(st.tuples(st.sampled_from(range(len(EVENTS))), st.integers(0, 99)), max_size=40),
)
def test_whatever_happens_in_whatever_order(start: Record, events: list[tuple[int, int]]) -> None:
    history = History(start)
    sent_before = start.operation.step.sendings
    for number, pick in events:
        history.now += 1_000
        history.views.append(history.record)
        history.apply(EVENTS[number](history, pick))
        op, record = history.record.operation, history.record
        # A step is sent once, and once more for each time that a person said so.
        for step in op.steps:
            begun = history.begun.get(step.number, 0) + (sent_before if step.number == 1 else 0)
            assert begun == step.sendings <= 1 + history.said_again.get(step.number, 0)
        # Steps are done in their order, and nothing is started after what was not done.
        states = [step.state for step in op.steps]
        ahead = states[states.index(op.step.state) + 1 :] if op.state is not State.DONE else []
        assert set(ahead) <= {StepState.WAITING}
        assert (op.state is State.DONE) == (set(states) == {StepState.DONE})
        # A question is open only while nothing else is going on, and what is in flight is never forgotten.
        assert not op.asking or (op.state is State.UNKNOWN and record.decision is None and bool(op.choices))
        assert record.wake_at is not None or op.state not in IN_FLIGHT
        assert record.wake_at is not None or not op.awaits  # what is said to be looked for again is
        assert record.decision is None or op.state is State.UNKNOWN
        assert (op.round, op.updated_at) >= (start.operation.round, start.operation.updated_at)
        assert op.standing in Standing


def test_a_step_that_never_began_stays_waiting() -> None:
    assert Step(1, "create").state is StepState.WAITING


def test_an_intent_holds_for_what_was_judged_only() -> None:
    """A run that slept, or was taken for dead, while it looked or compared."""
    judged = replace(unknown(accepted()), decision=Choice.SEND_AGAIN)
    assert begin(judged, LATER, read=judged, looked_at=LATER) is not None
    assert begin(judged, LATER + 5_001, read=judged, looked_at=LATER) is None
    sent = begin(judged, LATER, read=judged)
    assert sent is not None
    lost = interrupted(sent.after, LATER + 1, process="other")
    assert lost is not None
    again = replace(lost.after, decision=Choice.SEND_AGAIN)
    assert begin(again, LATER + 2, read=judged, looked_at=LATER) is None
    assert interrupted(sent.after, LATER, process="p", read=judged) is None
