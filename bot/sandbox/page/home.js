// The DM with the bot has two tabs: the Home that the bot published for this person, and the messages.

import { renderBlocks } from "./blocks.js";
import { h, keyed } from "./dom.js";

const TABS = [["home", "Home"], ["messages", "Messages"]];

/** `choose(tab)` changes the tab; the panels are the home itself and, for the messages, the scrolling region. */
export function createHome({ tablist, panel, names, actions, choose }) {
  const tabs = TABS.map(([id, label]) =>
    h(
      "button",
      {
        type: "button", role: "tab", id: `place-tab-${id}`, "data-tab": id, testid: `tab-${id}`,
        "aria-controls": id === "home" ? "home" : "scroll", on: { click: () => choose(id) },
      },
      label,
      h("span", { class: "dot", hidden: true }, h("span", { class: "unseen" }, " (unread)")),
    ),
  );
  tablist.append(...tabs);
  tablist.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const here = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const next = tabs[(here + step + tabs.length) % tabs.length];
    choose(next.dataset.tab);
    next.focus();
  });

  /** `tab` is null where there are no tabs; `unread` says whether a message waits on the other one. */
  function render(state, tab, unread) {
    tablist.hidden = tab === null;
    panel.hidden = tab !== "home";
    for (const each of tabs) {
      const chosen = each.dataset.tab === tab;
      each.setAttribute("aria-selected", String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      each.querySelector(".dot").hidden = !(unread && each.dataset.tab === "messages");
    }
    if (panel.hidden) return;
    const shown = state.home ?? { id: "none", name: names.person(state.me) };
    keyed(panel, [shown], (view) => `${state.me}/${view.id}`, (view) => (view.blocks ? draw(view) : nothing(view.name)));
  }

  function draw(view) {
    const context = { names, actions, origin: { view_id: view.id }, value: (block) => typed(view, block) };
    return h("div", { class: "home-body" }, renderBlocks(view.blocks, context));
  }

  return { render, focus: () => panel.focus() };
}

const typed = (view, block) => view.state?.values?.[block.block_id]?.[block.element?.action_id];

const nothing = (name) =>
  h(
    "div",
    { class: "home-empty" },
    h("h2", {}, "Nothing here yet"),
    h("p", {}, `The bot was told that ${name} opened this tab, and has not published anything for it.`),
  );
