"""People are told what the outbox holds: in order, at least once, in one message, and never in a flood."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.blockkit.layout import Message
from bot.domain.operation import Approval, Look, Operation, State, Step, StepState
from bot.domain.policy import Members
from bot.domain.records import Entry, Post, Purpose, Record, Telling
from bot.notify.approver_routes import Approvals
from bot.notify.messages import Messages
from bot.notify.notices import Notices
from bot.notify.sender import AGAIN, Teller
from bot.slack.client import SlackWeb
from bot.slack.responses import Failed, Shown
from bot.slack.sealing import Form, Sealer
from bot.store.ledger import Ledger
from bot.store.outbox import Due
from tests.conftest import TurnedClock

URL = "https://hooks.slack.com/commands/T1/2/secret"
BLOCK: dict[str, object] = {"type": "divider"}
ONE, TWO = "1" * 32, "2" * 32


@dataclass
class FakeSlack:
    """Carries out what it is asked, but for what it is to fail with, by method and whom it is for."""

    failing: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    said: list[tuple[str, str, str]] = field(default_factory=list)  # how, to whom, what
    stands: dict[Post, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None  # what channel C2 waits for
    under: list[str | None] = field(default_factory=list)
    blocks: bool = True
    spoke: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, count: int) -> None:
        """Wait until that much was said."""
        while len(self.said) < count:
            self.spoke.clear()
            await asyncio.wait_for(self.spoke.wait(), 5)

    def fail(self, how: str, to: str, *errors: str) -> None:
        self.failing[how, to] = list(errors)

    def _failed(self, how: str, to: str, message: Message) -> Failed | None:
        if message.blocks and not self.blocks:
            return Failed("invalid_blocks")
        errors = self.failing.get((how, to))
        if errors:
            # The last one stays; an error that begins with "lost " was carried out.
            error = errors.pop(0) if len(errors) > 1 else errors[0]
            if error.startswith("lost "):
                self.said.append((how, to, message.text))
            if error != "well":
                return Failed(error.removeprefix("lost "))
        self.said.append((how, to, message.text))
        self.spoke.set()
        return None

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        thread_ts: str | None = None,
        reply_broadcast: bool = False,
        patience: float = 0,
    ) -> Post | Failed:
        del patience
        how = "post" if thread_ts is None else "broadcast" if reply_broadcast else "reply"
        if self.hold is not None and channel == "C2":
            await self.hold.wait()
        failed = self._failed(how, channel, message)
        if failed is not None:
            return failed
        self.under.append(thread_ts)
        place = Post(f"D{channel}" if channel.startswith("U") else channel, f"{len(self.said)}.0")
        self.stands[place] = message.text
        return place

    async def replace(self, post: Post, message: Message) -> Failed | None:
        failed = self._failed("edit", post.channel, message)
        if failed is None:
            self.stands[post] = message.text
        return failed

    async def whisper(self, channel: str, user: str, message: Message) -> Failed | None:
        del channel
        return self._failed("whisper", user, message)

    async def respond(self, url: str, message: Message, *, in_channel: bool = False) -> Failed | None:
        assert url == URL
        return self._failed("respond", "channel" if in_channel else "alone", message)

    async def update_view(self, view_id: str, view: Mapping[str, object]) -> Shown | Failed:
        return self._failed("view", view_id, Message(str(view["text"]), ())) or Shown(view_id, "h")


class FakeOutbox:
    """The outbox's promises, in memory."""

    def __init__(self, clock: TurnedClock) -> None:
        self.clock = clock
        self.rows: dict[int, Telling] = {}
        self.routes: list[tuple[str, str | None]] = []
        self.broken = 0

    @property
    def now(self) -> int:
        return round(self.clock.time * 1000)

    def _check(self) -> None:
        if self.broken:
            self.broken -= 1
            raise OperationalError("", {}, Exception())

    def put(self, operation: str, purpose: Purpose, key: str = "", **known: object) -> int:
        number = len(self.rows) + 1
        new = Telling(
            number, operation, purpose, key, None, 1, None, self.now, 0, unsure=False, route=None, place=None
        )
        self.rows[number] = replace(new, **known)  # type: ignore[arg-type]  # fields of the test's choice
        return number

    async def take(self, most: int = 50) -> Due:
        self._check()
        times = {row.id: row.due_at for row in self.rows.values() if row.due_at is not None}
        due = [self.rows[number] for number, due_at in times.items() if due_at <= self.now]
        then = min((due_at for due_at in times.values() if due_at > self.now), default=None)
        return Due(due[:most], then)

    async def told(self, telling: Telling, shown: int, route: str, place: Post | None) -> None:
        self._check()
        row = self.rows[telling.id]
        due_at = self.now if row.wanted > shown else None
        self.rows[row.id] = replace(
            row,
            shown=shown,
            route=route,
            place=place or row.place,
            due_at=due_at,
            tries=0,
            unsure=False,
        )
        self.routes.append((route, None))

    async def failed(
        self, telling: Telling, route: str, error: str, again_at: int | None, unsure: bool
    ) -> None:
        self._check()
        row = self.rows[telling.id]
        self.routes.append((route, error))
        row = replace(row, unsure=unsure)
        if row.wanted == telling.wanted:
            row = replace(row, due_at=again_at, tries=row.tries + 1)
        self.rows[row.id] = row

    async def later(self, telling: Telling, at: int) -> None:
        self.rows[telling.id] = replace(self.rows[telling.id], due_at=at)

    async def of(self, operation: str) -> tuple[Telling, ...]:
        return tuple(row for row in self.rows.values() if row.operation == operation)


