"""`/trunk history` from outside: each query, the pages, who sees what, and what nobody should send."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.domain.outcome import NotSent
from bot.domain.records import Move, NewOperation, Record
from bot.domain.reference import new_operation_id
from bot.domain.transitions.sendings import begin, settle
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.registry import Kinds
from bot.sandbox.blockkit.validation import problems
from bot.sandbox.slack.messages import Message
from bot.store.accept import Stored
from bot.words.history import NEWER, OLDER, PERSON
from tests.flow.conftest import ASHA, BEN, OMAR, SALES, VOICE, ZOE, House
from tests.kinds.toy import PrintBadge


async def stored(house: House, name: str, user: str = BEN) -> str:
    """Put an ended operation into the ledger, as one of long ago: nobody is to be told of it."""
    kind = CreateTrunk()
    request: Mapping[str, object] = {"name": name, "direction": "outbound", "calls": 7}
    new = NewOperation(
        id=new_operation_id(),
        kind=kind.name,
        version=kind.version,
        request=request,
        seen={},
        subject=kind.subject(request),
        claims=kind.claims("MA_1", request),
        steps=kind.steps(request),
        account="MA_1",
        team="T0ACME001",
        channel=VOICE,
        requester=user,
    )
    accepted = await house.ledger.accept(new, 9e12)
    assert isinstance(accepted, Stored)
    sent = await house.ledger.change(new.id, begin)
    assert isinstance(sent, Record)

    def ends(record: Record, now: int) -> Move | None:
        move = settle(record, now, sent=sent, outcome=NotSent("unreachable"))
        return None if move is None else replace(move, notices=())

    assert isinstance(await house.ledger.change(new.id, ends), Record)
    return accepted.record.operation.ref


async def asked(house: House, query: str, user: str = ASHA) -> str:
    before = len(house.sandbox.messages(VOICE, user))
    answer = await house.sandbox.command(user, VOICE, f"history {query}")
    assert answer.status == 200
    # A table follows through the response_url; anything else is in the answer.
    await house.sandbox.wait_for(lambda: len(house.sandbox.messages(VOICE, user)) > before)
    shown = latest(house, user)
    assert shown.to == user
    assert problems("message", {"text": shown.text, "blocks": shown.blocks}) == []
    return shown.words


def latest(house: House, user: str) -> Message:
    return [message for message in house.sandbox.messages(VOICE, user) if message.bot][-1]


ALL_NAMES = {"Sales", '50% of_"all"', "\N{TELEPHONE RECEIVER} line"}
FOUND: tuple[tuple[str, set[str]], ...] = (
    ("", ALL_NAMES),
    ("SALES", {"Sales"}),
    ('"Sales"', {"Sales"}),
    ("%", {'50% of_"all"'}),
    ("f_", {'50% of_"all"'}),
    ('"all"', {'50% of_"all"'}),
    ("\N{TELEPHONE RECEIVER}", {"\N{TELEPHONE RECEIVER} line"}),
    (f"<@{BEN}>", {"Sales", "\N{TELEPHONE RECEIVER} line"}),
    (OMAR, {'50% of_"all"'}),
    ("not sent", ALL_NAMES),
    ("created", set()),
    ("' OR 1=1 --", set()),
    ("<!channel>", set()),
    ("x" * 255, set()),
)


async def test_each_query_finds_what_it_says(house: House) -> None:
    await stored(house, "Sales")
    await stored(house, '50% of_"all"', OMAR)
    await stored(house, "\N{TELEPHONE RECEIVER} line")
    for query, names in FOUND:
        seen = await asked(house, query)
        assert {name for name in ALL_NAMES if name in seen.splitlines()} == names, query
        assert ("No matches" in seen) == (not names), query


async def test_a_reference_tells_the_story_of_one_operation(house: House) -> None:
    await house.confirmed()
    created = await house.heard("created: outbound")
    operation = await house.operation(created.words)
    seen = await asked(house, operation.ref.lower().replace("-", " "))
    order = [seen.index(word) for word in ("confirmed it", "started to send", "trunk created")]
    assert order == sorted(order)
    assert operation.step.thing is not None
    assert operation.step.thing.id in seen


async def test_a_name_that_looks_like_a_reference_is_found_as_a_name(house: House) -> None:
    ref = await stored(house, "Sales123")
    assert ref in await asked(house, "Sales123")


async def test_an_unknown_reference_is_said_to_be_unknown(house: House) -> None:
    assert "7K3M-9QWX" in await asked(house, "7K3M-9QWX")


@pytest.mark.parametrize("typed", ["last week", "Overflow", "East Asia", "notebook"])
async def test_eight_letters_that_are_no_reference_are_a_search(house: House, typed: str) -> None:
    assert f"Requests matching “{typed}”" in (seen := (await asked(house, typed)).replace("\n", ""))
    assert "Search by name, @person, reference or state: done, not done, refused" in seen


async def test_the_words_of_the_messages_are_states_that_can_be_looked_for(house: House) -> None:
    await stored(house, "Sales")
    for word in ("waiting", "refused", "not sent", "unknown", "created", "denied", "not confirmed"):
        assert "Requests in state" in await asked(house, word), word


async def test_a_kinds_own_word_for_what_it_did_is_a_state_where_nothing_has_that_name(
    empty_house: House,
) -> None:
    empty_house.kinds = Kinds((CreateTrunk(), PrintBadge()))
    async with empty_house.bot():
        assert "Requests in state printed" in await asked(empty_house, "Printed")
        await stored(empty_house, "not printed yet")
        assert "Requests matching" in await asked(empty_house, "not printed")


async def test_where_slack_refuses_the_table_the_same_is_a_list(empty_house: House) -> None:
    await empty_house.sandbox.fault("slack", "no_tables", times=-1)
    async with empty_house.bot():
        ref = await stored(empty_house, "Sales")
        assert ref in await asked(empty_house, "")
        shown = latest(empty_house, ASHA)
        assert "data_table" not in str(shown.blocks)
        await empty_house.sandbox.open_home(ASHA)
        await empty_house.sandbox.wait_for(lambda: empty_house.sandbox.home_of(ASHA))


async def test_others_see_only_their_own_and_are_told_so(house: House) -> None:
    own = await stored(house, "Own")
    other = await stored(house, "Other", OMAR)
    for query in ("", "o", f"<@{OMAR}>", "not_sent"):
        seen = await asked(house, query, BEN)
        assert other not in seen
        assert "Only your own" in seen
    assert own in await asked(house, "@me", BEN)
    refused = await asked(house, other, BEN)
    assert "someone else's" in refused
    assert "confirmed it" not in refused
    assert "confirmed it" in await asked(house, own, BEN)
    seen = await asked(house, "", OMAR)
    assert own in seen
    assert other in seen
    assert "Only your own" not in seen


async def test_whose_group_can_not_be_read_sees_their_own_and_is_told_why(empty_house: House) -> None:
    empty_house.sandbox.settings.scopes = frozenset({"commands", "chat:write"})  # without usergroups:read
    async with empty_house.bot():
        own = await stored(empty_house, "Own", OMAR)
        other = await stored(empty_house, "Other")
        seen = await asked(empty_house, "", OMAR)
    assert own in seen
    assert other not in seen
    assert "could not verify" in seen


async def test_another_company_sees_nothing(house: House) -> None:
    await stored(house, "Sales", ZOE)
    answer = await house.sandbox.command(ZOE, VOICE, "history")
    assert answer.seen
    assert "Sales" not in answer.seen


@pytest.mark.parametrize(("query", "word"), [("x" * 3000, "too long"), ("x" * 300, "255")], ids=str)
async def test_what_can_not_be_looked_for_is_said(house: House, query: str, word: str) -> None:
    answer = await house.sandbox.command(ASHA, VOICE, f"history {query}")
    assert answer.seen
    assert word in answer.seen
    assert "/trunk" in answer.seen


@pytest.mark.parametrize("typed", ["@omar", "@Omar Haddad"])
async def test_a_handle_is_answered_with_a_choice_of_the_person(house: House, typed: str) -> None:
    own, other = await stored(house, "Own", OMAR), await stored(house, "Other")
    assert f"Slack sends only the text “{typed}”. Pick the person here:" in await asked(house, typed)
    count = len(house.sandbox.messages(VOICE, ASHA))
    await house.sandbox.action(ASHA, PERSON, value=OMAR)
    await house.heard(own)
    assert other not in latest(house, ASHA).words
    assert OMAR in latest(house, ASHA).words
    assert len(house.sandbox.messages(VOICE, ASHA)) == count  # in its place


async def test_who_chooses_somebody_else_sees_no_more_than_their_own(house: House) -> None:
    other = await stored(house, "Other", OMAR)
    await asked(house, "@omar", BEN)
    await house.sandbox.action(BEN, PERSON, value=OMAR)
    await house.heard("Only your own", VOICE, BEN)
    assert other not in latest(house, BEN).words


async def test_a_choice_of_nobody_is_answered(house: House) -> None:
    await asked(house, "@omar")
    await house.sandbox.action(ASHA, PERSON)
    await house.heard("out of date")


async def test_the_buttons_turn_the_page_in_place(house: House) -> None:
    refs = [await stored(house, f"line {number}") for number in range(45)][::-1]
    await asked(house, "line")
    pages = [latest(house, ASHA)]
    count = len(house.sandbox.messages(VOICE, ASHA))

    async def turned(action: str, first: str) -> str:
        await house.sandbox.action(ASHA, action)
        await house.sandbox.wait_for(lambda: first in latest(house, ASHA).words)
        return latest(house, ASHA).words

    assert all(ref in pages[0].words for ref in refs[:20])
    assert NEWER not in str(pages[0].blocks)
    second = await turned(OLDER, refs[20])
    assert all(ref in second for ref in refs[20:40])
    assert not any(ref in second for ref in (refs[19], refs[40]))
    third = await turned(OLDER, refs[40])
    assert all(ref in third for ref in refs[40:])
    assert OLDER not in str(latest(house, ASHA).blocks)
    assert refs[20] in await turned(NEWER, refs[20])
    assert refs[0] in await turned(NEWER, refs[0])
    assert len(house.sandbox.messages(VOICE, ASHA)) == count


async def test_a_tampered_cursor_does_nothing_and_says_so(house: House) -> None:
    for number in range(21):
        await stored(house, f"line {number}")
    await asked(house, "")
    tampered = (
        "",
        "{}",
        "null",
        "[" * 1900,
        json.dumps({"v": 2, "by": "all", "way": "older", "at": 2**70, "id": "a" * 32}),
        json.dumps({"v": 1, "by": "all", "way": "older", "at": 2**40, "id": "a" * 32}),
    )

    def told() -> int:
        return sum("out of date" in text for text in house.said())

    for value in tampered:
        before = told()
        await house.sandbox.action(ASHA, OLDER, value=value)
        await house.sandbox.wait_for(lambda: told() == before + 1)  # noqa: B023 - it is awaited here


async def test_a_forged_cursor_shows_nobody_more_than_their_own(house: House) -> None:
    other = await stored(house, "Other", OMAR)
    own = [await stored(house, f"line {number}") for number in range(21)]
    await asked(house, "", BEN)
    forged = {"v": 2, "by": "person", "what": OMAR, "way": "older", "at": 2**61, "id": "f" * 32}
    await house.sandbox.action(BEN, OLDER, value=json.dumps(forged))
    await house.sandbox.wait_for(lambda: OMAR in latest(house, BEN).words)
    assert other not in latest(house, BEN).words
    assert not any(ref in latest(house, BEN).words for ref in own)


async def test_a_refusal_is_recorded_without_what_was_typed(house: House) -> None:
    await house.sandbox.command(BEN, VOICE, SALES)
    await house.sandbox.command(ZOE, VOICE, 'create "Secret" outbound 10')

    async def refused() -> list[tuple[str, object]]:
        events = (await house.ledger.chronicle.story("")).events
        return [(event.actor, event.evidence["reason"]) for event in events]

    for _ in range(100):
        if len(found := await refused()) == 2:
            break
    assert sorted(found) == [(BEN, "not_operator"), (ZOE, "other_team")]
    assert "Secret" not in str((await house.ledger.chronicle.story("")).events)


async def test_an_identical_request_is_in_the_story_of_the_first(house: House) -> None:
    await house.sandbox.fault("vobiz", "slow")
    house.sandbox.settings.delays.slow = 0.3
    await house.confirmed()
    await house.confirmed(user=OMAR)
    created = await house.heard("created: outbound")
    refused = [event for event in await house.history(created.words) if event.kind == "refused"]
    assert [(event.actor, event.evidence["reason"]) for event in refused] == [(OMAR, "claimed")]
