"""Pages and stories as messages: Slack takes them, they say what is true, and nothing in them formats."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.blockkit.layout import FALLBACK_MAX, Message
from bot.commands.history_query import ByName, ByPerson, ByState, Everything, Search, read_turn
from bot.domain.history import Page, Story
from bot.domain.operation import Standing, State
from bot.domain.policy import Allowed, Decision, Denial, Denied, Undetermined
from bot.domain.records import Event
from bot.kinds.registry import KINDS
from bot.sandbox.blockkit.validation import problems
from bot.words import history
from bot.words.history import NEWER, OLDER, not_yours_message
from tests.wording_samples import (
    HOSTILE_NAMES,
    OPERATION,
    OPERATIONS,
    TRUNK,
    WORDS,
    dictionaries,
    named,
    readable,
    said,
    words,
)

story_message = said(history.story_message)

BEN = Denied(Denial.NOT_OPERATOR, "U0BEN0001")
UNSURE = Undetermined("U0OMAR001", frozenset({"S0ONCALL1"}))


def page_message(search: Search, page: Page, decision: Decision) -> Message:
    return history.page_message(search, page, decision, KINDS)


def taken(message: Message) -> None:
    """Assert what holds for every message: Slack takes it, and others' words are only ever text."""
    for blocks in (message.blocks, message.simpler):
        assert problems("message", {"text": message.text, "blocks": list(blocks)}) == []
    assert len(message.text) <= FALLBACK_MAX
    assert not any(part.get("type") == "mrkdwn" for part in dictionaries(list(message.blocks)))
    for ping in ("<!", "<@U0EVIL", "<https", "https:/"):
        assert ping not in message.text.replace("<!date^", "")


def buttons(message: Message) -> Mapping[str, str]:
    return {
        str(part["action_id"]): str(part["value"])
        for part in dictionaries(list(message.blocks))
        if part.get("type") == "button"
    }


def test_a_full_page_of_the_most_hostile_names_is_a_message() -> None:
    for kind, name in HOSTILE_NAMES.items():
        operations = tuple(named(op, name) for op in OPERATIONS.values())[:20]
        message = page_message(ByName(name), Page(operations, older=True, newer=True), Allowed())
        taken(message)
        assert set(buttons(message)) == {OLDER, NEWER}, kind


def test_the_buttons_lead_on_from_the_ends_of_the_page() -> None:
    first, last = replace(OPERATION, id="b" * 32), replace(OPERATION, id="a" * 32, created_at=5)
    message = page_message(Everything(), Page((first, last), older=True, newer=True), Allowed())
    older, newer = read_turn(buttons(message)[OLDER]), read_turn(buttons(message)[NEWER])
    assert older is not None
    assert newer is not None
    assert (older[1].id, older[1].created_at) == (last.id, 5)
    assert newer[1].id == first.id


@pytest.mark.parametrize("newer", [True, False])
def test_an_empty_page_says_so_and_leads_nowhere(newer: bool) -> None:
    message = page_message(ByName("x"), Page((), newer=newer), Allowed())
    taken(message)
    assert "No matches. Search by name" in message.text
    assert buttons(message) == {}


@pytest.mark.parametrize(
    ("search", "said_of_it"),
    [
        (Everything(), "All requests"),
        (ByName("Sales"), "Sales"),
        (ByPerson("U0ASHA001"), "`U0ASHA001`"),
        (ByState(Standing.NOT_SENT), "not sent"),
    ],
    ids=["everything", "name", "person", "state"],
)
def test_a_page_says_what_was_looked_for(search: Search, said_of_it: str) -> None:
    message = page_message(search, Page((OPERATION,)), Allowed())
    taken(message)
    assert said_of_it in message.text
    assert said_of_it.strip("`") in readable(list(message.blocks))


@pytest.mark.parametrize(
    ("decision", "word"), [(BEN, "operators see all"), (UNSURE, "S0ONCALL1")], ids=["denied", "undetermined"]
)
def test_whoever_sees_only_their_own_is_told_why(decision: Decision, word: str) -> None:
    for message in (
        page_message(Everything(), Page((OPERATION,)), decision),
        not_yours_message("A", decision),
    ):
        taken(message)
        assert "Only your own" in message.text
        assert "All requests" not in message.text
        assert word in message.text
    assert "Only your own" not in page_message(Everything(), Page((OPERATION,)), Allowed()).text