class FakeLedger:
    """Operations, and what was noted of them."""

    def __init__(self, clock: TurnedClock) -> None:
        self.outbox = FakeOutbox(clock)
        self.records: dict[str, Record] = {}
        self.wrote: dict[str, Record] = {}

    def written(self, operation: str) -> Record | None:
        return self.wrote.get(operation)

    async def get(self, operation: str) -> Record | None:
        return self.records.get(operation)

    async def note(self, operation: str, entry: Entry) -> None:
        assert operation in self.records
        self.outbox.routes.append((str(entry.evidence["route"]), cast("str | None", entry.evidence["error"])))


class PlainMessages(Messages):
    """Words that say which ones they are, and no more."""

    broken = ""

    def __init__(self) -> None:
        """Need nothing of a kind."""

    def result(
        self, op: Operation, others: Sequence[Telling], *, repeat: bool = False, elsewhere: bool = False
    ) -> Message:
        if op.id == self.broken:
            raise KeyError(op.id)
        asked = next((told for told in others if told.purpose is Purpose.APPROVAL), None)
        unheard = asked is not None and asked.due_at is None and asked.shown is None
        marks = [("repeat", repeat), ("elsewhere", elsewhere), ("unheard", unheard)]
        return said(" ".join((op.standing.value, *(mark for mark, is_so in marks if is_so))))

    def again(self, op: Operation) -> Message:
        return said(f"one line: {op.standing.value}")

    def modal(self, op: Operation, others: Sequence[Telling]) -> dict[str, object]:
        del others
        return {"text": op.standing.value}

    def for_operators(self, telling: Telling, record: Record) -> Message | None:
        waits = record.operation.state is State.AWAITING_APPROVAL
        if not waits and telling.place is None:
            return None
        return said(("please decide" if waits else "decided") + " again" * telling.unsure)

    def reply(self, telling: Telling, op: Operation) -> Message | None:
        if telling.purpose is Purpose.QUESTION and not op.asking:
            return None
        return said(telling.purpose.value)


def said(text: str) -> Message:
    return Message(text, (BLOCK,))


def record(operation: str = ONE, state: State = State.DONE, revision: int = 1, **known: object) -> Record:
    steps = {State.DONE: StepState.DONE, State.STOPPED: StepState.NOT_SENT, State.UNKNOWN: StepState.UNKNOWN}
    made = Operation(
        id=operation,
        kind="toy",
        version=1,
        state=state,
        request={},
        seen={},
        subject="Sales",
        account="MA_1",
        team="T1",
        channel="C1",
        requester="U1",
        created_at=0,
        updated_at=0,
        steps=(Step(1, "toy", steps.get(state, StepState.WAITING)),),
    )
    return Record(replace(made, **known), revision=revision)  # type: ignore[arg-type]  # as above


