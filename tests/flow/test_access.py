"""Who may change things, as Slack's directory says it: people who left, reasons that say nothing, ends."""

import pytest

from bot.domain.policy import Members
from bot.domain.records import Purpose
from bot.sandbox.slack.payloads import view_submission
from bot.slack.usergroups import REFRESH
from tests.flow.conftest import (
    APPROVE,
    ASHA,
    BEN,
    OMAR,
    RIA,
    SALES,
    VOICE,
    WARROOM,
    ZOE,
    House,
    SkippingClock,
)
from tests.flow.test_approvals import (
    APPROVE_BUTTON,
    DENY_BUTTON,
    LARGE,
    QUESTION,
    age,
    ask,
    pressed,
    until_told,
    value_of,
)

# Pasted, a zero-width space, NUL, the braille blank, a Hangul filler, a mark on nothing.
INVISIBLE = ("\u200b\ufeff", "\x00", "\u2800", "\u3164", "\u0301")


@pytest.mark.parametrize("reason", INVISIBLE, ids=ascii)
async def test_a_reason_that_shows_nothing_is_none(house: House, reason: str) -> None:
    await house.sandbox.command(ASHA, VOICE, LARGE)
    # Whoever is quicker than the button's new word is shown the form once more.
    await house.sandbox.submit_form(ASHA, how="break_glass", reason=reason)
    refused = await house.sandbox.submit_form(ASHA)
    assert refused.errors == {"reason": "Give a reason: the operators will read it, and it stays on record."}
    await house.sandbox.close(ASHA)
    await ask(house)
    await house.sandbox.action(OMAR, DENY_BUTTON)
    refused = await house.sandbox.submit_form(OMAR, reason=reason)
    assert refused.errors == {"reason": "Give a reason: it is shown with the decision."}
    assert house.sandbox.vobiz_posts == []


async def test_a_name_that_shows_nothing_is_none(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, SALES)
    refused = await house.sandbox.submit_form(ASHA, name="\u2800\u3164")
    assert refused.errors == {"name": "Enter a name."}


