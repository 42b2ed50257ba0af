// Starts the page: who and where you are (kept in the address), the state, and what redraws when it changes.

import { createActions } from "./actions.js";
import * as api from "./api.js";
import { createComposer } from "./composer.js";
import { ask } from "./confirm.js";
import { renderDeliveries } from "./deliveries.js";
import { byId, h, icon } from "./dom.js";
import { createMessages } from "./messages.js";
import { createModal } from "./modal.js";
import { channelTitle, createSidebar } from "./sidebar.js";
import { createLab } from "./vobiz.js";

const START = { me: "U0ASHA001", channel: "C0VOICE01" };
const TABS = [["chat", "Chat"], ["vobiz", "Vobiz"], ["log", "Log"]];

const selection = { ...START };
let state = null;
let reading = false;
let stale = false;

const names = {
  person: (id) => state?.people.find((person) => person.id === id)?.name ?? state?.messages.find((message) => message.user === id)?.name,
  channel: (id) => state?.channels.find((channel) => channel.id === id)?.name,
  channels: () => state?.channels ?? [],
  current: () => selection.channel,
};

const actions = createActions((action) => api.sendAction(selection.me, action));
const composer = createComposer({
  form: byId("composer"),
  send: (text) => api.sendCommand(selection.me, selection.channel, text),
  setKeyboard: api.setKeyboard,
});
const modal = createModal({
  stage: byId("stage"),
  behind: byId("chat-body"),
  names,
  actions,
  submit: (view, values) => api.submitView(selection.me, view.id, values),
  close: (view, everything) => api.closeView(selection.me, view.id, everything),
  closed: () => {
    if (document.activeElement === document.body) composer.focus();
  },
});
const messages = createMessages({
  scroll: byId("scroll"), list: byId("messages"), empty: byId("empty"), jump: byId("jump"),
  names, actions, fill: composer.fill,
});
const sidebar = createSidebar((choice) => {
  toggleSidebar(false);
  location.hash = new URLSearchParams({ as: choice.me ?? selection.me, in: choice.channel ?? selection.channel }).toString();
});
const lab = createLab(api.setFault);

/** Reads the state again; calls that come while one is under way make one more, not many. */
async function refresh() {
  stale = true;
  if (reading) return;
  reading = true;
  while (stale) {
    stale = false;
    const person = selection.me;
    const next = await api.readState(person);
    if (person !== selection.me) continue;
    if (next === "unknown" && person !== START.me) {
      location.hash = new URLSearchParams({ as: START.me, in: selection.channel }).toString();
    } else if (next && next !== "unknown") {
      state = next;
      render();
    }
  }
  reading = false;
}

function render() {
  if (!state || state.me !== selection.me) return;
  const channel = currentChannel();
  if (!channel) return;
  sidebar.render(state, channel);
  renderHead(channel);
  messages.render(state, channel);
  composer.render(state, channel);
  modal.render(state.view);
  lab.render(state);
  renderDeliveries(state.deliveries);
  byId("app").classList.add("ready");
}

/** The chosen channel, or where a person who may not see it lands: their own DM for a DM, else the first. */
function currentChannel() {
  const wanted = state.channels.find((channel) => channel.id === selection.channel);
  if (wanted) return wanted;
  const instead = selection.channel.startsWith("D")
    ? state.channels.find((channel) => channel.kind === "dm")
    : state.channels.find((channel) => !channel.archived);
  if (instead) {
    selection.channel = instead.id;
    history.replaceState(null, "", `#${new URLSearchParams({ as: selection.me, in: instead.id })}`);
  }
  return instead;
}

function renderHead(channel) {
  byId("chat-title").replaceChildren(...channelTitle(channel));
  const me = names.person(selection.me) ?? selection.me;
  const place = channel.kind === "dm" ? channel.name : `#${channel.name}`;
  byId("switcher").replaceChildren(h("span", {}, h("strong", {}, place), h("small", {}, `as ${me}`)), icon("down"));
  byId("switcher").setAttribute("aria-label", `${place} as ${me}: change person or channel`);
  document.title = `${place} \u00B7 ${state.team.name} sandbox`;
}

function readHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  selection.me = hash.get("as") || START.me;
  selection.channel = hash.get("in") || START.channel;
}

function toggleSidebar(open) {
  byId("app").classList.toggle("sidebar-open", open);
  byId("shade").hidden = !open;
  byId("switcher").setAttribute("aria-expanded", String(open));
  if (open) byId("sidebar").querySelector('[aria-current="true"]')?.focus();
}

function showTab(tab) {
  byId("app").dataset.tab = tab;
  for (const button of byId("tabs").children) {
    if (button.dataset.tab === tab) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
}

/** F6 walks through the regions, as it does in Slack; it is also the way past an open modal. */
function nextRegion(back) {
  const regions = [byId("sidebar"), byId("chat"), byId("vobiz"), byId("log")].filter((region) => region.offsetParent !== null);
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const region = regions[(here + (back ? regions.length - 1 : 1)) % regions.length] ?? regions[0];
  if (region.id !== "chat") region.focus();
  else if (modal.isOpen()) modal.focus();
  else composer.focus();
}

byId("mark").append(icon("trunk"));
byId("tabs").append(
  ...TABS.map(([tab, label]) => h("button", { type: "button", "data-tab": tab, testid: `tab-${tab}`, on: { click: () => showTab(tab) } }, label)),
);
showTab("chat");
byId("switcher").addEventListener("click", () => toggleSidebar(true));
byId("shade").addEventListener("click", () => toggleSidebar(false));
byId("sidebar").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggleSidebar(false);
});
byId("reset").addEventListener("click", async () => {
  const sure = await ask({
    title: "Start over?", confirm: "Start over",
    text: "Clears the messages, the trunks, the faults and the log. What the bot remembers is its own.",
  }, names);
  if (sure) api.reset();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "F6") return;
  event.preventDefault();
  nextRegion(event.shiftKey);
});
window.addEventListener("hashchange", () => {
  readHash();
  render();
  refresh();
});

readHash();
if (!location.hash) history.replaceState(null, "", `#${new URLSearchParams({ as: selection.me, in: selection.channel })}`);
api.listen(refresh, (online) => (byId("offline").hidden = online));
refresh();