class House:
    """A teller between a fake outbox and a fake Slack."""

    def __init__(self, clock: TurnedClock, *operators: str) -> None:
        self.clock = clock
        self.slack = FakeSlack()
        self.ledger = FakeLedger(clock)
        self.outbox = self.ledger.outbox
        self.messages = PlainMessages()
        self.tried: list[tuple[str, str | None]] = []
        self.sealer = Sealer("xoxb-1", clock.now)
        notices = Notices(
            cast("SlackWeb", self.slack),
            self.sealer,
            self.messages,
            Approvals("C9", Members(frozenset(operators or {"U1", "U7", "U8"})), dict),
            lambda *tried: self.tried.append(tried),
        )
        self.teller = Teller(cast("Ledger", self.ledger), notices, clock)

    def stands(self, told: Record) -> None:
        self.ledger.records[told.operation.id] = told

    def reply_url(self) -> str | None:
        form = Form(
            kind="toy",
            operation=ONE,
            team="T1",
            user="U1",
            channel="C1",
            opened_at=round(self.clock.time),
            reply=URL,
        )
        return self.sealer.seal_reply(form)

    async def tell(self, after: float = 0) -> list[tuple[str, str, str]]:
        """Tell what is due `after` so many seconds; return what Slack carried out meanwhile."""
        self.clock.time += after
        already = len(self.slack.said)
        await self.teller.tell_due()
        return self.slack.said[already:]


@pytest.fixture
def house(clock: TurnedClock) -> House:
    return House(clock)


AWAITS = record(state=State.AWAITING_APPROVAL, approval=Approval(expires_at=1))
DONE = record()


async def test_each_purpose_is_told_in_its_turn_and_in_its_place(house: House) -> None:
    house.stands(replace(AWAITS, view_id="V1"))
    house.outbox.put(ONE, Purpose.RESULT)
    house.outbox.put(ONE, Purpose.MODAL)
    house.outbox.put(ONE, Purpose.APPROVAL)
    told = await house.tell()
    told.remove(("view", "V1", "awaiting_approval"))
    assert told == [("post", "C9", "please decide"), ("whisper", "U1", "awaiting_approval")]
    assert await house.tell() == []


async def test_what_was_written_last_is_told_where_that_is_what_is_wanted(house: House) -> None:
    """Another process may have moved it since: then the notice wants more, or was tried before."""
    house.stands(DONE)
    house.ledger.wrote[ONE] = record(state=State.STOPPED)
    house.outbox.put(ONE, Purpose.RESULT)
    assert await house.tell() == [("whisper", "U1", "not_sent")]
    house.stands(record(TWO, revision=2))
    house.ledger.wrote[TWO] = record(TWO, State.STOPPED)
    house.outbox.put(TWO, Purpose.RESULT, wanted=2)
    house.outbox.put(TWO, Purpose.RESULT, tries=1)
    assert await house.tell() == [("post", "C1", "done")] * 2


async def test_replies_come_after_the_message_and_under_it(house: House) -> None:
    house.stands(record(state=State.UNKNOWN, asking=True))
    for purpose in (Purpose.QUESTION, Purpose.LATE, Purpose.RESULT):
        house.outbox.put(ONE, purpose)
    told = [("post", "C1", "unknown"), ("broadcast", "C1", "question"), ("reply", "C1", "late")]
    assert await house.tell() == told
    assert house.slack.under == [None, "1.0", "1.0"]


async def test_a_reply_waits_until_there_is_a_message(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT)
    house.outbox.put(ONE, Purpose.SETTLED)
    house.slack.fail("post", "C1", "service_unavailable", "well")
    assert await house.tell() == []
    assert await house.tell(0.5) == []
    assert [how for how, *_ in await house.tell(1)] == ["post", "edit", "broadcast"]


async def test_a_reply_goes_to_the_channel_where_there_is_no_message(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT, shown=1, due_at=None, route="response_url")
    house.outbox.put(ONE, Purpose.SETTLED)
    assert await house.tell() == [("post", "C1", "settled")]


async def test_a_reply_that_its_thread_refuses_goes_to_the_channel(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT, shown=1, due_at=None, place=Post("C1", "1.1"))
    house.outbox.put(ONE, Purpose.SETTLED)
    house.slack.fail("broadcast", "C1", "thread_not_found")
    assert await house.tell() == [("post", "C1", "settled")]


async def test_a_question_that_was_decided_is_not_asked(house: House) -> None:
    house.stands(record(state=State.UNKNOWN))
    number = house.outbox.put(ONE, Purpose.QUESTION)
    assert await house.tell() == []
    assert house.outbox.rows[number].due_at is None


async def test_a_lost_answer_is_repeated_in_one_line_which_becomes_the_message(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT)
    house.slack.fail("post", "C1", "lost unreadable", "well")
    assert await house.tell() == [("post", "C1", "done")]
    assert await house.tell(1) == [("post", "C1", "one line: done"), ("edit", "C1", "done repeat")]
    assert list(house.slack.stands.values()) == ["done repeat"]
    assert house.outbox.routes == [("channel", "unreadable"), ("channel", None)]


