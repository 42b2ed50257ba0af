"""The page over Socket Mode: it works the same, says so, and can break the connection."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_main_job import opened
from tests.flow.test_socket_mode import socketed_house

pytestmark = pytest.mark.long


async def test_a_person_creates_a_trunk_over_socket_mode(browser: Browser, tmp_path: Path) -> None:
    errors: list[str] = []
    async with socketed_house(tmp_path) as house, house.bot():
        page = await opened(browser, house, errors)
        await expect(page.get_by_test_id("transport")).to_have_text("Sandbox over Socket Mode")
        await page.get_by_test_id("fault-socket").select_option("abort")
        await expect(page.get_by_test_id("fault-socket")).to_have_value("none")
        await house.sandbox.wait_for(lambda: house.sandbox.sockets.lines)
        await page.get_by_test_id("composer").fill('/trunk create "Sales" outbound 10')
        await page.keyboard.press("Enter")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("created: outbound")
        await expect(page.get_by_test_id("trunk")).to_have_count(1)
    assert errors == []
