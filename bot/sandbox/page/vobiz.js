// The Vobiz account as it really is, and the switches that make Vobiz and Slack misbehave.

import { byId, h, keyed } from "./dom.js";
import { createRecords } from "./records.js";
import { roving } from "./roving.js";
import { drawTrunk } from "./trunk.js";

const SIDES = { bot: "The bot", vobiz: "Vobiz", sip: "SIP and DNS", slack: "Slack", socket: "Socket Mode" };
const CALM = { id: "none", label: "Normal", about: "Answers as the real one does." };

/** `setFault(side, id)` turns a fault on, "none" off; `changeTrunk`, `changeListed` and `placeCall` are Vobiz's console. */
export function createLab({ setFault, changeTrunk, changeListed, placeCall }) {
  byId("vobiz-head").append(h("span", { class: "panel-note", id: "vobiz-note" }));
  const groups = { bot: faultGroup("bot"), vobiz: faultGroup("vobiz"), sip: faultGroup("sip"), slack: faultGroup("slack"), socket: faultGroup("socket") };
  const refresh = roving(byId("trunks"), ".trunk");
  const records = createRecords(changeListed);
  const acts = { change: changeTrunk, call: placeCall };

  function render(state) {
    const { bot, vobiz, sip, slack, socket } = state;
    const { writes, released } = vobiz;
    byId("vobiz-note").replaceChildren(
      h("span", { class: `status ${vobiz.reachable ? "status-up" : "status-down"}` }, vobiz.reachable ? "Reachable" : "Unreachable"),
      h("span", { title: "Requests to change something (POST, PUT, DELETE) that Vobiz received", "data-testid": "writes" }, `${writes} write${writes === 1 ? "" : "s"}`),
      h("span", {}, vobiz.account),
    );
    byId("no-trunks").hidden = vobiz.trunks.length > 0;
    byId("trunks").hidden = vobiz.trunks.length === 0;
    const words = `Given back to Vobiz for a fee: ${released.join(", ")}. No bot may ever do that.`;
    if (byId("released").hidden !== !released.length || (released.length && byId("released").textContent !== words)) {
      byId("released").hidden = !released.length;
      byId("released").textContent = words;
    }
    const options = optionsOf(vobiz);
    const cards = vobiz.trunks.map((trunk) => ({
      trunk, options, numbers: vobiz.numbers.filter((number) => number.trunk_group_id === trunk.trunk_id).map((number) => number.e164),
    }));
    const held = byId("trunks").contains(document.activeElement);
    keyed(byId("trunks"), cards, ({ trunk }) => trunk.trunk_id, (card, arriving) => drawTrunk(card, arriving, acts));
    refresh();
    if (held && document.activeElement === document.body) byId("lab-top").focus(); // what was deleted had it
    records.render(vobiz);
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

/** What a trunk can point to, by the field that does: `[id, text]`. */
function optionsOf({ lists }) {
  const logins = lists.credentials.map((row) => [row.id, row.username]);
  const addresses = lists["ip-acl"].map((row) => [row.id, row.ip_address]);
  const routes = lists["origination-uris"].map((row) => [row.id, row.uri]);
  return { credential_uuid: logins, ipacl_uuid: addresses, primary_uri_uuid: routes, fallback_uri_uuid: routes };
}
