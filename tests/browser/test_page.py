"""The page itself: reached with a keyboard, read by everyone, and open about what went over the wire."""

from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from bot.sandbox.shape import Json
from tests.browser.accessible import faults
from tests.browser.test_entrances import form
from tests.sandbox.conftest import bot, clock, http, sandbox
from tests.sandbox.standin import HOME, Bot

pytestmark = pytest.mark.long

__all__ = ["bot", "clock", "http", "sandbox"]

ASHA, VOICE, DM = "U0ASHA001", "C0VOICE01", "D0ASHA001"
WIDE, PHONE = (1440, 900), (390, 844)
Scheme = Literal["light", "dark"]


async def opened(browser: Browser, bot: Bot, size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    await page.goto(bot.sandbox.page_url)
    await expect(page.locator("#app.ready")).to_be_visible()
    return page


def cell(text: str, number: float | None = None) -> Json:
    return (
        {"type": "raw_text", "text": text}
        if number is None
        else {"type": "raw_number", "text": text, "value": number}
    )


async def post(bot: Bot, *blocks: Json, text: str = "A table") -> None:
    assert (await bot.call("chat.postMessage", channel=VOICE, text=text, blocks=list(blocks)))["ok"]


TABLE: Json = {
    "type": "data_table",
    "caption": "Trunks of Acme",
    "page_size": 2,
    "rows": [
        [cell("Name"), cell("Calls")],
        [cell("Sales"), cell("10", 10)],
        [cell("Launch"), cell("9", 9)],
        [cell("Overflow"), cell("250", 250)],
    ],
}


async def test_the_composer_is_reached_at_once_however_much_was_said(browser: Browser, bot: Bot) -> None:
    for number in range(30):
        await bot.call(
            "chat.postMessage", channel=VOICE, text=f"Trunk `{number}`, domain `{number}.sip.vobiz.ai`"
        )
    page = await opened(browser, bot)
    composer = page.get_by_test_id("composer")
    await expect(composer).to_be_focused()
    await page.locator("#scroll").focus()
    await page.keyboard.press("/")
    await expect(composer).to_be_focused()
    await expect(composer).to_have_value("/")
    await page.keyboard.type("trunk /x")  # what is written there is written
    await expect(composer).to_have_value("/trunk /x")
    stops = 0
    await page.locator("#skip").focus()
    while not await composer.evaluate("it => it === document.activeElement"):
        await page.keyboard.press("Tab")
        stops += 1
        assert stops < 15
    await page.locator("#skip").focus()
    await page.keyboard.press("Enter")
    await expect(composer).to_be_focused()


async def test_a_list_is_one_stop_and_arrows_walk_in_it(browser: Browser, bot: Bot) -> None:
    page = await opened(browser, bot)
    await page.get_by_test_id(f"person-{ASHA}").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("person-U0OMAR001")).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.get_by_test_id("person-U0ZOE0001")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id(f"channel-{VOICE}")).to_be_focused()


async def test_ones_own_command_brings_its_answer_into_view(browser: Browser, bot: Bot) -> None:
    for number in range(40):
        await bot.call("chat.postMessage", channel=VOICE, text=f"Message {number}")
    page = await opened(browser, bot)
    await page.locator("#scroll").evaluate("it => (it.scrollTop = 0)")
    bot.answer = "Here is your answer."
    await page.get_by_test_id("composer").fill("/trunk help")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Here is your answer.")).to_be_in_viewport()


async def test_every_fault_is_in_view_and_says_what_it_does(browser: Browser, bot: Bot) -> None:
    bot.sandbox.add_trunk("Sales")
    bot.sandbox.add_trunk("Launch")
    page = await opened(browser, bot)
    for side in ("vobiz", "slack"):
        await expect(page.get_by_test_id(f"fault-{side}")).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("fault-vobiz").select_option("created_then_500")
    await expect(page.get_by_text("It is done, the answer says that it failed.")).to_be_in_viewport(ratio=1)
    assert bot.sandbox.vobiz.faults.current == "created_then_500"
    await expect(page.get_by_test_id("trunk").nth(1)).to_be_in_viewport(ratio=1)
    await expect(page.get_by_test_id("bot")).to_be_hidden()  # it is no process of this sandbox


