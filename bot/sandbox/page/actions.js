// Presses buttons for a person: confirm first, disabled while in flight, a warning when it failed.

import { ask } from "./confirm.js";
import { announce, h, icon } from "./dom.js";
import { link, textNodes } from "./mrkdwn.js";

const FAILED = "This did not work. Try again.";

/** `send(action)` resolves to `{ok, error?}`; flights outlive the nodes, which may be drawn again meanwhile. */
export function createActions(send) {
  const flights = new Map();

  const keyOf = (origin, block) => [origin.channel, origin.ts, origin.view_id, block.block_id].join("/");

  async function perform(origin, block, element, value, names) {
    const key = keyOf(origin, block);
    if (flights.get(key)?.busy) return;
    if (element.confirm && !(await ask(element.confirm, names))) return;
    flights.set(key, { busy: true, action: element.action_id });
    paint(key);
    const answer = await send({ ...origin, block_id: block.block_id, action_id: element.action_id, value });
    const failure = answer.ok ? null : (answer.error ?? FAILED);
    flights.set(key, { busy: false, action: element.action_id, failure });
    if (failure) announce(failure);
    paint(key);
  }

  function paint(key) {
    for (const control of document.querySelectorAll(`[data-flight="${CSS.escape(key)}"]`)) show(control, flights.get(key));
  }

  function show(control, flight) {
    const mine = flight?.action === control.dataset.action;
    control.disabled = flight?.busy ?? false;
    control.setAttribute("aria-busy", String(Boolean(flight?.busy && mine)));
    const badge = control.parentElement?.querySelector(".badge-failed");
    badge?.remove();
    if (flight?.failure && mine) {
      control.after(h("span", { class: "badge-failed", title: flight.failure }, icon("warning"), flight.failure));
    }
  }

  function control(origin, block, element, names, node) {
    const key = keyOf(origin, block);
    node.dataset.flight = key;
    node.dataset.action = element.action_id;
    const holder = h("span", { class: "control" }, node);
    show(node, flights.get(key));
    return holder;
  }

  return {
    button(origin, block, element, names) {
      const press = () => {
        if (element.url && typeof link(element.url) !== "string") window.open(element.url, "_blank", "noopener");
        perform(origin, block, element, element.value, names);
      };
      const node = h(
        "button",
        {
          type: "button",
          class: `button ${element.style ?? ""}`,
          testid: `action-${element.action_id}`,
          "aria-label": element.accessibility_label,
          on: { click: press },
        },
        textNodes(element.text, names),
      );
      return control(origin, block, element, names, node);
    },

    select(origin, block, element, names) {
      const node = h(
        "select",
        {
          class: "field",
          testid: `action-${element.action_id}`,
          "aria-label": textNodes(element.placeholder ?? "Choose", names).join(""),
          on: { change: () => perform(origin, block, element, node.value, names) },
        },
        h("option", { value: "" }, textNodes(element.placeholder ?? "Choose an option", names)),
        (element.options ?? []).map((option) => h("option", { value: option.value }, textNodes(option.text, names))),
      );
      if (element.initial_option) node.value = element.initial_option.value;
      return control(origin, block, element, names, node);
    },
  };
}
