// The Vobiz account as it really is, and the switches that make Vobiz and Slack misbehave.

import { copyable } from "./copy.js";
import { byId, h, keyed } from "./dom.js";
import { roving } from "./roving.js";

const SIDES = { bot: "The bot", vobiz: "Vobiz", slack: "Slack", socket: "Socket Mode" };
const CALM = { id: "none", label: "Normal", about: "Answers as the real one does." };

/** `setFault(side, id)` turns a fault on; "none" turns it off. */
export function createLab(setFault) {
  byId("vobiz-head").append(h("span", { class: "panel-note", id: "vobiz-note" }));
  const groups = { bot: faultGroup("bot"), vobiz: faultGroup("vobiz"), slack: faultGroup("slack"), socket: faultGroup("socket") };
  const refresh = roving(byId("trunks"), ".trunk");

  function render(state) {
    const { bot, vobiz, slack, socket } = state;
    const { posts } = vobiz;
    byId("vobiz-note").replaceChildren(
      h("span", { class: `status ${vobiz.reachable ? "status-up" : "status-down"}` }, vobiz.reachable ? "Reachable" : "Unreachable"),
      h("span", { title: "create-trunk requests that Vobiz received", "data-testid": "posts" }, `${posts} POST${posts === 1 ? "" : "s"}`),
      h("span", {}, vobiz.account),
    );
    byId("no-trunks").hidden = vobiz.trunks.length > 0;
    byId("trunks").hidden = vobiz.trunks.length === 0;
    keyed(byId("trunks"), vobiz.trunks, (trunk) => trunk.trunk_id ?? trunk.id, drawTrunk);
    refresh();
    byId("bot-faults").hidden = !bot;
    if (bot) groups.bot(bot);
    groups.vobiz(vobiz);
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
function drawTrunk(trunk, arriving) {
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
  );
}
