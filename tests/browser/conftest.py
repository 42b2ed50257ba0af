"""The system's Chromium, driven against the sandbox's page with a real bot behind it."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.flow.conftest import empty_house, house

__all__ = ["browser", "empty_house", "house"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these a sandboxed machine sees Chromium look for its maker's hosts at every start.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless browser; where there is none the test is skipped, but not in CI."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium: .ci/run installs it")
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield chromium
        await chromium.close()
