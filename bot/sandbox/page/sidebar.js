// The sidebar: who you are, and the channels that person sees, with what has not been read in them.

import { byId, h, icon, keyed } from "./dom.js";
import { avatar } from "./messages.js";
import { roving } from "./roving.js";

/** `pick({me})` and `pick({channel})` change the selection. */
export function createSidebar(pick) {
  const chosen = (all) => all.find((item) => item.getAttribute("aria-current") === "true") ?? all[0];
  const lists = [["people", ".person"], ["channels", ".channel"], ["dms", ".channel"]].map(([id, item]) => roving(byId(id), item, chosen));

  /** `unread` are the ids of the channels with something new. */
  function render(state, channel, unread) {
    byId("team-name").textContent = state.team.name;
    byId("transport").textContent = transport(state.socket);
    keyed(
      byId("people"),
      state.people.map((person) => ({ ...person, chosen: person.id === state.me, guest: person.team !== state.team.id })),
      (person) => person.id,
      drawPerson,
    );
    const channels = state.channels.map((each) => ({
      ...each,
      chosen: each.id === channel.id,
      unread: unread.has(each.id),
    }));
    keyed(byId("channels"), channels.filter((each) => each.kind !== "dm"), (each) => each.id, drawChannel);
    keyed(byId("dms"), channels.filter((each) => each.kind === "dm"), (each) => each.id, drawChannel);
    for (const refresh of lists) refresh();
  }

  function drawPerson(person) {
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button", class: "person", testid: `person-${person.id}`, "aria-current": person.chosen ? "true" : null,
          title: [person.title, person.id].filter(Boolean).join(", "), on: { click: () => pick({ me: person.id }) },
        },
        avatar(person),
        h(
          "span",
          { class: "person-text" },
          h("span", { class: "person-name" }, person.name, person.guest ? h("span", { class: "tag" }, "External") : null),
          h("span", { class: "person-about" }, person.about),
        ),
      ),
    );
  }

  function drawChannel(channel) {
    const mark = channel.archived ? "archived" : channel.kind;
    const note = channel.archived ? "archived" : channel.member ? null : "no bot";
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button", class: `channel ${channel.unread ? "unread" : ""} ${channel.archived ? "muted" : ""}`,
          testid: `channel-${channel.id}`, "aria-current": channel.chosen ? "true" : null, title: channel.about,
          on: { click: () => pick({ channel: channel.id }) },
        },
        icon(mark),
        h("span", { class: "channel-name" }, channel.name),
        channel.kind === "private" ? h("span", { class: "unseen" }, " (private)") : null,
        note ? h("span", { class: "channel-note" }, note) : null,
        channel.unread ? h("span", { class: "dot" }, h("span", { class: "unseen" }, " (unread)")) : null,
      ),
    );
  }

  return { render };
}

/** How Slack reaches the bot. */
function transport(socket) {
  if (!socket) return "Sandbox over HTTP";
  return socket.connections > 0 ? "Sandbox over Socket Mode" : "Socket Mode, no connection";
}

/** The channel's header: its kind, name, what it is for, and whether the bot is there. */
export function channelTitle(channel) {
  const absent = channel.archived ? "Archived" : channel.member ? null : "The bot is not in this channel";
  return [
    h("h1", {}, icon(channel.archived ? "archived" : channel.kind), channel.name),
    absent ? h("span", { class: "tag" }, absent) : null,
    h("p", {}, channel.about ?? ""),
  ].filter(Boolean);
}
