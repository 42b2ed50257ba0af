// The shortcuts menu at the composer: what an app offers to people who do not type commands.

import { h, icon } from "./dom.js";

/** `run(callbackId)` resolves when the shortcut was answered; the menu is closed by then. */
export function createShortcuts(run) {
  let busy = false;
  const menu = h("div", { class: "menu", id: "shortcuts-menu", role: "menu", "aria-label": "Shortcuts", hidden: true });
  const button = h(
    "button",
    {
      type: "button", class: "plain-button", testid: "shortcuts", "aria-haspopup": "menu", "aria-expanded": "false",
      "aria-controls": "shortcuts-menu", on: { click: () => show(menu.hidden) },
    },
    icon("plus"),
    h("span", { class: "spinner" }),
    h("span", { class: "plain-button-label" }, "Shortcuts"),
  );
  const root = h("div", { class: "shortcuts" }, menu, button);
  const items = () => [...menu.children];

  function render(shortcuts) {
    root.hidden = shortcuts.length === 0;
    const key = JSON.stringify(shortcuts);
    if (menu.dataset.key === key) return;
    menu.dataset.key = key;
    menu.replaceChildren(
      ...shortcuts.map(({ callback_id: id, name, description }) =>
        h(
          "button",
          { type: "button", class: "menu-item", role: "menuitem", tabindex: "-1", testid: `shortcut-${id}`, on: { click: () => choose(id) } },
          icon("bolt"),
          h("span", { class: "menu-text" }, h("span", { class: "menu-name" }, name), h("span", { class: "menu-about" }, description)),
        ),
      ),
    );
  }

  function show(open, last = false) {
    if (open && busy) return;
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) items().at(last ? -1 : 0)?.focus();
    else if (menu.contains(document.activeElement)) button.focus();
  }

  async function choose(id) {
    show(false);
    button.focus();
    busy = true;
    button.setAttribute("aria-busy", "true");
    await run(id);
    busy = false;
    button.removeAttribute("aria-busy");
  }

  root.addEventListener("keydown", (event) => {
    if (menu.hidden) {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      show(true, event.key === "ArrowUp");
      return;
    }
    const all = items();
    const here = all.indexOf(document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all[(next + all.length) % all.length]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      menu.hidden = true;
      button.setAttribute("aria-expanded", "false");
      button.focus();
    } else if (event.key === "Tab") {
      show(false);
    }
  });
  root.addEventListener("focusout", (event) => {
    if (!menu.hidden && !root.contains(event.relatedTarget)) show(false);
  });

  return { root, render };
}
