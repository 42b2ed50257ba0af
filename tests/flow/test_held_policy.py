"""The policy is asked at each step, not only when the form opens; and what breaks inside is owned up to."""

import pytest
import sqlalchemy as sa

from bot.slack.client import SlackWeb
from bot.slack.transport import open_session
from bot.slack.usergroups import TOO_OLD, Groups
from bot.store.database import open_engine
from tests.conftest import TurnedClock
from tests.flow.conftest import ASHA, BEN, GENERAL, OMAR, VOICE, House
from tests.flow.test_bad_input import form_of, submission
from tests.flow.test_trouble import press


def messages_of(house: House, user: str) -> str:
    """Return the channel of a person's direct messages with the bot."""
    return next(c.id for c in house.sandbox.space.channels.values() if c.kind == "dm" and user in c.people)


async def test_a_channel_that_was_closed_since_the_form_opened_is_refused(empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"trunk_channels": frozenset({VOICE})})
    async with house.bot():
        refused = await house.sandbox.interaction(submission(form_of(house, channel=GENERAL)))
        assert VOICE in refused.body.decode()
        accepted = await house.sandbox.interaction(submission(form_of(house)))
        assert "Creating" in accepted.body.decode()
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_trying_again_takes_the_right_to_create(house: House) -> None:
    """The message may have been shared: whoever presses is asked about."""
    await house.sandbox.fault("vobiz", "unreachable")
    await house.confirmed()
    message = await house.heard("Nothing was created")
    operation = await house.operation(message.words)
    await house.sandbox.interaction(press(operation.id, "trunk.try_again", BEN))
    await house.heard("have access", messages_of(house, BEN), BEN)
    assert house.sandbox.view_of(BEN) is None


async def test_what_breaks_inside_is_answered_with_a_reference(house: House) -> None:
    """The ledger's table is gone: every way in answers in words, and nothing is sent."""
    engine = open_engine(house.settings.database_url.get_secret_value())
    async with engine.begin() as connection:
        await connection.execute(sa.text("ALTER TABLE operations RENAME TO gone"))
    await engine.dispose()
    told = await house.sandbox.command(ASHA, VOICE, "history")
    assert "Something went wrong in the bot" in str(told.seen)
    await house.sandbox.interaction(press("a" * 32, "trunk.give_up", OMAR))
    await house.heard("Something went wrong in the bot", messages_of(house, OMAR), OMAR)
    answer = await house.sandbox.interaction(submission(form_of(house)))
    assert "ot accepted yet" in answer.body.decode()
    assert house.sandbox.vobiz_posts == []


@pytest.mark.parametrize(("age", "known"), [(TOO_OLD, True), (TOO_OLD + 1, False)])
async def test_members_count_for_as_long_as_it_is_said(house: House, age: float, *, known: bool) -> None:
    clock = TurnedClock()
    async with open_session() as session:
        slack = SlackWeb(session, house.sandbox.bot_token, house.settings.slack_api_url)
        groups = Groups(slack, frozenset({"S0ONCALL1"}), clock)
        await groups.refresh()
    assert groups.members() == {"S0ONCALL1": frozenset({OMAR})}
    clock.time += age
    assert groups.members() == {"S0ONCALL1": frozenset({OMAR}) if known else None}
