// The channel's messages: who, when, for whose eyes, replies under their parent; sticks to the bottom.

import { renderBlocks } from "./blocks.js";
import { h, icon, keyed } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { roving } from "./roving.js";

const NEAR_PX = 48; // this close to the bottom counts as being at the bottom

/** An empty channel shows examples; `fill(text)` puts one into the composer. */
export function createMessages({ scroll, list, empty, jump, names, actions, fill }) {
  let place = null;
  let count = 0;
  let stuck = true;
  // Otherwise each id that can be copied is a stop on the way to the composer.
  const refresh = roving(list, ".message", (all) => all.at(-1));

  const atBottom = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_PX;
  const toBottom = () => (scroll.scrollTop = scroll.scrollHeight);

  function render(state, channel) {
    const here = `${state.me}/${channel.id}`;
    const moved = place !== here;
    stuck = moved || atBottom();
    const messages = threaded(state.messages.filter((message) => message.channel === channel.id));
    // Walking into a channel is not news: only what arrives afterwards is read out.
    list.setAttribute("aria-live", moved ? "off" : "polite");
    keyed(list, messages, (message) => `${message.ts}/${message.kind}`, (message, arriving) => draw(message, arriving && !moved));
    refresh();
    empty.hidden = messages.length > 0;
    if (messages.length === 0) drawEmpty(state, channel);
    if (stuck) toBottom();
    else if (messages.length > count) jump.hidden = false;
    place = here;
    count = messages.length;
  }

  function drawEmpty(state, channel) {
    const command = state.command.name;
    const examples = [
      [`${command} create "Sales" outbound 10`, "opens the form, filled in"],
      [`${command} create "Sales" outbuond 10`, "misspelt, to see it corrected"],
      [`${command} help`, "says what you may do"],
    ];
    const place = channel.kind === "dm" ? channel.name : `#${channel.name}`;
    const signature = `${command} ${place} ${channel.archived} ${channel.read_only}`;
    if (empty.dataset.signature === signature) return;
    empty.dataset.signature = signature;
    empty.replaceChildren(
      h("h2", {}, channel.archived ? `${place} is archived` : `This is the start of ${place}`),
      h("p", {}, channel.archived || channel.read_only ? "Commands are typed in another channel." : "Type a command below, or begin with one of these."),
      channel.archived || channel.read_only
        ? []
        : h("ul", { class: "examples" }, examples.map(([text, about]) => h("li", {}, example(text, about)))),
    );
  }

  function example(text, about) {
    const choose = { click: () => fill(text) };
    return h("button", { type: "button", class: "example", testid: "example", on: choose }, h("code", {}, text), h("span", {}, about));
  }

  function draw(message, arriving) {
    const blocks = message.blocks ?? [];
    const context = { names, actions, origin: { channel: message.channel, ts: message.ts } };
    const text = message.text ?? "";
    const content = blocks.length > 0 ? renderBlocks(blocks, context) : h("div", { class: "text" }, mrkdwn(text, names));
    const hooks = { testid: "message", "data-kind": message.kind, "data-ts": message.ts, tabindex: "-1" };
    const arrival = arriving ? "arriving" : "";
    if (message.kind === "system") {
      return h("article", { class: `message system ${arrival}`, ...hooks }, icon("info"), h("div", { class: "message-main" }, content));
    }
    return h(
      "article",
      { class: `message ${message.kind} ${message.reply ? "reply" : ""} ${arrival}`, ...hooks },
      avatar(message),
      h(
        "div",
        { class: "message-main" },
        message.kind === "ephemeral" ? h("div", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
        h(
          "header",
          { class: "message-head" },
          h("strong", {}, message.name),
          message.bot ? h("span", { class: "app-badge" }, "APP") : null,
          clock(message.ts),
          message.edited ? h("span", { class: "edited" }, "(edited)") : null,
        ),
        h("div", { class: "message-body" }, content),
      ),
    );
  }

  scroll.addEventListener("scroll", () => {
    stuck = atBottom();
    if (stuck) jump.hidden = true;
  });
  jump.addEventListener("click", toBottom);
  // The composer's growth, the phone's keyboard or a warning in a message must not push the last line out of sight.
  const observer = new ResizeObserver(() => {
    if (stuck) toBottom();
  });
  observer.observe(scroll);
  observer.observe(list);

  /** Goes to the newest message and stays there. */
  function follow() {
    stuck = true;
    toBottom();
  }

  return { render, follow };
}

function clock(ts) {
  const when = new Date(Number(ts) * 1000);
  if (Number.isNaN(when.getTime())) return null;
  return h("time", { datetime: when.toISOString(), title: when.toString() }, new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(when));
}

/** A person's initials, or the bot's mark. */
export function avatar({ name, bot }) {
  const initials = name.split(/\s+/).slice(0, 2).map((word) => word[0] ?? "").join("").toUpperCase();
  return h("span", { class: `avatar ${bot ? "avatar-bot" : ""}`, "aria-hidden": "true" }, bot ? icon("trunk") : initials);
}

/** Orders by time, replies right after their parent. */
function threaded(messages) {
  const sorted = [...messages].sort((a, b) => Number(a.ts) - Number(b.ts));
  const present = new Set(sorted.map((message) => message.ts));
  const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts && present.has(message.thread_ts);
  return sorted.filter((message) => !isReply(message)).flatMap((root) => [
    root,
    ...sorted.filter((message) => isReply(message) && message.thread_ts === root.ts).map((message) => ({ ...message, reply: true })),
  ]);
}
