// The modal over the channel: draws a view, keeps what is typed, checks, submits, shows errors and trouble.

import { renderBlocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { checkInput, readInput } from "./inputs.js";
import { textNodes } from "./mrkdwn.js";

const TROUBLE = "We had some trouble connecting. Try again?";
const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), pre[tabindex]";

/**
 * `submit(view, values)`, `close(view, everything)` and `choose(view, choice)` go to the sandbox; `closed()`
 * gives the focus back.
 */
export function createModal({ stage, behind, names, actions, submit, choose, close, closed }) {
  const typed = new Map(); // by view id, then "block/action": what a person typed outlives views.update
  let view = null;
  let drawn = null; // {dialog, body, banner, button} of the view on the page
  let errors = {};
  let serverErrors = "";
  let sending = false;
  let troubled = false;

  function render(next) {
    const same = view && next && view.id === next.id && view.hash === next.hash;
    const opened = next && (!view || view.id !== next.id);
    if (!same && view && drawn) remember();
    if (opened || !next) reset();
    const wasOpen = view !== null;
    view = next;
    if (!view) {
      stage.hidden = true;
      behind.inert = false;
      stage.replaceChildren();
      drawn = null;
      if (wasOpen) closed();
      return;
    }
    if (!same) draw(opened);
    if (JSON.stringify(view.errors ?? {}) !== serverErrors) {
      serverErrors = JSON.stringify(view.errors ?? {});
      errors = { ...view.errors };
    }
    paint();
  }

  function reset() {
    errors = {};
    serverErrors = "{}";
    sending = false;
    troubled = false;
  }

  function draw(opened) {
    const focused = stage.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = drawn?.body.scrollTop ?? 0;
    const button = view.submit
      ? h("button", { class: "button primary", testid: "modal-submit" }, h("span", { class: "spinner" }), textNodes(view.submit, names))
      : null;
    const quit = (everything) => ({ click: () => close(view, everything) });
    const banner = h("p", { class: "banner", role: "alert", testid: "modal-trouble", hidden: true });
    const body = h(
      "div",
      { class: "modal-body" },
      renderBlocks(view.blocks, { names, actions, origin: held(), value: valueOf, heading: "h3" }),
    );
    const form = h(
      "form",
      { class: "modal-form", novalidate: true, on: { submit: onSubmit, input: onInput } },
      h(
        "header",
        { class: "modal-head" },
        h("h2", { id: "modal-title" }, textNodes(view.title, names)),
        h("button", { type: "button", class: "icon-button", testid: "modal-close", "aria-label": "Close", on: quit(true) }, icon("close")),
      ),
      banner,
      body,
      h(
        "footer",
        { class: "modal-foot" },
        h(
          "button",
          { type: "button", class: "button", testid: "modal-cancel", on: quit(false) },
          textNodes(view.close ?? (button ? "Cancel" : "Close"), names),
        ),
        button,
      ),
    );
    const dialog = h(
      "div",
      {
        class: `modal ${opened ? "arriving" : ""}`, role: "dialog", "aria-modal": "true", "aria-labelledby": "modal-title",
        tabindex: "-1", testid: "modal", "data-view": view.id, on: { keydown: trap },
      },
      form,
    );
    drawn = { dialog, body, banner, button };
    stage.replaceChildren(dialog);
    stage.hidden = false;
    behind.inert = true;
    body.scrollTop = scrolled;
    if (opened) (body.querySelector(".field, input:checked") ?? dialog).focus({ preventScroll: true });
    else if (focused) twinOf(focused).focus({ preventScroll: true });
  }

  /** The control that stands where `old` stood before the view was drawn again. */
  function twinOf(old) {
    const twin = old.id
      ? drawn.dialog.querySelector(`#${CSS.escape(old.id)}`)
      : old.dataset.testid && drawn.dialog.querySelector(`[data-testid="${CSS.escape(old.dataset.testid)}"]`);
    if (!twin) return drawn.dialog;
    if ("selectionStart" in old && (twin.type === "text" || twin.type === "textarea")) {
      twin.setSelectionRange(old.selectionStart, old.selectionEnd);
    }
    return twin;
  }

  /** Where a button is: with what is typed by the time that it is pressed, as Slack sends it along. */
  function held() {
    return {
      view_id: view.id,
      get values() {
        return values();
      },
    };
  }

  function inputs() {
    return view.blocks.filter((block) => block.type === "input");
  }

  function values() {
    const read = {};
    for (const block of inputs()) {
      const state = readInput(drawn.dialog, block);
      if (state) read[block.block_id] = { [block.element.action_id]: state };
    }
    return read;
  }

  function remember() {
    typed.set(view.id, values());
  }

  function valueOf(block) {
    const at = (tree) => tree?.[block.block_id]?.[block.element?.action_id];
    return at(typed.get(view.id)) ?? at(view.state?.values);
  }

  async function onSubmit(event) {
    event.preventDefault();
    if (sending || view.pending || !drawn.button) return;
    const sent = view;
    const read = values();
    errors = {};
    for (const block of inputs()) {
      const state = read[block.block_id]?.[block.element.action_id];
      const fault = state ? checkInput(block, state) : null;
      if (fault) errors[block.block_id] = fault;
    }
    troubled = false;
    sending = Object.keys(errors).length === 0;
    paint();
    if (!sending) return focusError();
    const answer = await submit(sent, read);
    if (view?.id !== sent.id) return;
    sending = false;
    errors = { ...answer.errors };
    serverErrors = JSON.stringify(errors);
    troubled = !answer.ok && Object.keys(errors).length === 0;
    paint();
    focusError();
  }

  function onInput(event) {
    remember();
    const id = event.target.closest("[data-block]")?.dataset.block;
    const block = inputs().find((each) => each.block_id === id);
    if (block?.dispatch_action && ["radio", "checkbox"].includes(event.target.type)) {
      const { action_id } = block.element;
      const read = values();
      const several = read[id][action_id].selected_options?.map((option) => option.value);
      choose(view, { block_id: id, action_id, value: several ?? event.target.value, values: read });
    }
    if (!id || !(id in errors)) return;
    delete errors[id];
    paint();
  }

  function paint() {
    const pending = sending || Boolean(view.pending);
    const trouble = pending ? null : (view.trouble ?? (troubled ? TROUBLE : null));
    drawn.banner.hidden = !trouble;
    if (drawn.banner.textContent !== (trouble ?? "")) drawn.banner.textContent = trouble ?? "";
    drawn.dialog.setAttribute("aria-busy", String(pending));
    drawn.button?.setAttribute("aria-disabled", String(pending));
    for (const block of inputs()) paintError(block);
  }

  function paintError({ block_id: id, hint }) {
    const holder = drawn.dialog.querySelector(`[data-block="${CSS.escape(id)}"]`);
    const control = holder?.querySelector(`#${CSS.escape(`input-${id}`)}`);
    if (!control) return;
    const text = errors[id];
    const shown = holder.querySelector(".error");
    holder.classList.toggle("wrong", text !== undefined);
    control.setAttribute("aria-invalid", String(text !== undefined));
    const about = [text === undefined ? null : `error-${id}`, hint ? `hint-${id}` : null].filter(Boolean).join(" ");
    if (about) control.setAttribute("aria-describedby", about);
    else control.removeAttribute("aria-describedby");
    if (shown?.lastChild.textContent === text) return;
    shown?.remove();
    if (text !== undefined) {
      control.after(h("p", { class: "error", id: `error-${id}`, testid: `error-${id}`, role: "alert" }, icon("warning"), text));
    }
  }

  function focusError() {
    const first = drawn.dialog.querySelector(".wrong :is(input:checked, .field, input)");
    first?.focus();
  }

  function trap(event) {
    if (event.key !== "Tab") return;
    const all = [...drawn.dialog.querySelectorAll(FOCUSABLE)].filter((node) => node.offsetParent !== null);
    const edge = event.shiftKey ? all[0] : all.at(-1);
    const inside = all.includes(document.activeElement);
    if (inside && document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0])?.focus();
  }

  document.addEventListener("keydown", (event) => {
    const here = document.activeElement === document.body || stage.contains(document.activeElement);
    if (event.key === "Escape" && view && here && !document.querySelector("dialog[open]")) close(view, false);
  });
  stage.addEventListener("pointerdown", (event) => {
    if (event.target === stage) event.preventDefault(); // the focus stays in the dialog
  });

  return { render, focus: () => drawn?.dialog.focus(), isOpen: () => view !== null };
}