async def test_a_line_that_could_not_be_edited_is_edited_later(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT, unsure=True)
    house.slack.fail("edit", "C1", "unreachable", "unreachable", "well")
    assert await house.tell() == [("post", "C1", "one line: done")]
    assert await house.tell(1) == [("edit", "C1", "done")]


async def test_a_slack_that_loses_every_answer_is_not_flooded(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT)
    house.slack.fail("post", "C1", "lost unreachable")
    told = [line for _ in range(60) for line in await house.tell(1)]
    assert [text for _, _, text in told] == ["done", *["one line: done"] * 3]


async def test_what_slacks_limits_held_back_is_no_repeat(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT)
    house.slack.fail("post", "C1", "ratelimited", "well")
    assert await house.tell() == []
    assert await house.tell(1) == [("post", "C1", "done")]


async def test_what_another_process_may_have_said_is_repeated_as_such(house: House) -> None:
    house.stands(record(state=State.STOPPED))
    house.outbox.put(ONE, Purpose.RESULT, unsure=True)
    assert await house.tell() == [("whisper", "U1", "not_sent repeat")]


async def test_there_is_one_message_which_says_what_is_true_now(house: House) -> None:
    house.stands(record(state=State.UNKNOWN))
    number = house.outbox.put(ONE, Purpose.RESULT)
    await house.tell()
    house.stands(record(revision=2))
    house.outbox.rows[number] = replace(house.outbox.rows[number], wanted=2, due_at=house.outbox.now)
    assert await house.tell() == [("edit", "C1", "done")]
    assert list(house.slack.stands.values()) == ["done"]


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_message_that_is_gone_is_posted_anew(house: House, error: str) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT, place=Post("C1", "1.1"))
    house.slack.fail("edit", "C1", error)
    assert await house.tell() == [("post", "C1", "done")]
    assert house.outbox.routes == [("update", error), ("channel", None)]


async def test_an_edit_that_may_pass_is_tried_again_and_nothing_is_posted(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT, place=Post("C1", "1.1"))
    house.slack.fail("edit", "C1", "internal_error", "well")
    assert await house.tell() == []
    assert await house.tell(1) == [("edit", "C1", "done")]


async def test_a_notice_that_is_bumped_while_it_is_told_is_brought_up_to_date(house: House) -> None:
    house.stands(replace(record(state=State.UNKNOWN), revision=3))
    number = house.outbox.put(ONE, Purpose.RESULT, wanted=3)
    told = house.slack.post

    async def post_slowly(channel: str, message: Message, **how: object) -> Post | Failed:
        house.outbox.rows[number] = replace(house.outbox.rows[number], wanted=4)
        house.stands(record(revision=4))
        return await told(channel, message, **how)  # type: ignore[arg-type]  # passed on as they came

    house.slack.post = post_slowly  # type: ignore[method-assign]  # one answer of a fake of our own
    assert await house.tell() == [("post", "C1", "unknown"), ("edit", "C1", "done")]
    assert house.outbox.rows[number].due_at is None


async def test_after_the_last_try_people_are_given_up(house: House) -> None:
    house.stands(DONE)
    number = house.outbox.put(ONE, Purpose.RESULT)
    house.slack.fail("post", "C1", "service_unavailable", *["ratelimited"] * 20)
    for wait in AGAIN:
        with capture_logs() as logs:
            await house.tell()
            assert await house.tell(wait - 0.1) == []
        assert not [line for line in logs if line["log_level"] == "error"]
        house.clock.time += 0.1
    with capture_logs() as logs:
        await house.tell()
    assert [line["event"] for line in logs] == ["a message could not be delivered"]
    assert len(house.tried) == len(AGAIN) + 1
    assert house.outbox.rows[number].due_at is None


async def test_where_the_bot_is_no_member_the_command_answers_and_then_the_person_is_told(
    house: House,
) -> None:
    house.stands(replace(DONE, reply=house.reply_url()))
    house.outbox.put(ONE, Purpose.RESULT)
    house.slack.fail("post", "C1", "not_in_channel")
    assert await house.tell() == [("respond", "channel", "done")]
    house.stands(replace(record(TWO), reply=house.reply_url()))
    house.outbox.put(TWO, Purpose.RESULT)
    house.slack.fail("respond", "channel", "http_404")
    assert await house.tell() == [("post", "U1", "done elsewhere")]
    tried = [("channel", "not_in_channel"), ("response_url", "http_404"), ("direct_message", None)]
    assert house.outbox.routes[-3:] == tried


