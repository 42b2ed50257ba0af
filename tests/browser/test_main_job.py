"""The main job as a person does it: in the page, with keyboard and mouse."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.flow.conftest import ASHA, VOICE, House

pytestmark = pytest.mark.long

PICTURE = Path(__file__).parents[2] / "build" / "sandbox.png"


async def opened(browser: Browser, house: House, errors: list[str]) -> Page:
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(house.sandbox.page_url)
    return page


async def test_a_person_creates_a_trunk_in_the_page(browser: Browser, house: House) -> None:
    errors: list[str] = []
    page = await opened(browser, house, errors)
    await expect(page.get_by_test_id("transport")).to_have_text("Sandbox over HTTP")
    await page.get_by_test_id("composer").fill('/trunk create "Sales" outbound 10')
    await page.keyboard.press("Enter")
    await expect(page.locator("#input-name")).to_have_value("Sales")
    await expect(page.locator("#input-calls")).to_have_value("10")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("created: outbound")
    await page.get_by_test_id("modal-close").click()

    trunk = house.sandbox.trunks[0]
    message = page.get_by_test_id("message").filter(has_text="created: outbound")
    await expect(message).to_contain_text(str(trunk["trunk_id"]))
    await expect(message).to_contain_text(str(trunk["trunk_domain"]))
    await expect(page.get_by_test_id("trunk")).to_have_count(1)
    PICTURE.parent.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURE)
    assert errors == []


async def test_a_question_is_decided_in_the_page(browser: Browser, house: House) -> None:
    errors: list[str] = []
    page = await opened(browser, house, errors)
    await page.get_by_test_id("fault-vobiz").select_option("error_before")
    await page.get_by_test_id("composer").fill("/trunk create Sales in 5")
    await page.get_by_test_id("send").click()
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("Vobiz did not confirm")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("fault-vobiz").select_option("none")
    await page.get_by_test_id("action-trunk.send_again").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("message").filter(has_text="created: inbound")).to_have_count(1)
    await expect(page.get_by_test_id("action-trunk.send_again")).to_have_count(0)
    assert len(house.sandbox.vobiz_posts) == 2
    assert errors == []


async def test_what_the_form_refuses_is_said_under_the_input(browser: Browser, house: House) -> None:
    errors: list[str] = []
    page = await opened(browser, house, errors)
    await house.sandbox.command(ASHA, VOICE, "create")
    await page.locator("#input-name").fill("Sales")
    await page.locator("#input-calls").fill("0")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("error-calls")).not_to_be_empty()
    await expect(page.locator("#input-name")).to_have_value("Sales")
    assert house.sandbox.vobiz_posts == []
    assert errors == []
