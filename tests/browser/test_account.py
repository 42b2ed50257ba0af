"""The account's pane as a person uses it: to a call in both directions, and what the console takes away."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings
from tests.browser.accessible import faults

pytestmark = pytest.mark.long

PICTURES = Path(__file__).parents[2] / "build"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh sandbox, without a bot."""
    made = Sandbox(Settings(seeded=True))
    await made.start()
    yield made
    await made.stop()


async def group(page: Page, name: str) -> Locator:
    """Open a group of the account, and return it."""
    found = page.get_by_test_id(f"group-{name}")
    await found.locator("summary").click()
    return found


async def opened(browser: Browser, sandbox: Sandbox, size: str, errors: list[str]) -> Page:
    """Open the account's pane."""
    width, height = SIZES[size]
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(sandbox.page_url)
    if size == "phone":
        await page.get_by_test_id("tab-vobiz").click()
    return page


@pytest.mark.parametrize("size", SIZES)
async def test_a_trunk_is_set_up_called_and_undone_in_the_console(
    browser: Browser, sandbox: Sandbox, size: str
) -> None:
    PICTURES.mkdir(exist_ok=True)
    errors: list[str] = []
    page = await opened(browser, sandbox, size, errors)
    sales = sandbox.add_trunk("Sales")
    card = page.get_by_test_id("trunk").filter(has_text="Sales")
    await card.get_by_test_id("call-answered").click()
    await expect(card.get_by_test_id("trunk-said")).to_contain_text("no login and no allowed address")

    logins = await group(page, "credentials")
    await logins.get_by_role("textbox").fill("sales_1")
    await logins.get_by_role("textbox").press("Enter")
    await expect(logins).to_contain_text("use 1 to 100 letters and digits")
    await logins.get_by_role("textbox").fill("sales1")
    await logins.get_by_role("textbox").press("Enter")
    await expect(logins.get_by_test_id("row-credentials")).to_have_count(2)
    await expect(logins.get_by_role("textbox")).to_have_value("")

    await card.get_by_test_id("trunk-parts").press("Enter")
    await card.get_by_test_id("console-credential_uuid").select_option(label="sales1")
    await expect(card).to_contain_text("Login sales1")
    await expect(card.get_by_test_id("console-credential_uuid")).to_be_visible()
    await card.get_by_test_id("call-answered").click()
    await expect(card.get_by_test_id("trunk-said")).to_have_text("Outbound call, answered, 34 s.")
    await page.get_by_test_id("trunk").filter(has_text="Reception").get_by_test_id("call-missed").click()
    calls = await group(page, "calls")
    await expect(calls.get_by_test_id("row-calls")).to_have_count(2)
    await expect(calls).to_contain_text("not answered")

    numbers = await group(page, "numbers")
    row = numbers.get_by_test_id("row-numbers").filter(has_text="+14155550102")
    await row.get_by_test_id("route-number").select_option(label="Sales")
    await expect(card).to_contain_text("+14155550102")
    for name in ("ip-acl", "origination-uris"):
        await group(page, name)
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await card.scroll_into_view_if_needed()
    await page.screenshot(path=PICTURES / f"account-{size}.png")
    await logins.scroll_into_view_if_needed()
    await page.screenshot(path=PICTURES / f"account-records-{size}.png")

    await (
        logins.get_by_test_id("row-credentials")
        .filter(has_text="sales1")
        .get_by_test_id("delete-credentials")
        .press("Enter")
    )
    await expect(logins.get_by_test_id("row-credentials")).to_have_count(1)
    await expect(logins.locator("summary")).to_be_focused()
    await expect(card).not_to_contain_text("Login sales1")
    assert "credential_uuid" not in sales

    assert errors == []


async def test_a_number_that_was_given_back_is_told_loudly(browser: Browser, sandbox: Sandbox) -> None:
    page = await opened(browser, sandbox, "desktop", [])
    await expect(page.get_by_test_id("writes")).to_have_text("0 writes")
    await expect(page.get_by_test_id("released")).to_be_hidden()
    url = f"{sandbox.vobiz_api_url}/api/v1/Account/{sandbox.vobiz_auth_id}/numbers/%2B14155550102"
    headers = {"X-Auth-ID": sandbox.vobiz_auth_id, "X-Auth-Token": sandbox.vobiz_auth_token}
    async with httpx.AsyncClient() as http:
        await http.delete(url, headers=headers)
    await expect(page.get_by_test_id("writes")).to_have_text("1 write")
    await expect(page.get_by_test_id("released")).to_contain_text("for a fee: +14155550102")
    assert await faults(page) == []
