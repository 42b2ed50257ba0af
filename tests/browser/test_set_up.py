"""Setting up a trunk as a person does it: in the page, both directions, at desktop and phone size."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accessible import faults
from tests.browser.test_changes import PICTURES, SIZES, opened, typed
from tests.flow.conftest import House

pytestmark = pytest.mark.long


@pytest.mark.parametrize("size", SIZES)
async def test_a_trunk_is_set_up_in_both_directions(browser: Browser, house: House, size: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    account = house.sandbox.vobiz.account
    for number in range(8):
        account.add_number(f"+1415555010{number}")
    errors: list[str] = []
    page = await opened(browser, house, size, errors)
    modal = page.get_by_test_id("modal")

    async def look(name: str) -> None:
        await page.screenshot(path=PICTURES / f"{name}-{size}.png")

    await typed(page, '/trunk create "Sales" outbound 10')
    await page.locator("#input-calls").fill("25")
    await look("create-form")
    await page.get_by_test_id("action-form.over.set_up_trunk").click()
    # What was typed and not submitted goes along.
    await expect(page.locator("#input-calls")).to_have_value("25")
    await expect(page.locator("#input-username")).to_have_value("sales")
    await page.locator("#input-address").fill("203.0.114.5")
    await expect(modal).to_contain_text("Create the SIP login")
    await look("set-up-outbound")
    assert await faults(page) == []
    await page.locator("#input-login-login").click()
    await expect(modal).not_to_contain_text("2. Create the SIP login")
    await page.locator("#input-login-login").click()
    await expect(modal).to_contain_text("Create the SIP login")
    await expect(page.locator("#input-address")).to_have_value("203.0.114.5")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("set up")
    await page.get_by_test_id("modal-close").click()
    told = page.get_by_test_id("message").filter(has_text="set up: outbound, 25 calls")
    await expect(told).to_contain_text("203.0.114.5")
    await expect(told).to_contain_text("Create the SIP loginDone: ")  # said once
    await look("set-up-outbound-done")
    assert account.trunks[0]["credential_uuid"]

    await typed(page, '/trunk create "Support" inbound 5')
    await page.get_by_test_id("action-form.over.set_up_trunk").click()
    await page.locator("#input-route").fill("sip:pbx.example.com")
    await page.locator("[id='input-phone_numbers-+14155550101']").click()
    await expect(modal).to_contain_text("Assign +14155550101")
    await page.locator("[id='input-phone_numbers-+14155550103']").click()
    await expect(modal).to_contain_text("Assign +14155550103")
    await look("set-up-inbound")
    assert await faults(page) == []
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("set up")
    await page.get_by_test_id("modal-close").click()
    told = page.get_by_test_id("message").filter(has_text="set up: inbound, 5 calls")
    await expect(told).to_contain_text("sip:pbx.example.com")
    await look("set-up-inbound-done")
    routed = [row["e164"] for row in account.numbers if row.get("trunk_group_id")]
    assert routed == ["+14155550101", "+14155550103"]
    assert errors == []