async def test_what_time_does_not_cure_is_given_up_at_once(house: House) -> None:
    house.stands(DONE)
    number = house.outbox.put(ONE, Purpose.RESULT)
    house.slack.fail("post", "C1", "is_archived")
    house.slack.fail("post", "U1", "messages_tab_disabled")
    with capture_logs() as logs:
        await house.tell()
    assert [line["event"] for line in logs] == ["a message could not be delivered"]
    assert house.outbox.rows[number].due_at is None


async def test_refused_blocks_leave_the_text(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT)
    house.slack.blocks = False
    assert await house.tell() == [("post", "C1", "done")]


async def test_one_person_is_told_alone_and_later_in_a_direct_message(house: House) -> None:
    house.stands(record(state=State.STOPPED))
    house.outbox.put(ONE, Purpose.RESULT)
    house.stands(record(TWO, State.DENIED, round=1, approval=Approval()))
    house.outbox.put(TWO, Purpose.RESULT)
    assert await house.tell() == [("whisper", "U1", "not_sent"), ("post", "U1", "denied")]


async def test_a_refusal_of_what_may_have_been_done_before_is_for_the_channel(house: House) -> None:
    step = Step(1, "toy", StepState.REJECTED, look=Look(finished=True, whole=True))
    house.stands(record(state=State.STOPPED, steps=(step,)))
    house.outbox.put(ONE, Purpose.RESULT)
    assert await house.tell() == [("post", "C1", "rejected")]


async def test_a_result_calls_people_whose_only_message_was_private(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT, place=Post("DU1", "1.1"))
    assert await house.tell() == [("edit", "DU1", "done"), ("post", "C1", "done")]


async def test_what_was_uncertain_is_edited_only_for_a_reply_calls_people(house: House) -> None:
    step = Step(1, "toy", StepState.DONE, look=Look(finished=False, whole=True))
    house.stands(record(steps=(step,)))
    house.outbox.put(ONE, Purpose.RESULT, place=Post("DU1", "1.1"))
    house.outbox.put(ONE, Purpose.SETTLED)
    assert await house.tell() == [("edit", "DU1", "done"), ("broadcast", "DU1", "settled")]


async def test_that_a_request_waits_is_said_when_somebody_was_asked(house: House) -> None:
    house.stands(AWAITS)
    house.outbox.put(ONE, Purpose.APPROVAL)
    house.outbox.put(ONE, Purpose.RESULT)
    house.slack.fail("post", "C9", "unreachable", "well")
    assert await house.tell() == []
    told = [("post", "C9", "please decide again"), ("whisper", "U1", "awaiting_approval")]
    assert await house.tell(1) == told


async def test_the_requester_hears_that_nobody_could_be_asked(house: House) -> None:
    house.stands(AWAITS)
    house.outbox.put(ONE, Purpose.APPROVAL)
    house.outbox.put(ONE, Purpose.RESULT)
    for to in ("C9", "C1", "U7", "U8"):
        house.slack.fail("post", to, "not_in_channel")
    with capture_logs() as logs:
        assert await house.tell() == [("whisper", "U1", "awaiting_approval unheard")]
    assert [line["event"] for line in logs] == ["no operator could be reached"]


async def test_operators_are_asked_in_person_where_there_is_no_channel(house: House) -> None:
    house.stands(AWAITS)
    number = house.outbox.put(ONE, Purpose.APPROVAL)
    house.slack.fail("post", "C9", "channel_not_found")
    house.slack.fail("post", "C1", "channel_not_found")
    house.slack.fail("post", "U8", "unreachable")
    assert await house.tell() == [("post", "U7", "please decide")]
    assert house.outbox.rows[number].place == Post("DU7", "1.0")


@pytest.mark.parametrize(("gone", "asked"), [(0, 5), (49, 1), (50, 0)])
async def test_those_who_can_be_asked_are_found_among_fifty(
    clock: TurnedClock, gone: int, asked: int
) -> None:
    left = [f"UGONE{number:02}" for number in range(gone)]
    house = House(clock, *left, *(f"UTHERE{number}" for number in range(9)))
    house.stands(AWAITS)
    house.outbox.put(ONE, Purpose.APPROVAL)
    for to in ("C9", "C1", *left):
        house.slack.fail("post", to, "channel_not_found")
    assert [to for _, to, _ in await house.tell()] == [f"UTHERE{number}" for number in range(asked)]


