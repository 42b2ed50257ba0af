// Starts the page: who and where you are (kept in the address), the state, and what redraws when it changes.

import { createActions } from "./actions.js";
import * as api from "./api.js";
import { createBot } from "./bot.js";
import { createComposer } from "./composer.js";
import { ask } from "./confirm.js";
import { createDeliveries } from "./deliveries.js";
import { byId, h, icon } from "./dom.js";
import { createHome } from "./home.js";
import { createMessages } from "./messages.js";
import { createModal } from "./modal.js";
import { channelTitle, createSidebar } from "./sidebar.js";
import { createUnread } from "./unread.js";
import { createLab } from "./vobiz.js";

const START = { me: "U0ASHA001", channel: "C0VOICE01", tab: "messages" };
const TABS = [["chat", "Chat"], ["vobiz", "Bot and Vobiz"], ["log", "Log"]];

const selection = { ...START };
let state = null;
let reading = false;
let stale = false;
let visitor = null; // whose Home is open: the bot hears of each opening once

const names = {
  person: (id) => state?.people.find((person) => person.id === id)?.name ?? state?.messages.find((message) => message.user === id)?.name,
  people: () => state?.people.map(({ id, name }) => ({ value: id, text: name })) ?? [],
  group: (id) => state?.groups[id],
  channel: (id) => (state?.channel_names[id] ? `#${state.channel_names[id]}` : "a private channel"),
  conversations: () => state?.channels.filter((channel) => !channel.archived) ?? [],
};

const actions = createActions((action) => api.sendAction(selection.me, action));
const composer = createComposer({
  form: byId("composer"),
  send: (text) => {
    messages.follow(); // what answers one's own words is read next
    return api.sendCommand(selection.me, selection.channel, text);
  },
  runShortcut: (callbackId) => api.runShortcut(selection.me, selection.channel, callbackId),
  setKeyboard: api.setKeyboard,
});
const modal = createModal({
  stage: byId("stage"),
  behind: byId("chat-body"),
  names,
  actions,
  submit: (view, values) => api.submitView(selection.me, view.id, values),
  choose: (view, choice) => api.sendAction(selection.me, { view_id: view.id, ...choice }),
  close: (view, everything) => api.closeView(selection.me, view.id, everything),
  closed: () => {
    if (document.activeElement === document.body) focusChat();
  },
});
const messages = createMessages({
  scroll: byId("scroll"), list: byId("messages"), empty: byId("empty"), jump: byId("jump"),
  names, actions, fill: composer.fill,
});
const sidebar = createSidebar((choice) => {
  toggleSidebar(false);
  // Another person sees the same tab of their own DM; another channel begins with its messages.
  go({ ...choice, tab: choice.channel ? "messages" : selection.tab });
});
const home = createHome({
  tablist: byId("place-tabs"), panel: byId("home"), names, actions, choose: (tab) => go({ tab }),
});
const unread = createUnread();
const lab = createLab(api);
const bot = createBot(api.actOnBot);
const deliveries = createDeliveries(api.readDelivery);

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
      go({ me: START.me });
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
  const tab = currentTab(channel);
  const unseen = unread(state, tab === "home" ? null : channel.id);
  sidebar.render(state, channel, unseen);
  renderHead(channel, unseen.size > 0);
  byId("scroll").hidden = byId("composer").hidden = tab === "home";
  home.render(state, tab, unseen.has(channel.id));
  visit(tab === "home" ? state.me : null);
  messages.render(state, channel);
  composer.render(state, channel);
  modal.render(state.view);
  bot.render(state.bot);
  lab.render(state);
  deliveries.render(state.deliveries);
  if (!byId("app").classList.contains("ready")) begin();
}

/** Where there is a keyboard one can type at once; a touch screen would cover half of the page with its own. */
function begin() {
  byId("app").classList.add("ready");
  if (document.activeElement === document.body && matchMedia("(pointer: fine)").matches) focusChat();
}

/** Only the DM with an app that has a Home has tabs. */
function currentTab(channel) {
  return channel.kind === "dm" && state.home_enabled ? selection.tab : null;
}

function visit(person) {
  const came = person !== visitor;
  visitor = person;
  if (came && person) api.openHome(person);
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
    history.replaceState(null, "", `#${address(selection)}`);
  }
  return instead;
}

/** On a narrow screen the channels are behind the switcher, so it says that one of them has something new. */
function renderHead(channel, news) {
  byId("chat-title").replaceChildren(...channelTitle(channel));
  const me = names.person(selection.me) ?? selection.me;
  const place = channel.kind === "dm" ? channel.name : `#${channel.name}`;
  byId("switcher").replaceChildren(
    h("span", {}, h("strong", {}, place), " ", h("small", {}, `as ${me}`)),
    h("span", { class: "unseen" }, `: change person or channel${news ? " (unread)" : ""}`),
    news ? h("span", { class: "dot" }) : "",
    icon("down"),
  );
  document.title = `${place} \u00B7 ${state.team.name} sandbox`;
}

function address({ me, channel, tab }) {
  return new URLSearchParams({ as: me, in: channel, ...(tab === "home" ? { tab } : {}) }).toString();
}

function go(choice) {
  location.hash = address({ ...selection, ...choice });
}

function readHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  selection.me = hash.get("as") || START.me;
  selection.channel = hash.get("in") || START.channel;
  selection.tab = hash.get("tab") === "home" ? "home" : START.tab;
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
  const regions = [byId("sidebar"), byId("chat"), byId("lab-top"), byId("log")].filter((region) => region.offsetParent !== null);
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const region = regions[(here + (back ? regions.length - 1 : 1)) % regions.length] ?? regions[0];
  if (region.id === "chat") focusChat();
  else region.focus();
}

const writing = (node) => node.matches?.("input, textarea, select, dialog *") ?? false;

function focusChat() {
  if (modal.isOpen()) modal.focus();
  else if (byId("composer").hidden) home.focus();
  else if (byId("composer-text").disabled) byId("scroll").focus();
  else composer.focus();
}

byId("mark").append(icon("trunk"));
byId("tabs").append(
  ...TABS.map(([tab, label]) => h("button", { type: "button", "data-tab": tab, testid: `tab-${tab}`, on: { click: () => showTab(tab) } }, label)),
);
showTab("chat");
byId("switcher").addEventListener("click", () => toggleSidebar(true));
byId("shade").addEventListener("click", () => toggleSidebar(false));
byId("skip").addEventListener("click", focusChat);
byId("reset").addEventListener("click", async () => {
  const sure = await ask({
    title: "Start over?", confirm: "Start over",
    text: "Clears the messages, the faults and the log, and the Vobiz account is as it was at first. What the bot remembers is its own.",
  }, names);
  if (!sure) return;
  await api.reset();
  visitor = null; // whoever looks at their Home opens it anew
  refresh();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "F6") {
    event.preventDefault();
    nextRegion(event.shiftKey);
  } else if (event.key === "Escape" && byId("app").classList.contains("sidebar-open")) {
    toggleSidebar(false);
    byId("switcher").focus();
  } else if (event.key === "/" && !writing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey && !modal.isOpen()) {
    event.preventDefault();
    if (byId("app").dataset.tab !== "chat") showTab("chat");
    composer.slash();
  }
});
window.addEventListener("hashchange", () => {
  readHash();
  render();
  refresh();
});

readHash();
if (!location.hash) history.replaceState(null, "", `#${address(selection)}`);
api.listen(refresh, (online) => (byId("offline").hidden = online));
refresh();
