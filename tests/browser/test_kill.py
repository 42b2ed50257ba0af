"""Anyone can see it: the bot is killed in the midst of a create, and what was confirmed goes on, once."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox.server import Sandbox
from tests.browser.test_page import WIDE
from tests.sandbox.test_process import looked, sandbox

pytestmark = pytest.mark.long

__all__ = ["sandbox"]

PICTURE = Path(__file__).parents[2] / "build" / "killed.png"
SOON = 20_000  # ms; a start takes 1.3 s, on a busy machine more


async def test_a_create_outlives_the_bot(browser: Browser, sandbox: Sandbox) -> None:
    page = await browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
    await page.goto(sandbox.page_url)
    status, banner = page.get_by_test_id("bot-status"), page.get_by_test_id("bot-state")
    await expect(status).to_have_text("Up")
    await expect(page.get_by_test_id("bot-line")).to_contain_text(f"pid {sandbox.bot and sandbox.bot.pid}")
    await expect(banner).to_be_hidden()
    await page.get_by_test_id("fault-bot").select_option("kill_after_write")
    await page.get_by_test_id("composer").fill('/trunk create "Sales" outbound 10')
    await page.keyboard.press("Enter")
    await looked(sandbox)
    await page.get_by_test_id("modal-submit").click()
    # It is said above the form, which is still open.
    await expect(banner).to_be_visible()
    await expect(banner).to_have_text(re.compile("starting|down"))
    await page.screenshot(path=PICTURE)
    await expect(status).to_have_text("Up", timeout=SOON)
    await page.keyboard.press("Escape")
    created = page.get_by_test_id("message").filter(has_text="created: outbound")
    await expect(created).to_contain_text(str(sandbox.trunks[0]["trunk_id"]), timeout=SOON)
    assert len(sandbox.vobiz_posts) == 1


async def test_a_bot_that_was_left_down_is_started_by_hand(browser: Browser, sandbox: Sandbox) -> None:
    page = await browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
    await page.goto(sandbox.page_url)
    await page.get_by_test_id("bot-kill").click()
    await expect(page.get_by_test_id("bot-state")).to_contain_text("The bot is down (signal 9, SIGKILL)")
    await page.get_by_test_id("composer").fill("/trunk help")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message")).to_contain_text("dispatch_failed")
    await expect(page.get_by_test_id("delivery").filter(has_text="slash command")).to_contain_text(
        "no connection"
    )
    await page.get_by_test_id("bot-start").click()
    await expect(page.get_by_test_id("bot-status")).to_have_text("Up", timeout=SOON)
    await expect(page.get_by_test_id("bot-state")).to_be_hidden()
    await page.get_by_test_id("bot-restart").click()
    await expect(page.get_by_test_id("bot-status")).to_have_text("Starting")
    await expect(page.get_by_test_id("bot-status")).to_have_text("Up", timeout=SOON)
