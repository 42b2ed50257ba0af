"""The Home tab, shortcuts and the picker as a person meets them, with a stand-in for the bot."""

import pytest
from playwright.async_api import Browser, Page, expect

from bot.sandbox.shape import Json, items, mapping
from tests.sandbox.conftest import bot, clock, http, sandbox
from tests.sandbox.standin import HOME, VIEW, Bot

pytestmark = pytest.mark.long

__all__ = ["bot", "clock", "http", "sandbox"]

ASHA, RIA = "U0ASHA001", "U0RIA0001"
VOICE, APPROVE, WARROOM = "C0VOICE01", "C0APPROVE", "C0WARROOM"
CREATE = "create_trunk_shortcut"


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
async def page(browser: Browser, bot: Bot, errors: list[str]) -> Page:
    page = await browser.new_page(
        viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Asia/Kolkata"
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{bot.sandbox.page_url}#as={RIA}&in={VOICE}")
    await expect(page.get_by_test_id(f"person-{RIA}")).to_have_attribute("aria-current", "true")
    return page


def form() -> Json:
    where: Json = {
        "type": "conversations_select",
        "action_id": "where",
        "default_to_current_conversation": True,
    }
    why: Json = {"type": "plain_text_input", "action_id": "why", "multiline": True}
    blocks: list[Json] = [
        {"type": "input", "block_id": name, "label": {"type": "plain_text", "text": name}, "element": element}
        for name, element in (("where", where), ("why", why))
    ]
    return {**VIEW, "blocks": blocks}


async def test_the_home_is_opened_pressed_and_brought_up_to_date(
    page: Page, bot: Bot, errors: list[str]
) -> None:
    bot.at_home(HOME)
    await expect(page.get_by_test_id("tab-home")).to_be_hidden()
    await page.get_by_test_id("channel-D0RIA0001").click()
    await expect(page.get_by_test_id("tab-messages")).to_have_attribute("aria-selected", "true")
    assert bot.got == []
    await page.get_by_test_id("tab-messages").press("ArrowLeft")
    await expect(page.get_by_test_id("home")).to_contain_text("Sales outbound 250 calls")
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    assert [mapping(got["event"])["user"] for got in bot.got] == [RIA]

    await page.get_by_test_id("action-decide").click()
    await expect(page.get_by_test_id("modal")).to_be_visible()
    await page.keyboard.press("Escape")
    await bot.call("views.publish", user_id=RIA, view={**HOME, "blocks": items(HOME["blocks"])[:1]})
    await expect(page.get_by_test_id("action-decide")).to_have_count(0)

    await page.get_by_test_id("tab-messages").click()
    await expect(page.get_by_test_id("composer-shut")).to_be_visible()
    await page.get_by_test_id("tab-home").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Waiting for me")
    await bot.sandbox.wait_for(lambda: len([got for got in bot.got if got["type"] == "event_callback"]) == 2)
    assert errors == []


async def test_a_shortcut_opens_a_form_that_knows_the_channel(
    page: Page, bot: Bot, errors: list[str]
) -> None:
    bot.opens(form())
    await page.get_by_test_id(f"channel-{WARROOM}").click()
    await page.get_by_test_id("shortcuts").press("ArrowDown")
    await expect(page.get_by_test_id(f"shortcut-{CREATE}")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_be_hidden()
    await expect(page.get_by_test_id("shortcuts")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")

    await expect(page.locator("#input-where")).to_have_value(WARROOM)
    offered = await page.locator("#input-where option").all_inner_texts()
    assert offered[1:] == ["#voice-ops", "#general", "war-room (private)", "trunk (direct message)"]
    await page.locator("#input-where").select_option(VOICE)
    await page.locator("#input-why").fill("For the launch.")
    await page.locator("#input-why").press("Enter")
    await page.keyboard.type("Two weeks.")
    bot.react = None
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)
    values = mapping(mapping(mapping(bot.got[-1]["view"])["state"])["values"])
    assert values == {
        "where": {"where": {"type": "conversations_select", "selected_conversation": VOICE}},
        "why": {"why": {"type": "plain_text_input", "value": "For the launch.\nTwo weeks."}},
    }
    assert errors == []


async def test_a_shortcut_that_fails_says_so(page: Page, bot: Bot) -> None:
    bot.answer = 500
    await page.get_by_test_id("shortcuts").click()
    await page.get_by_test_id(f"shortcut-{CREATE}").click()
    await expect(page.get_by_test_id("notice")).to_have_text("Sorry, that hasn't worked. Try again?")


async def test_a_person_is_chosen_in_a_message(page: Page, bot: Bot) -> None:
    who: Json = {"type": "users_select", "action_id": "who"}
    block: Json = {"type": "actions", "block_id": "person", "elements": [who]}
    await bot.call("chat.postMessage", channel=VOICE, text="Who is meant?", blocks=[block])
    await page.get_by_test_id("action-who").select_option(label="Asha")
    await bot.sandbox.wait_for(lambda: bot.got)
    (action,) = items(bot.got[-1]["actions"])
    assert mapping(action)["selected_user"] == ASHA


async def test_a_private_channel_has_no_name_for_others(page: Page, bot: Bot) -> None:
    bot.sandbox.space.channels[WARROOM].people = frozenset({ASHA})
    parts: list[Json] = [{"type": "channel", "channel_id": name} for name in (WARROOM, APPROVE)]
    block: Json = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}
    await bot.call("chat.postMessage", channel=VOICE, text="Where", blocks=[block])
    await expect(page.get_by_test_id("message")).to_contain_text("a private channel#trunk-approvals")


async def test_a_dot_marks_what_this_person_has_not_seen(page: Page, bot: Bot) -> None:
    dot = page.get_by_test_id(f"channel-{APPROVE}").locator(".dot")
    await bot.call("chat.postMessage", channel=APPROVE, text="Ria asks for 250 calls")
    await bot.call("chat.postMessage", channel=VOICE, text="Asked")
    await expect(page.get_by_test_id("message")).to_contain_text("Asked")
    await page.get_by_test_id(f"person-{ASHA}").click()
    await expect(dot).to_be_visible()
    await page.get_by_test_id(f"channel-{APPROVE}").click()
    await expect(page.get_by_test_id("message")).to_contain_text("Ria asks")
    await expect(dot).to_have_count(0)
    await page.get_by_test_id(f"channel-{VOICE}").click()
    await expect(dot).to_have_count(0)


async def test_a_date_is_written_for_the_reader(page: Page, bot: Bot) -> None:
    date: Json = {"type": "date", "timestamp": 1_600_000_000, "format": "{date_num}"}
    ago: Json = {"type": "date", "timestamp": 0, "format": "{ago}", "style": {"bold": True}}
    parts = [date, {"type": "text", "text": " | "}, ago]
    block: Json = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}
    assert (await bot.call("chat.postMessage", channel=VOICE, text="x", blocks=[block]))["ok"]
    message = page.get_by_test_id("message")
    await expect(message).to_contain_text("2020-09-13 | ")
    await expect(message.locator("strong time")).to_contain_text("days ago")
