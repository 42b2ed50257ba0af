// The Vobiz account as it really is, and the switches that make Vobiz and Slack misbehave.

import { copyable } from "./copy.js";
import { byId, h, keyed } from "./dom.js";
import { roving } from "./roving.js";

const SIDES = { bot: "The bot", vobiz: "Vobiz", sip: "SIP and DNS", slack: "Slack", socket: "Socket Mode" };
const CALM = { id: "none", label: "Normal", about: "Answers as the real one does." };

/** `setFault(side, id)` turns a fault on, "none" off; `changeTrunk(id, act, value)` is Vobiz's console. */
export function createLab(setFault, changeTrunk) {
  byId("vobiz-head").append(h("span", { class: "panel-note", id: "vobiz-note" }));
  const groups = { bot: faultGroup("bot"), vobiz: faultGroup("vobiz"), sip: faultGroup("sip"), slack: faultGroup("slack"), socket: faultGroup("socket") };
  const refresh = roving(byId("trunks"), ".trunk");

  function render(state) {
    const { bot, vobiz, sip, slack, socket } = state;
    const { posts } = vobiz;
    byId("vobiz-note").replaceChildren(
      h("span", { class: `status ${vobiz.reachable ? "status-up" : "status-down"}` }, vobiz.reachable ? "Reachable" : "Unreachable"),
      h("span", { title: "create-trunk requests that Vobiz received", "data-testid": "posts" }, `${posts} POST${posts === 1 ? "" : "s"}`),
      h("span", {}, vobiz.account),
    );
    byId("no-trunks").hidden = vobiz.trunks.length > 0;
    byId("trunks").hidden = vobiz.trunks.length === 0;
    keyed(byId("trunks"), vobiz.trunks, (trunk) => trunk.trunk_id ?? trunk.id, (trunk, arriving) => drawTrunk(trunk, arriving, changeTrunk));
    refresh();
    byId("bot-faults").hidden = !bot;
    if (bot) groups.bot(bot);
    groups.vobiz(vobiz);
    groups.sip(sip);
    groups.slack(slack);
    byId("socket-faults").hidden = !socket;
    if (socket) groups.socket(socket);
  }

  function faultGroup(side) {
    const id = `fault-${side}`;
    const about = h("p", { class: "fault-about", id: `${id}-about` });
    const choice = h("select", {
      class: "field fault", id, testid: id, "aria-describedby": `${id}-about`, on: { change: () => setFault(side, choice.value) },
    });
    const root = byId(`${side}-faults`);
    root.append(h("label", { for: id }, SIDES[side]), choice, about);
    let known = "";

    return ({ fault, faults }) => {
      const all = faults.some((each) => each.id === "none") ? faults : [CALM, ...faults];
      if (known !== JSON.stringify(all)) {
        known = JSON.stringify(all);
        choice.replaceChildren(...all.map((each) => h("option", { value: each.id, title: each.about }, each.label)));
      }
      choice.value = fault;
      root.classList.toggle("faulty", fault !== "none");
      about.textContent = fault === "none" ? "" : `${all.find((each) => each.id === fault)?.about ?? ""}.`;
    };
  }

  return { render };
}

/** One trunk; Vobiz's two dialects name the same things differently. */
function drawTrunk(trunk, arriving, changeTrunk) {
  const id = trunk.trunk_id ?? trunk.id;
  const domain = trunk.trunk_domain ?? trunk.sip_domain;
  const direction = String(trunk.trunk_direction ?? trunk.trunk_type ?? "").toLowerCase();
  const calls = trunk.concurrent_calls_limit ?? trunk.max_concurrent_calls;
  const cps = trunk.cps_limit ?? trunk.cps;
  const active = trunk.trunk_status === undefined ? trunk.enabled !== false : trunk.trunk_status === "active";
  const facts = [
    direction,
    calls === undefined ? null : `${calls} calls`,
    cps === undefined ? null : `${cps} new/s`,
    trunk.transport ? String(trunk.transport).toUpperCase() : null,
  ];
  return h(
    "li",
    { class: `trunk ${arriving ? "arriving" : ""}`, testid: "trunk", "data-id": id },
    h(
      "div",
      { class: "trunk-head" },
      h("strong", {}, trunk.name),
      h("span", { class: `status ${active ? "status-up" : "status-down"}` }, active ? "active" : "inactive"),
    ),
    h("p", { class: "trunk-facts" }, facts.filter(Boolean).join(" \u00B7 ")),
    h("div", { class: "trunk-id" }, copyable(id)),
    domain ? h("div", { class: "trunk-id" }, copyable(domain)) : null,
    consoleRow(id, trunk, { calls, active }, changeTrunk),
  );
}

/** What somebody could do in Vobiz's console, past the bot. */
function consoleRow(id, trunk, { calls, active }, changeTrunk) {
  const field = h("input", {
    type: "number", min: "0", value: String(calls ?? ""), "aria-label": `Calls at once of ${trunk.name}`,
    testid: "console-calls", on: { change: () => changeTrunk(id, "calls", field.value) },
  });
  const button = (act, label) =>
    h("button", { type: "button", testid: `console-${act}`, "aria-label": `${label} ${trunk.name} in the console`, on: { click: () => changeTrunk(id, act) } }, label);
  return h("div", { class: "trunk-acts", role: "group", "aria-label": "In Vobiz's console" }, field, button("status", active ? "Switch off" : "Switch on"), button("delete", "Delete"));
}