async def test_a_delivery_opens_to_what_was_sent_and_answered(browser: Browser, bot: Bot) -> None:
    page = await opened(browser, bot)
    await bot.call("chat.postMessage", channel=VOICE, text="How it went")
    await page.get_by_test_id("delivery-open").first.click()
    await expect(page.get_by_role("region", name="Request")).to_contain_text('"text": "How it went"')
    await expect(page.get_by_role("region", name="Request")).not_to_contain_text(bot.sandbox.bot_token)
    await expect(page.get_by_role("region", name="Response")).to_contain_text('"ok": true')
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Request")).to_have_count(0)


async def test_nothing_can_be_written_to_the_app_in_its_dm(browser: Browser, bot: Bot) -> None:
    page = await opened(browser, bot)
    await page.get_by_test_id(f"channel-{DM}").click()
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    await expect(page.get_by_test_id("composer-shut")).to_contain_text("has been turned off")
    refused = await bot.sandbox.command(ASHA, DM, "help")
    assert (refused.seen, bot.got) == ("Sending messages to this app has been turned off.", [])


async def test_a_data_table_pages_and_sorts(browser: Browser, bot: Bot) -> None:
    await post(bot, TABLE)
    page = await opened(browser, bot)
    table = page.get_by_role("table", name="Trunks of Acme")
    names = table.get_by_role("rowheader")
    await expect(names).to_have_text(["Sales", "Launch"])
    await page.get_by_role("button", name="Next").click()
    await expect(names).to_have_text(["Overflow"])
    await table.get_by_role("button", name="Calls").click()
    await expect(names).to_have_text(["Launch", "Sales"])
    await table.get_by_role("button", name="Calls").click()
    await expect(names).to_have_text(["Overflow", "Sales"])


async def test_a_container_folds_its_blocks_away(browser: Browser, bot: Bot) -> None:
    inside: Json = {"type": "section", "text": {"type": "plain_text", "text": "Folded away"}}
    title: Json = {"type": "plain_text", "text": "More"}
    folded: Json = {"is_collapsible": True, "default_collapsed": True}
    await post(bot, {"type": "container", "title": title, "child_blocks": [inside], **folded}, text="x")
    page = await opened(browser, bot)
    await expect(page.get_by_text("Folded away")).to_be_hidden()
    await page.get_by_text("More", exact=True).click()
    await expect(page.get_by_text("Folded away")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_everything_has_a_name_and_can_be_read(
    browser: Browser, bot: Bot, size: tuple[int, int], scheme: Scheme
) -> None:
    bot.at_home(HOME)
    bot.sandbox.add_trunk("Sales")
    task: Json = {"type": "task_card", "task_id": "1", "title": "Create trunk", "status": "in_progress"}
    await post(bot, TABLE, {"type": "plan", "title": "Two steps", "tasks": [task]})
    await bot.call("chat.postMessage", channel=VOICE, text="Trunk `abc` *created* for <@U0RIA0001>")
    await bot.sandbox.fault("vobiz", "slow")
    page = await opened(browser, bot, size, scheme)
    assert await faults(page) == []
    if size == PHONE:
        for tab in ("vobiz", "log"):
            await page.get_by_test_id(f"tab-{tab}").click()
            assert await faults(page) == []
        await page.get_by_test_id("tab-chat").click()
        await page.get_by_test_id("switcher").click()
        assert await faults(page) == []
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("switcher")).to_be_focused()
    await page.goto(f"{bot.sandbox.page_url}#as={ASHA}&in={DM}&tab=home")
    await expect(page.get_by_test_id("home")).to_contain_text("Waiting for me")
    assert await faults(page) == []
    bot.opens(form())
    await page.goto(f"{bot.sandbox.page_url}#as={ASHA}&in={VOICE}")
    await bot.sandbox.command(ASHA, VOICE, "")
    await expect(page.get_by_test_id("modal")).to_be_visible()
    assert await faults(page) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("byId('people-title').style.color = 'silver'", "contrast"),
        ("byId('skip').textContent = ''", "a button has no name"),
        ("byId('skip').setAttribute('aria-label', 'Go')", "called otherwise than it reads"),
        ("byId('skip').setAttribute('aria-controls', 'nothing')", "which is not there"),
        ("byId('skip').id = 'chat'", "two have the id chat"),
        ("document.querySelector('main').remove()", "no main landmark"),
    ],
)
async def test_what_would_keep_somebody_out_is_found(
    browser: Browser, bot: Bot, wrong: str, words: str
) -> None:
    page = await opened(browser, bot)
    await page.evaluate(f"const byId = (id) => document.getElementById(id); {wrong}")
    assert words in "\n".join(await faults(page))
