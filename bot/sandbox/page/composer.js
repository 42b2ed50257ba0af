// The composer: command hint, Enter sends, Up recalls, and a keyboard that types curly quotes as phones do.

import { h, icon } from "./dom.js";
import { createShortcuts } from "./shortcuts.js";

const OPENING = /[\s([{\u2018\u201C]$|^$/;

/** What a phone makes of straight quotes and double hyphens as they are typed. */
export function curl(text) {
  let out = "";
  for (const char of text.replaceAll("--", "\u2014")) {
    if (char === '"') out += OPENING.test(out) ? "\u201C" : "\u201D";
    else if (char === "'") out += OPENING.test(out) ? "\u2018" : "\u2019";
    else out += char;
  }
  return out;
}

/** Why nothing can be written in a channel, or null. */
function closed(channel) {
  if (channel.archived) return "This channel is archived: nothing can be written to it.";
  return channel.read_only ? "Sending messages to this app has been turned off." : null;
}

/**
 * `send(text)` resolves to `{ok, error?}`; on a failure the text stays, as it does in Slack. So does
 * `runShortcut(callbackId)`.
 */
export function createComposer({ form, send, runShortcut, setKeyboard }) {
  const history = [];
  let recalled = 0; // steps back from the newest; 0: not recalling
  let state = null;
  let channel = null;
  let sending = false;

  const area = h("textarea", {
    class: "composer-text", id: "composer-text", testid: "composer", rows: 1, "aria-describedby": "composer-hint",
    autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 4000,
  });
  const label = h("label", { class: "unseen", for: "composer-text" }, "Message");
  const hint = h("div", { class: "composer-hint", id: "composer-hint", hidden: true });
  const notice = h("p", { class: "composer-notice", role: "alert", testid: "notice", hidden: true });
  const submit = h("button", { class: "send", testid: "send", "aria-label": "Send" }, icon("send"), h("span", { class: "spinner" }));
  const phone = h("button", {
    type: "button", class: "switch", role: "switch", testid: "keyboard", "aria-checked": "false",
    title: "Turns quotes curly and -- into a dash as you type, as phones do",
    on: { click: () => setKeyboard(state?.keyboard === "phone" ? "plain" : "phone") },
  }, h("span", { class: "switch-track" }), "Phone keyboard", h("span", { class: "switch-about" }, "\u201Ccurly quotes\u201D"));
  const shortcuts = createShortcuts(async (callbackId) => {
    say(null);
    const answer = await runShortcut(callbackId);
    if (!answer.ok) say(answer.error);
  });
  const keys = h("span", { class: "keys", "aria-hidden": "true" }, h("kbd", {}, "Enter"), " sends ", h("kbd", {}, "\u2191"), " recalls");
  const box = h("div", { class: "composer-box" }, hint, label, area, h("div", { class: "composer-bar" }, shortcuts.root, phone, keys, submit));
  const shut = h("p", { class: "composer-shut", testid: "composer-shut", hidden: true });
  form.append(notice, box, shut);

  function render(nextState, nextChannel) {
    state = nextState;
    if (channel?.id !== nextChannel.id || saidByItself(nextState, nextChannel)) say(null);
    channel = nextChannel;
    const place = channel.kind === "dm" ? channel.name : `#${channel.name}`;
    label.textContent = `Message ${place}`;
    area.placeholder = `Message ${place}, or type / for the command`;
    const why = closed(channel);
    area.disabled = box.hidden = why !== null;
    shut.hidden = why === null;
    shut.textContent = why ?? "";
    shortcuts.render(state.shortcuts);
    phone.setAttribute("aria-checked", String(state.keyboard === "phone"));
    refresh();
  }

  function refresh() {
    submit.disabled = sending || area.disabled || area.value.trim() === "";
    form.classList.toggle("sending", sending);
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    drawHint();
  }

  /** The command's name while its first word is being typed, its usage from then on. */
  function drawHint() {
    const word = area.value.split(/\s/, 1)[0];
    const command = state?.command;
    const fits = Boolean(command) && word.startsWith("/") && command.name.startsWith(word);
    hint.hidden = !fits;
    if (!fits) return;
    const partial = !area.value.startsWith(`${command.name} `);
    const key = `${command.name} ${command.hint} ${partial}`;
    if (hint.dataset.key === key) return;
    hint.dataset.key = key;
    const usage = [h("strong", {}, command.name), " ", h("span", { class: "usage" }, command.hint)];
    hint.replaceChildren(
      partial
        ? h(
            "button",
            { type: "button", class: "suggestion", testid: "suggestion", on: { click: complete } },
            usage,
            h("span", { class: "about" }, command.description),
            h("kbd", {}, "Tab"),
          )
        : h("p", { class: "suggestion" }, usage),
    );
  }

  function complete() {
    fill(`${state.command.name} `);
  }

  function completable() {
    const word = area.value;
    return !hint.hidden && word !== "" && !word.includes(" ") && word !== `${state.command.name} `;
  }

  function fill(text) {
    area.value = text;
    refresh();
    area.focus();
    area.setSelectionRange(text.length, text.length);
  }

  /** Whether the channel already shows, as its newest message, what the notice says. */
  function saidByItself(nextState, { id }) {
    const newest = nextState.messages.filter((message) => message.channel === id).at(-1);
    return newest?.kind === "system" && newest.text === notice.textContent;
  }

  function say(text) {
    notice.hidden = !text;
    notice.replaceChildren(...(text ? [icon("warning"), text] : []));
  }

  async function onSend() {
    const text = area.value.trim();
    if (text === "" || sending || area.disabled) return;
    say(null);
    sending = true;
    area.readOnly = true;
    refresh();
    const answer = await send(text);
    sending = false;
    area.readOnly = false;
    if (history.at(-1) !== text) history.push(text);
    recalled = 0;
    if (answer.ok) area.value = "";
    else {
      say(answer.error ?? "That did not work. Try again.");
      if (saidByItself(state, channel)) say(null);
    }
    refresh();
  }

  function recall(step) {
    const next = recalled + step;
    if (next < 0 || next > history.length) return;
    recalled = next;
    fill(next === 0 ? "" : history.at(-next));
  }

  area.addEventListener("input", (event) => {
    recalled = 0;
    if (state?.keyboard === "phone" && event.inputType !== "insertFromPaste" && !event.isComposing) {
      const caret = curl(area.value.slice(0, area.selectionStart)).length;
      const text = curl(area.value);
      if (text !== area.value) {
        area.value = text;
        area.setSelectionRange(caret, caret);
      }
    }
    refresh();
  });

  area.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (completable() && area.value !== state.command.name) complete();
      else onSend();
    } else if (event.key === "Tab" && !event.shiftKey && completable()) {
      event.preventDefault();
      complete();
    } else if (event.key === "ArrowUp" && (area.value === "" || recalled > 0)) {
      event.preventDefault();
      recall(1);
    } else if (event.key === "ArrowDown" && recalled > 0) {
      event.preventDefault();
      recall(-1);
    }
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onSend();
  });

  /** Begins a command, as the key does anywhere in Slack. */
  function slash() {
    if (area.value === "" && !area.disabled) fill("/");
    else area.focus();
  }

  return { render, fill, slash, focus: () => area.focus() };
}
