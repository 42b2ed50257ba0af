// The deliveries log: every request between Slack, the bot and Vobiz; each opens to what went over the wire.

import { byId, h, icon, keyed } from "./dom.js";
import { roving } from "./roving.js";

const opened = new Map(); // by id: null while it is read, then {request, response}

/** `read(id)` resolves to `{ok, request, response}`. */
export function createDeliveries(read) {
  const list = byId("deliveries");
  const refresh = roving(list, ".delivery-open");
  let shown = [];

  function render(deliveries) {
    shown = deliveries;
    byId("no-deliveries").hidden = deliveries.length > 0;
    list.hidden = deliveries.length === 0;
    byId("log-note").textContent = deliveries.length === 0 ? "" : "newest first";
    keyed(list, deliveries.map((each) => ({ ...each, open: opened.has(each.id), exchange: opened.get(each.id) ?? null })), (each) => each.id, draw);
    refresh();
  }

  async function toggle({ id }) {
    if (opened.has(id)) {
      opened.delete(id);
      render(shown);
      return;
    }
    opened.set(id, null);
    const exchange = await read(id);
    if (!opened.has(id)) return;
    opened.set(id, exchange.ok ? exchange : { request: exchange.error, response: "" });
    render(shown);
  }

  function draw(each, arriving) {
    const waiting = !each.status && typeof each.ms !== "number" && each.opens;
    const failed = !waiting && each.opens && (!each.status || each.status >= 400);
    const head = h(
      "button",
      {
        type: "button", class: "delivery-open", testid: "delivery-open", "aria-expanded": String(each.open),
        disabled: each.opens ? null : true, on: { click: () => toggle(each) },
      },
      h("span", { class: "delivery-what" }, each.what),
      h("span", { class: "delivery-status" }, each.status || (waiting || !each.opens ? "" : "none")),
      h("span", { class: "delivery-ms" }, each.opens || each.ms ? duration(each.ms) : ""),
      h("span", { class: "delivery-route" }, each.from, h("span", { class: "arrow" }, " \u2192 "), each.to),
      h("span", { class: "delivery-at" }, each.at, each.opens ? icon("down") : null),
      each.note ? h("span", { class: "delivery-note" }, each.note) : null,
    );
    return h(
      "li",
      { class: `delivery ${failed ? "failed" : ""} ${arriving ? "arriving" : ""}`, testid: "delivery", "data-id": each.id },
      head,
      each.exchange ? h("div", { class: "exchange" }, side("Request", each.exchange.request), side("Response", each.exchange.response || "None, so far.")) : null,
    );
  }

  return { render };
}

const side = (title, text) => h("section", { "aria-label": title }, h("h3", {}, title), h("pre", { tabindex: "0" }, text));

function duration(ms) {
  if (typeof ms !== "number") return "\u2026";
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