def test_a_story_tells_each_event_and_how_many_are_left_out() -> None:
    events = tuple(
        Event(
            1_800_000_000_000 + n, "U0ASHA001" if n % 2 else "bot", f"kind_{n}", None, {"trunk_id": f"t-{n}"}
        )
        for n in range(40)
    )
    message = story_message(OPERATION, Story(events, more=7))
    taken(message)
    shown = readable(list(message.blocks))
    assert all(f"kind_{n}" in shown and f"t-{n}" in shown for n in range(40))
    assert "has the other 7" in shown.replace("\n", " ")
    assert "2027-01-15 08:00 UTC" in shown


def test_evidence_is_never_more_than_text() -> None:
    evidence = {WORDS: WORDS, "channel": "<!channel>", "candidates": [WORDS], "none": None, "n": 5}
    message = story_message(OPERATION, Story((Event(0, WORDS, "delivery", None, evidence),) * 40, more=0))
    taken(message)


def test_a_story_keeps_apart_who_was_told_and_who_could_not_be() -> None:
    def told(error: str | None) -> str:
        event = Event(1_800_000_000_000, "bot", "delivery", None, {"route": "reminder", "error": error})
        return readable(list(story_message(OPERATION, Story((event,), more=0)).blocks))

    assert "could not post a message" in told("not_in_channel")
    assert "could not" not in told(None)
    assert "posted a message" in told(None)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Event(0, "U0RIA0001", "awaiting_approval", State.AWAITING_APPROVAL, {}), "requested approval"),
        (Event(0, "U0ASHA001", "accepted", State.ACCEPTED, {"name": "Sales"}), "confirmed it"),
        (Event(0, "U0OMAR001", "approved", State.ACCEPTED, {"digest": "ff"}), "approved it"),
        (Event(0, "bot", "sending", State.RUNNING, {"tagged": False}), "sent with a description: no"),
        (Event(0, "bot", "done", State.DONE, {"id": "t-1"}), ": trunk created; id: t-1"),
        (Event(0, "bot", "done", State.RUNNING, {"step": "1 of 2: x"}), ": done; step: 1 of 2: x"),
        (Event(0, "bot", "changed", State.STOPPED, {}), "the account had changed"),
        (Event(0, "U0OMAR001", "pick", State.DONE, {"id": "t-1"}), "chose This one"),
        (Event(0, "bot", "late_answer", None, {"outcome": "not_sent"}), "outcome: not sent"),
        (Event(0, "bot", "looked", None, {"candidates": ["t-1", "t-2"]}), "candidates: t-1, t-2"),
    ],
    ids=lambda value: value.kind if isinstance(value, Event) else "",
)
def test_a_story_is_told_in_peoples_words(event: Event, told: str) -> None:
    shown = readable(list(story_message(OPERATION, Story((event,), more=0)).blocks)).replace("\n", "")
    assert told in shown


def test_a_standing_is_shown_as_it_can_be_looked_for() -> None:
    for name, op in OPERATIONS.items():
        standing = words(op).standing(op.standing)
        assert "_" not in standing, name
        story = Story((Event(0, "bot", "looked", op.state, {"state": op.standing.value}),), more=0)
        for message in (story_message(op, story), page_message(ByState(op.standing), Page((op,)), Allowed())):
            taken(message)
            assert not [one for one in Standing if "_" in one and one in message.text], name
        assert f"`{standing}`" in story_message(op, story).text, name
    for name, shown in (("created", "created"), ("not created", "not created"), ("note: created", "written")):
        assert words(OPERATIONS[name]).standing(OPERATIONS[name].standing) == shown


def test_a_page_says_what_each_request_is_about_and_what_it_made() -> None:
    text = page_message(Everything(), Page((OPERATIONS["created"],)), Allowed()).text
    assert "“Sales” · created · create trunk: outbound, 10 calls · <@U0ASHA001> · <!date^" in text
    assert text.endswith(f"`{TRUNK.id}`")
