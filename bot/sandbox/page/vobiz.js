// The Vobiz account as it really is, and the switches that make Vobiz and Slack misbehave.

import { copyable } from "./copy.js";
import { byId, h, keyed } from "./dom.js";

const CALM = { id: "none", label: "Normal", about: "Answers as the real one does." };

/** `setFault(side, id)` turns a fault on; "none" turns it off. */
export function createLab(setFault) {
  byId("vobiz-head").append(h("span", { class: "panel-note", id: "vobiz-note" }));
  const groups = { vobiz: faultGroup("vobiz"), slack: faultGroup("slack"), socket: faultGroup("socket") };

  function render(state) {
    const { vobiz, slack, socket } = state;
    const { posts } = vobiz;
    byId("vobiz-note").replaceChildren(
      h("span", { class: `status ${vobiz.reachable ? "status-up" : "status-down"}` }, vobiz.reachable ? "Reachable" : "Unreachable"),
      h("span", { title: "create-trunk requests that Vobiz received", "data-testid": "posts" }, `${posts} POST${posts === 1 ? "" : "s"}`),
      h("span", {}, vobiz.account),
    );
    byId("no-trunks").hidden = vobiz.trunks.length > 0;
    byId("trunks").hidden = vobiz.trunks.length === 0;
    keyed(byId("trunks"), vobiz.trunks, (trunk) => trunk.trunk_id ?? trunk.id, drawTrunk);
    groups.vobiz(vobiz);
    groups.slack(slack);
    byId("socket-faults").hidden = !socket;
    if (socket) groups.socket(socket);
  }

  function faultGroup(side) {
    const root = byId(`${side}-faults`);
    const list = h("div", { class: "fault-list" });
    const caption = h("p", { class: "fault-about", "aria-hidden": "true" });
    root.append(list, caption);
    let chosen = CALM;
    const tell = (fault) => (caption.textContent = fault.about);

    function draw(fault) {
      return h(
        "button",
        {
          type: "button", class: "fault", testid: `fault-${side}-${fault.id}`, "aria-pressed": String(fault.chosen),
          on: {
            click: () => setFault(side, fault.id),
            pointerenter: () => tell(fault), focus: () => tell(fault),
            pointerleave: () => tell(chosen), blur: () => tell(chosen),
          },
        },
        h("span", { class: "fault-label" }, fault.label),
        h("span", { class: "fault-line" }, fault.about),
      );
    }

    return ({ fault, faults }) => {
      const all = faults.some((each) => each.id === "none") ? faults : [CALM, ...faults];
      chosen = all.find((each) => each.id === fault) ?? CALM;
      root.classList.toggle("faulty", fault !== "none");
      keyed(list, all.map((each) => ({ ...each, chosen: each.id === fault })), (each) => each.id, draw);
      if (!list.matches(":hover") && !list.contains(document.activeElement)) tell(chosen);
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
