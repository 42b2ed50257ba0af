// One trunk of the account: what it is, what it points to, and what somebody could do to it in Vobiz's console.

import { copyable } from "./copy.js";
import { announce, h } from "./dom.js";

const TALK = 34; // seconds of a call that is answered
const PARTS = [
  ["credential_uuid", "Login", "outbound"],
  ["ipacl_uuid", "Address", "outbound"],
  ["primary_uri_uuid", "Route", "inbound"],
  ["fallback_uri_uuid", "Fallback", "inbound"],
];
const open = new Set(); // of the trunks whose parts are open: a card is drawn anew when its trunk changes

/**
 * Draws `{trunk, options, numbers}`: `options` are `[id, text]` by the field that points to one, `numbers` those
 * that lead to the trunk. `acts` are `change(id, act, value)` and `call(id, seconds)`, both with `{ok, error}`.
 */
export function drawTrunk({ trunk, options, numbers }, arriving, acts) {
  const id = trunk.trunk_id;
  const active = trunk.trunk_status === "active";
  const facts = [
    trunk.trunk_direction,
    `${trunk.concurrent_calls_limit} calls`,
    `${trunk.cps_limit} new/s`,
    String(trunk.transport).toUpperCase(),
  ];
  const parts = [...attached(trunk, options), ...numbers];
  const said = h("p", { class: "said", testid: "trunk-said" });
  return h(
    "li",
    { class: `trunk ${arriving ? "arriving" : ""}`, testid: "trunk", "data-id": id },
    h(
      "div",
      { class: "trunk-head" },
      h("strong", {}, trunk.name),
      h("span", { class: `status ${active ? "status-up" : "status-down"}` }, active ? "active" : "inactive"),
    ),
    h("p", { class: "trunk-facts" }, facts.join(" \u00B7 ")),
    parts.length ? h("p", { class: "trunk-facts" }, parts.join(" \u00B7 ")) : null,
    h("div", { class: "trunk-id" }, copyable(id)),
    trunk.trunk_domain ? h("div", { class: "trunk-id" }, copyable(trunk.trunk_domain)) : null,
    consoleRow(trunk, active, acts, said),
    callRow(trunk, acts, said),
    partsOf(trunk, options, acts, said),
    said,
  );
}

/** Says under a card what became of something that was tried. */
export function tell(place, words, failed) {
  place.textContent = words;
  place.classList.toggle("failed", failed);
  announce(words);
}

function attached(trunk, options) {
  return PARTS.filter(([key]) => trunk[key]).map(
    ([key, label]) => `${label} ${options[key].find(([id]) => id === trunk[key])?.[1] ?? "that is gone"}`,
  );
}

function consoleRow(trunk, active, acts, said) {
  const id = trunk.trunk_id;
  const change = async (act, value) => {
    const { ok, error } = await acts.change(id, act, value);
    if (!ok) tell(said, error, true);
  };
  const field = h("input", {
    type: "number", min: "0", value: String(trunk.concurrent_calls_limit ?? ""), "aria-label": `Calls at once of ${trunk.name}`,
    testid: "console-calls", on: { change: () => change("calls", field.value) },
  });
  const button = (act, label) =>
    h("button", { type: "button", testid: `console-${act}`, "aria-label": `${label} ${trunk.name} in the console`, on: { click: () => change(act) } }, label);
  return h(
    "div",
    { class: "trunk-acts", role: "group", "aria-label": "In Vobiz's console" },
    field,
    button("status", active ? "Switch off" : "Switch on"),
    button("delete", "Delete"),
  );
}

function callRow(trunk, acts, said) {
  const button = (seconds, label, hook) =>
    h("button", { type: "button", testid: hook, "aria-label": `${label} on ${trunk.name}`, on: { click: () => place(seconds) } }, label);

  async function place(seconds) {
    const { ok, error, call } = await acts.call(trunk.trunk_id, seconds);
    if (!ok) tell(said, error, true);
    else tell(said, `${call.call_direction === "inbound" ? "Inbound" : "Outbound"} call, ${seconds ? `answered, ${seconds} s` : "not answered"}.`, false);
  }

  return h("div", { class: "trunk-acts", role: "group", "aria-label": "Calls" }, button(TALK, "Place a call", "call-answered"), button(0, "Place a call that nobody answers", "call-missed"));
}

/** The records that the trunk points to, to be chosen: those of its direction, and what it has. */
function partsOf(trunk, options, acts, said) {
  const both = !["inbound", "outbound"].includes(trunk.trunk_direction);
  const shown = PARTS.filter(([key, , direction]) => both || direction === trunk.trunk_direction || trunk[key]);
  const choices = shown.map(([key, label]) => {
    const all = [["", "none"], ...options[key]];
    if (trunk[key] && !all.some(([id]) => id === trunk[key])) all.push([trunk[key], "one that is gone"]);
    const choice = h("select", { class: "field small", testid: `console-${key}`, on: { change: () => attach(key, choice.value) } }, all.map(([id, text]) => h("option", { value: id }, text)));
    choice.value = trunk[key] ?? "";
    return h("label", {}, h("span", {}, label), choice);
  });

  async function attach(key, value) {
    const { ok, error } = await acts.change(trunk.trunk_id, key, value);
    if (!ok) tell(said, error, true);
  }

  const details = h("details", { class: "trunk-parts", open: open.has(trunk.trunk_id) }, h("summary", { testid: "trunk-parts" }, "Attach", h("span", { class: "unseen" }, ` to ${trunk.name}`)), choices);
  details.addEventListener("toggle", () => (details.open ? open.add(trunk.trunk_id) : open.delete(trunk.trunk_id)));
  return details;
}
