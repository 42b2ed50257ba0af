// The deliveries log: every request between Slack, the bot and Vobiz, with its answer and its time.

import { byId, h, keyed } from "./dom.js";

export function renderDeliveries(deliveries) {
  byId("no-deliveries").hidden = deliveries.length > 0;
  byId("deliveries").hidden = deliveries.length === 0;
  byId("log-note").textContent = deliveries.length === 0 ? "" : "newest first";
  keyed(byId("deliveries"), deliveries, (each) => each.id, draw);
}

function draw(each, arriving) {
  const waiting = !each.status && typeof each.ms !== "number";
  const failed = !waiting && (!each.status || each.status >= 400);
  return h(
    "li",
    { class: `delivery ${failed ? "failed" : ""} ${arriving ? "arriving" : ""}`, testid: "delivery", "data-id": each.id },
    h("span", { class: "delivery-route" }, each.from, h("span", { class: "arrow" }, " \u2192 "), each.to),
    h("span", { class: "delivery-what" }, each.what),
    h("span", { class: "delivery-status" }, each.status || (waiting ? "" : "none")),
    h("span", { class: "delivery-ms" }, duration(each.ms)),
    h("span", { class: "delivery-at" }, each.at),
    each.note ? h("span", { class: "delivery-note" }, each.note) : null,
  );
}

function duration(ms) {
  if (typeof ms !== "number") return "\u2026";
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
