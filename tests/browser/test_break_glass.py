"""Who goes without a second operator reads on the button what it does, before pressing it."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_main_job import opened
from tests.flow.conftest import House

pytestmark = pytest.mark.long


async def test_the_button_changes_with_the_choice_and_what_was_typed_stays(
    browser: Browser, house: House
) -> None:
    errors: list[str] = []
    page = await opened(browser, house, errors)
    await page.get_by_test_id("composer").fill('/trunk create "Launch" outbound 250')
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("modal-submit")).to_have_text("Ask for approval")
    await page.locator("#input-calls").fill("300")
    await page.locator("#input-reason").fill("The other side is down.")
    await page.locator("#input-how-break_glass").check()
    await expect(page.get_by_test_id("modal-submit")).to_have_text("Create trunk now")
    await expect(page.locator("#input-how-break_glass")).to_be_checked()
    await expect(page.locator("#input-reason")).to_have_value("The other side is down.")
    await page.locator("#input-how-ask").check()
    await expect(page.get_by_test_id("modal-submit")).to_have_text("Ask for approval")
    await page.locator("#input-how-break_glass").check()
    await expect(page.get_by_test_id("modal-submit")).to_have_text("Create trunk now")
    assert house.sandbox.vobiz_posts == []
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("created: outbound")
    assert [post.body["max_concurrent_calls"] for post in house.sandbox.vobiz_posts] == [300]
    assert errors == []