async def test_what_asked_says_what_became_of_it(house: House) -> None:
    house.stands(record(state=State.DENIED, approval=Approval()))
    house.outbox.put(ONE, Purpose.APPROVAL, place=Post("C9", "1.1"))
    house.outbox.put(ONE, Purpose.REMINDER, place=Post("C9", "2.2"))
    assert await house.tell() == [("edit", "C9", "decided")] * 2


async def test_what_was_decided_before_it_was_asked_is_not_asked(house: House) -> None:
    house.stands(record(state=State.DENIED, approval=Approval()))
    house.outbox.put(ONE, Purpose.APPROVAL)
    assert await house.tell() == []


async def test_a_closed_form_is_no_trouble(house: House) -> None:
    house.stands(replace(DONE, view_id="V1"))
    house.outbox.put(ONE, Purpose.MODAL)
    house.slack.fail("view", "V1", "not_found")
    with capture_logs() as logs:
        await house.tell()
    assert (logs, house.tried, house.outbox.routes) == ([], [("modal", None)], [("", None)])


async def test_a_form_is_soon_given_up_and_nobody_is_alarmed(house: House) -> None:
    house.stands(replace(DONE, view_id="V1"))
    number = house.outbox.put(ONE, Purpose.MODAL)
    house.slack.fail("view", "V1", "unreachable")
    with capture_logs() as logs:
        for _ in range(30):
            await house.tell(1)
    assert house.outbox.rows[number].due_at is None
    assert {line["log_level"] for line in logs} == {"warning"}


async def test_one_that_hangs_holds_up_no_other_and_is_not_begun_twice(house: House) -> None:
    house.stands(record(channel="C2"))
    house.stands(record(TWO))
    house.outbox.put(ONE, Purpose.RESULT)
    house.outbox.put(TWO, Purpose.RESULT)
    house.slack.hold = asyncio.Event()
    telling = asyncio.create_task(house.teller.keep_telling())
    await house.slack.until(1)
    house.teller.wake()
    assert house.slack.said == [("post", "C1", "done")]
    house.slack.hold.set()
    await house.slack.until(2)
    assert house.slack.said[1:] == [("post", "C2", "done")]
    telling.cancel()


async def test_a_defect_in_the_words_of_one_holds_up_no_other(house: House) -> None:
    house.stands(DONE)
    house.stands(record(TWO))
    house.outbox.put(ONE, Purpose.RESULT)
    house.outbox.put(TWO, Purpose.RESULT)
    house.messages.broken = ONE
    assert await house.tell() == [("post", "C1", "done")]
    house.messages.broken = ""
    assert len(await house.tell(1)) == 2


async def test_what_was_said_is_written_down_once_the_database_is_back(house: House) -> None:
    house.stands(DONE)
    number = house.outbox.put(ONE, Purpose.RESULT)
    said_it = asyncio.create_task(house.teller.tell_due())
    await house.slack.until(1)
    house.outbox.broken = 3
    await said_it
    assert house.slack.said == [("post", "C1", "done")]
    assert house.outbox.rows[number].place is not None


async def test_the_loop_outlives_a_database_that_does_not_answer(house: House) -> None:
    house.stands(DONE)
    house.outbox.put(ONE, Purpose.RESULT)
    house.outbox.broken = 5
    telling = asyncio.create_task(house.teller.keep_telling())
    await house.slack.until(1)
    telling.cancel()


async def test_stopping_lets_finish_what_is_under_way_and_begins_nothing_after(house: House) -> None:
    house.stands(record(channel="C2"))
    house.outbox.put(ONE, Purpose.RESULT)
    house.slack.hold = asyncio.Event()
    stopping = asyncio.create_task(house.teller.stop(5))
    await asyncio.sleep(0.01)
    house.slack.hold.set()
    await stopping
    assert house.slack.said == [("post", "C2", "done")]
    house.outbox.put(ONE, Purpose.SETTLED)
    assert await house.tell() == []


async def test_stopping_is_bounded_and_leaves_the_rest_to_the_next_process(house: House) -> None:
    house.stands(record(channel="C2"))
    number = house.outbox.put(ONE, Purpose.RESULT)
    house.slack.hold = asyncio.Event()
    await house.teller.stop(0.01)
    assert house.outbox.rows[number].due_at is not None