async def test_who_approves_after_the_end_hears_when_that_was_and_what_to_do(house: House) -> None:
    question = await ask(house)
    await age(house, 1.1)
    press = pressed(APPROVE_BUTTON, value_of(question, APPROVE_BUTTON), OMAR)
    await house.sandbox.interaction(press)
    told = await house.heard("Too late", "D0OMAR001", OMAR)
    ended = (await house.operation(question.words)).expires_at
    assert ended is not None
    assert str(ended // 1000) in str(told.blocks)
    assert "can ask again" in told.words
    assert RIA in str(told.blocks)


async def test_operators_who_left_do_not_keep_the_others_from_being_asked(empty_house: House) -> None:
    house = empty_house
    gone = {f"U0GONE00{number}" for number in range(8)}
    operators = Members(users=frozenset(gone | {OMAR}))
    house.settings = house.settings.model_copy(update={"trunk_operators": operators})
    house.sandbox.space.channels[APPROVE].bot = False
    async with house.bot():
        await house.sandbox.fault("slack", "response_url_dead")
        await house.sandbox.command(RIA, WARROOM, SALES)
        assert (await house.sandbox.submit_form(RIA)).ok
        question = await house.heard(QUESTION, "D0OMAR001", OMAR)
        waiting = await house.heard("Waiting for approval", "D0RIA0001", RIA)
        assert "I could not reach any operator" not in waiting.words
        await until_told(house, question.words, Purpose.APPROVAL)
        told = [
            event.evidence["error"]
            for event in await house.history(question.words)
            if event.evidence.get("route") == "approval_direct_message"
        ]
        # Of eight who cannot be asked for the same reason the record tells once.
        assert told == ["channel_not_found", None]


async def reread(house: House, clock: SkippingClock) -> None:
    """Let a minute pass, and wait until the bot has read the user groups again."""
    before = len(reads(house))
    clock.skip(REFRESH)
    await house.sandbox.wait_for(lambda: len(reads(house)) > before)


def reads(house: House) -> list[str]:
    return [call.method for call in house.sandbox.slack_calls if call.method.startswith("usergroups.")]


@pytest.mark.parametrize("change", ["group_gone", "group_disabled", "member_left", "emptied", "moved"])
async def test_who_is_in_no_group_any_more_loses_the_right_within_a_minute(
    empty_house: House, change: str
) -> None:
    house, clock = empty_house, SkippingClock()
    async with house.bot(clock):
        await house.sandbox.command(OMAR, VOICE, SALES)
        house.sandbox.fill(OMAR, calls="20")
        if change == "emptied":
            house.sandbox.space.groups["S0ONCALL1"].clear()
        elif change == "moved":
            house.sandbox.space.groups["S0OTHER01"] = house.sandbox.space.groups.pop("S0ONCALL1")
        else:
            await house.sandbox.fault("slack", change)
        await reread(house, clock)
        # The form that was opened before is refused as well as a new one.
        await house.sandbox.submit_form(OMAR)
        assert "You don't have access" in house.modal(OMAR)
        refused = await house.sandbox.command(OMAR, VOICE, SALES)
        assert refused.seen
        assert "You don't have access" in refused.seen
    assert house.sandbox.vobiz_posts == []


async def test_an_accepted_press_is_not_called_undone_when_the_right_is_gone(empty_house: House) -> None:
    """Its answer was lost, as when the process died right after storing; so it is pressed again."""
    house, clock = empty_house, SkippingClock()
    async with house.bot(clock):
        await house.sandbox.command(OMAR, VOICE, SALES)
        view = house.sandbox.view_of(OMAR)
        assert view is not None
        lost = view_submission(house.sandbox.space.people[OMAR], view, "T1", [])
        assert (await house.sandbox.interaction(lost)).status == 200
        await house.heard("created: outbound", VOICE, OMAR)
        await house.sandbox.fault("slack", "group_gone")
        await reread(house, clock)
        assert (await house.sandbox.submit_form(OMAR)).ok
        assert "Nothing was done" not in house.modal(OMAR)
        assert "created: outbound" in house.modal(OMAR)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_trouble_of_slack_takes_no_rights_away(empty_house: House) -> None:
    house, clock = empty_house, SkippingClock()
    async with house.bot(clock):
        await house.sandbox.fault("slack", "groups_error")
        await reread(house, clock)
        assert (await house.sandbox.command(OMAR, VOICE, SALES)).seen is None


async def test_a_scope_that_was_taken_away_is_no_trouble_that_passes(empty_house: House) -> None:
    house, clock = empty_house, SkippingClock()
    async with house.bot(clock):
        await house.sandbox.fault("slack", "missing_scope")
        await reread(house, clock)
        refused = await house.sandbox.command(OMAR, VOICE, SALES)
        assert "could not verify" in str(refused.seen)
        assert (await house.sandbox.command(ASHA, VOICE, SALES)).seen is None


async def test_everyone_is_not_everyone_of_the_organisation(empty_house: House) -> None:
    house = empty_house
    everyone = Members(everyone=True)
    house.settings = house.settings.model_copy(update={"trunk_operators": everyone})
    await house.sandbox.fault("slack", "organisation")
    async with house.bot():
        refused = await house.sandbox.command(ZOE, VOICE, SALES)
        assert "also where they belong to the same organisation" in str(refused.seen)
        assert (await house.sandbox.command(BEN, VOICE, SALES)).seen is None
        assert (await house.sandbox.submit_form(BEN)).ok
        await house.heard("created: outbound", VOICE, BEN)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_who_is_named_may_be_of_another_workspace_of_the_organisation(empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"trunk_operators": Members(users=frozenset({ZOE}))})
    async with house.bot():
        refused = await house.sandbox.command(ZOE, VOICE, SALES)
        assert "only for members of the workspace" in str(refused.seen)
    await house.sandbox.fault("slack", "organisation")
    async with house.bot():
        assert (await house.sandbox.command(ZOE, VOICE, SALES)).seen is None
        assert (await house.sandbox.submit_form(ZOE)).ok
        await house.heard("created: outbound", VOICE, ZOE)


async def test_thirty_groups_are_read_at_once_within_slacks_limits(empty_house: House) -> None:
    house = empty_house
    names = [f"S0GROUP{number:02}" for number in range(30)]
    house.sandbox.space.groups = {name: [] for name in names} | {names[-1]: [OMAR]}
    operators = Members(groups=frozenset(names))
    house.settings = house.settings.model_copy(update={"trunk_operators": operators})
    await house.sandbox.fault("slack", "tier_limits")
    async with house.bot():
        assert (await house.sandbox.command(OMAR, VOICE, SALES)).seen is None
    asked = [call.error for call in house.sandbox.slack_calls if call.method == "usergroups.list"]
    assert asked == [None]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [('create *"Sales"* _outbound_ `10`', "Sales", False), ('create "*Sales*" outbound 10', "*Sales*", True)],
    ids=["outside of the quotes", "in the quotes"],
)
async def test_formatting_opens_the_form_with_what_was_understood(
    house: House, text: str, name: str, *, said: bool
) -> None:
    assert (await house.sandbox.command(ASHA, VOICE, text)).seen is None
    if said:
        await house.shown("The marks before and after the name are part of it")
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("created: outbound")
    assert [post.body["name"] for post in house.sandbox.vobiz_posts] == [name]
