// Copies code on a click: ids and corrected commands are there to be carried elsewhere.

import { announce, h, icon } from "./dom.js";

const SHOWN_MS = 1400;

/** Inline code that copies itself. */
export function copyable(text) {
  const button = h(
    "button",
    { type: "button", class: "copy", title: "Copy", on: { click: () => copy(text, button) } },
    h("code", {}, text),
    h("span", { class: "unseen" }, " (copy)"),
    h("span", { class: "copy-mark" }, icon("copy"), icon("check")),
  );
  return button;
}

/** A block of code with a copy button in its corner. */
export function copyableBlock(...children) {
  const pre = h("pre", { tabindex: "0" }, ...children);
  const button = h(
    "button",
    { type: "button", class: "copy copy-corner", "aria-label": "Copy", title: "Copy" },
    h("span", { class: "copy-mark" }, icon("copy"), icon("check")),
  );
  button.addEventListener("click", () => copy(pre.textContent, button));
  return h("div", { class: "pre" }, pre, button);
}

async function copy(text, button) {
  const done = await write(text);
  button.classList.toggle("copied", done);
  announce(done ? "Copied" : "Could not copy");
  setTimeout(() => button.classList.remove("copied"), SHOWN_MS);
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard API needs a secure context; over plain http from another machine there is none.
    const area = h("textarea", { class: "unseen", "aria-hidden": "true", value: text });
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}
