"""What every page of the sandbox owes to those who do not see or point: names, landmarks, contrast."""

from pathlib import Path
from typing import Final

from playwright.async_api import Page

# WCAG 2.2: 1.3.1, 4.1.2 (names, landmarks), 1.4.3 (contrast 4.5:1, large text 3:1), 2.5.3 (label in name).
_LOOK: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_NAMED: Final = frozenset(
    {"button", "link", "textbox", "combobox", "radio", "checkbox", "switch", "tab", "dialog", "table"}
    | {"menuitem", "listbox", "radiogroup", "tablist", "region", "navigation", "complementary"}
)


async def faults(page: Page) -> list[str]:
    """Return what is wrong for those who do not see or point, in words; an empty list is well."""
    # Colours in transition are no colours.
    await page.evaluate("Promise.all(document.getAnimations().map((it) => it.finished.catch(() => null)))")
    found: list[str] = await page.evaluate(_LOOK)
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Accessibility.getFullAXTree")
    await session.detach()
    for node in tree["nodes"]:
        role = node.get("role", {}).get("value", "")
        if not node.get("ignored") and role in _NAMED and not node.get("name", {}).get("value", "").strip():
            found.append(f"a {role} has no name")
    return found
