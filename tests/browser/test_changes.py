"""Seeing and changing trunks as a person does it: in the page, at desktop and phone size."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.flow.conftest import House

pytestmark = pytest.mark.long

PICTURES = Path(__file__).parents[2] / "build"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


async def opened(browser: Browser, house: House, size: str, errors: list[str]) -> Page:
    width, height = SIZES[size]
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(house.sandbox.page_url)
    return page


async def typed(page: Page, command: str) -> None:
    await page.get_by_test_id("composer").fill(command)
    await page.get_by_test_id("send").click()


@pytest.mark.parametrize("size", SIZES)
async def test_a_trunk_is_listed_shown_edited_undone_and_deleted(
    browser: Browser, house: House, size: str
) -> None:
    PICTURES.mkdir(exist_ok=True)
    trunk, account = house.sandbox.add_trunk("Sales"), house.sandbox.vobiz.account
    account.attach(trunk, "credential_uuid", {"username": "sales"})
    account.add_number("+14155550100", trunk)
    for number in range(12):
        house.sandbox.add_trunk(f"Branch {number:02}", "inbound", 5)
    errors: list[str] = []
    page = await opened(browser, house, size, errors)

    async def look(name: str) -> None:
        await page.screenshot(path=PICTURES / f"{name}-{size}.png")

    await typed(page, "/trunk list")
    listed = page.get_by_test_id("message").filter(has_text="13 SIP trunks")
    await expect(listed.locator("table")).to_contain_text("Branch 09")
    await look("list")
    await typed(page, "/trunk show Sales")
    shown = page.get_by_test_id("message").filter(has_text="Nobody has changed it")
    await expect(shown).to_contain_text("SIP login")
    await look("show")
    await shown.get_by_test_id("action-trunk.change.edit").click()
    await expect(page.locator("#input-calls")).to_have_value("10")
    await page.locator("#input-calls").fill("50")
    await look("edit")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("10 → 50")
    await page.get_by_test_id("modal-close").click()
    await look("edited")
    await page.get_by_test_id("action-trunk.undo").click()
    await expect(page.locator("#input-calls")).to_have_value("10")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("50 → 10")
    await page.get_by_test_id("modal-close").click()
    await typed(page, "/trunk delete Sales")
    await page.locator("#input-typed_name").fill("sales")
    await look("delete")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("deleted")
    await page.get_by_test_id("modal-close").click()
    await look("deleted")
    assert [one["name"] for one in house.sandbox.trunks if one["name"] == "Sales"] == []
    assert errors == []


async def test_what_is_changed_in_the_console_is_told(browser: Browser, house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    errors: list[str] = []
    page = await opened(browser, house, "desktop", errors)
    await typed(page, "/trunk edit Sales 50")
    await expect(page.locator("#input-calls")).to_have_value("50")
    await page.get_by_test_id("modal-close").click()
    await page.get_by_test_id("console-calls").fill("20")
    await page.get_by_test_id("console-calls").press("Tab")
    await page.get_by_test_id("console-status").click()
    await expect(page.get_by_test_id("console-status")).to_have_text("Switch on")
    assert (trunk["concurrent_calls_limit"], trunk["trunk_status"]) == (20, "inactive")
    assert errors == []
