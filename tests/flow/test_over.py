"""From the form of one kind to that of another in the same modal, from outside."""

from typing import Final

import pytest

from bot.blockkit.blocks import Block, paragraph
from bot.domain.outcome import Data
from bot.domain.policy import Members
from bot.kinds.base import CHOICES, Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.create_trunk.words import CreateTrunkWords
from bot.kinds.disable_trunk import DisableTrunk
from bot.kinds.edit_trunk import EditTrunk
from bot.kinds.registry import Kinds
from bot.sandbox.slack.views import View
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot
from tests.flow.conftest import ASHA, RIA, SALES, VOICE, House

FRAME: Final = "form.over.frame_trunk"


class Plain(CreateTrunk):
    """A create that leads to another kind of create."""

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        return ("frame_trunk", "of_a_newer_version")


class FrameWords(CreateTrunkWords):
    title, submit, offer = "Frame SIP trunk", "Frame it", "Also frame it…"


class Frame(CreateTrunk):
    """The other one, with a way back, which offers numbers where the trunk is inbound."""

    name, verb, words = "frame_trunk", "frame", FrameWords()
    redraws = frozenset({"direction"})

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        return ("create_trunk",)

    def needs(self, known: Data) -> Needs:
        inbound = known.get("direction") == "inbound"
        return Needs(parts=frozenset({Part.NUMBERS}) if inbound else frozenset())

    def choices(self, known: Data, now: Snapshot | None) -> Data:
        return {"numbers": [] if now is None else [item.text for item in now.part(Part.NUMBERS).items]}

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        shown = paragraph([(f"Numbers: {seen.get(CHOICES)}" if self.needs(known).parts else "No numbers.",)])
        inputs = super().inputs(known, limits, seen)
        return [*(block | {"dispatch_action": block["block_id"] == "direction"} for block in inputs), shown]


class Edit(EditTrunk):
    """A guarded one that leads to another guarded one."""

    def others(self, known: Data, seen: Data) -> tuple[str, ...]:
        return ("disable_trunk",)


@pytest.fixture
def toys(empty_house: House) -> House:
    empty_house.kinds = Kinds((Plain(), Frame(), Edit(), DisableTrunk()))
    return empty_house


def form_of(house: House, user: str = ASHA) -> View:
    view = house.sandbox.view_of(user)
    assert view is not None
    return view


async def goes_over(house: House, action: str, title: str, user: str = ASHA) -> None:
    await house.sandbox.action(user, action)
    await house.sandbox.wait_for(lambda: form_of(house, user).title == title)


async def test_what_was_typed_goes_along_there_and_back(toys: House) -> None:
    async with toys.bot():
        toys.sandbox.add_trunk("Support")
        await toys.sandbox.command(ASHA, VOICE, SALES)
        await toys.looked()
        view = form_of(toys)
        toys.sandbox.fill(ASHA, name="Support", calls="25")
        await goes_over(toys, FRAME, "Frame SIP trunk")
        # What there is of the account is said of what was typed, and at once.
        assert "of this name" in toys.modal()
        await goes_over(toys, "form.over.create_trunk", "Create SIP trunk")
        await goes_over(toys, FRAME, "Frame SIP trunk")
        assert form_of(toys).id == view.id
        assert (await toys.sandbox.submit_form(ASHA)).ok
        told = await toys.heard("created: outbound, 25 calls")
    operation = await toys.operation(told.words)
    assert operation.kind == "frame_trunk"
    assert operation.request == {"name": "Support", "direction": "outbound", "calls": 25}
    assert len(toys.sandbox.vobiz_posts) == 1


async def test_what_a_form_still_reads_is_shown_in_the_one_that_took_its_place(toys: House) -> None:
    async with toys.bot():
        await toys.sandbox.fault("vobiz", "slow")
        toys.sandbox.add_trunk("Sales")
        await toys.sandbox.command(ASHA, VOICE, SALES)
        await goes_over(toys, FRAME, "Frame SIP trunk")
        await toys.shown("of this name")
        assert form_of(toys).title == "Frame SIP trunk"


async def test_a_form_is_drawn_anew_with_a_choice_and_reads_what_it_then_offers(toys: House) -> None:
    async with toys.bot():
        toys.sandbox.vobiz.account.add_number("+14155550100")
        await toys.sandbox.command(ASHA, VOICE, SALES)
        await goes_over(toys, FRAME, "Frame SIP trunk")
        assert "No numbers." in toys.modal()
        toys.sandbox.fill(ASHA, name="Support")
        await toys.sandbox.action(ASHA, "direction", value="inbound")
        await toys.shown("Numbers: {'numbers': ['+14155550100']}")
        # What was read stays with the form, whatever else it shows.
        await toys.sandbox.fault("vobiz", "lists_fail")
        await toys.sandbox.action(ASHA, "direction", value="outbound")
        await toys.shown("No numbers.")
        await toys.sandbox.action(ASHA, "direction", value="inbound")
        assert "+14155550100" in await toys.shown("Numbers:")
        assert (await toys.sandbox.submit_form(ASHA)).ok
        operation = await toys.operation((await toys.heard("created: inbound")).words)
    assert operation.request["name"] == "Support"
    # An approver is told what was seen of the trunk's name, and not all numbers of the account.
    assert CHOICES not in operation.seen


async def test_a_kind_that_needs_approval_asks_for_it(toys: House) -> None:
    toys.settings = toys.settings.model_copy(update={"trunk_approval_for": frozenset({"frame_trunk"})})
    async with toys.bot():
        await toys.sandbox.command(ASHA, VOICE, SALES)
        await goes_over(toys, FRAME, "Frame SIP trunk")
        assert "Ask for approval" in str(form_of(toys).spec["submit"])
        await goes_over(toys, "form.over.create_trunk", "Create SIP trunk")
        assert "Create trunk" in str(form_of(toys).spec["submit"])


async def test_the_form_of_a_kind_that_changes_what_exists_is_filled_by_reading(toys: House) -> None:
    async with toys.bot():
        toys.sandbox.add_trunk("Sales")
        await toys.sandbox.command(ASHA, VOICE, "edit Sales")
        await toys.sandbox.wait_for(lambda: "disable_trunk" in str(form_of(toys).blocks))
        await goes_over(toys, "form.over.disable_trunk", "Disable SIP trunk")
        await toys.sandbox.wait_for(lambda: form_of(toys).spec.get("submit"))
        assert (await toys.sandbox.submit_form(ASHA)).ok
        await toys.heard("disabled")
    assert [post.body["enabled"] for post in toys.sandbox.vobiz_posts] == [False]


async def test_whoever_may_not_do_the_other_is_told_why(toys: House) -> None:
    async with toys.bot():
        await toys.sandbox.command(RIA, VOICE, SALES)
    toys.settings = toys.settings.model_copy(update={"trunk_requesters": Members()})
    async with toys.bot():
        await toys.sandbox.action(RIA, FRAME)
        assert "have access" in await toys.shown("Nothing was done", RIA)


async def test_a_form_that_is_not_the_bots_goes_nowhere(toys: House) -> None:
    async with toys.bot():
        await toys.sandbox.command(ASHA, VOICE, SALES)
        form_of(toys).spec["private_metadata"] = "x"
        await toys.sandbox.action(ASHA, FRAME)
        await toys.shown("This form is out of date")
