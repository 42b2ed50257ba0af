"""Two people in the page: one asks, the other approves."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_main_job import opened
from tests.flow.conftest import APPROVE, OMAR, RIA, VOICE, House

pytestmark = pytest.mark.long

PICTURE = Path(__file__).parents[2] / "build" / "approval.png"


async def test_one_asks_and_another_approves(browser: Browser, house: House) -> None:
    errors: list[str] = []
    page = await opened(browser, house, errors)
    await page.get_by_test_id(f"person-{RIA}").click()
    await page.get_by_test_id(f"channel-{VOICE}").click()
    await page.get_by_test_id("composer").fill('/trunk create "Launch" outbound 20')
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("modal-submit")).to_have_text("Ask for approval")
    await page.locator("#input-reason").fill("Two weeks of extra calls.")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("Waiting for approval")
    # She is not in that channel, but it is public.
    await expect(page.get_by_test_id("modal")).to_contain_text("The approvers were asked in #trunk-approvals")
    await page.keyboard.press("Escape")
    assert house.sandbox.vobiz_posts == []

    await page.get_by_test_id(f"person-{OMAR}").click()
    await page.get_by_test_id(f"channel-{APPROVE}").click()
    await expect(page.get_by_test_id("message")).to_contain_text("Two weeks of extra calls.")
    await expect(page.get_by_test_id("message")).to_contain_text("@voice-oncall")
    PICTURE.parent.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURE)
    await page.get_by_test_id("action-approval.approve").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("trunk")).to_have_count(1)
    await expect(page.get_by_test_id("action-approval.approve")).to_have_count(0)
    await page.get_by_test_id(f"channel-{VOICE}").click()
    trunk = str(house.sandbox.trunks[0]["trunk_id"])
    await expect(page.get_by_test_id("message").filter(has_text="created: outbound")).to_contain_text(trunk)
    assert len(house.sandbox.vobiz_posts) == 1
    assert errors == []
