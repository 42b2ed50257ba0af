// Draws input blocks, reads their values as Slack sends them, and checks them as Slack's client does.

import { h } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** Draws an input block; `value` is a Slack state value that wins over the block's own initial one. */
export function inputBlock(block, names, value) {
  const id = `input-${block.block_id}`;
  const element = block.element ?? {};
  const group = GROUPS.has(element.type);
  const label = [textNodes(block.label, names), block.optional ? h("span", { class: "optional" }, "optional") : null];
  const control = (CONTROLS[element.type] ?? unknown)(element, id, names, value);
  if (block.hint) control.setAttribute("aria-describedby", `hint-${block.block_id}`);
  if (!block.optional) control.setAttribute("aria-required", "true");
  if (group) control.setAttribute("aria-labelledby", `label-${block.block_id}`);
  return h(
    "div",
    { class: "input", "data-block": block.block_id },
    group
      ? h("div", { class: "label", id: `label-${block.block_id}` }, label)
      : h("label", { class: "label", id: `label-${block.block_id}`, for: id }, label),
    control,
    block.hint ? h("p", { class: "hint", id: `hint-${block.block_id}` }, textNodes(block.hint, names)) : null,
  );
}

const SEVERAL = new Set(["checkboxes", "multi_static_select"]);
const GROUPS = new Set(["radio_buttons", ...SEVERAL]);

const CONTROLS = {
  plain_text_input(element, id, names, value) {
    return h(element.multiline ? "textarea" : "input", {
      class: "field",
      id,
      type: element.multiline ? null : "text",
      rows: element.multiline ? 3 : null,
      placeholder: placeholder(element),
      autocomplete: "off",
      value: value?.value ?? element.initial_value ?? "",
    });
  },

  number_input(element, id, names, value) {
    // Not type=number: that hides from us what was typed when it is not a number.
    return h("input", {
      class: "field field-number",
      id,
      type: "text",
      inputmode: element.is_decimal_allowed ? "decimal" : "numeric",
      placeholder: placeholder(element),
      autocomplete: "off",
      value: value?.value ?? element.initial_value ?? "",
    });
  },

  static_select(element, id, names, value) {
    const chosen = value?.selected_option ?? element.initial_option;
    const select = h(
      "select",
      { class: "field", id },
      h("option", { value: "" }, placeholder(element) ?? "Choose an option"),
      (element.options ?? []).map((option) => h("option", { value: option.value }, textNodes(option.text, names))),
    );
    select.value = chosen?.value ?? "";
    return select;
  },

  conversations_select(element, id, names, value) {
    const select = h(
      "select",
      { class: "field", id },
      h("option", { value: "" }, placeholder(element) ?? "Choose a conversation"),
      names.conversations().filter((place) => offers(element.filter ?? {}, place)).map((place) => h("option", { value: place.id }, title(place))),
    );
    select.value = (value ? value.selected_conversation : element.initial_conversation) ?? "";
    if (select.selectedIndex < 0) select.value = "";
    return select;
  },

  radio_buttons(element, id, names, value) {
    const chosen = value?.selected_option ?? element.initial_option;
    return marks("radio", element, id, names, chosen ? [chosen] : []);
  },

  checkboxes: (element, id, names, value) =>
    marks("checkbox", element, id, names, value?.selected_options ?? element.initial_options ?? []),

  multi_static_select: (element, id, names, value) =>
    marks("checkbox", element, id, names, value?.selected_options ?? element.initial_options ?? []),
};

/** Options to mark, one (`radio`) or several (`checkbox`); long lists scroll. */
function marks(type, element, id, names, chosen) {
  const marked = new Set(chosen.map((option) => option.value));
  return h(
    "div",
    { class: "radios", id, role: type === "radio" ? "radiogroup" : "group" },
    (element.options ?? []).map((option) => {
      const own = `${id}-${option.value}`;
      return h(
        "label",
        { class: "radio", for: own },
        h("input", { type, id: own, name: id, value: option.value, checked: marked.has(option.value) }),
        h(
          "span",
          {},
          h("span", { class: "radio-text" }, textNodes(option.text, names)),
          option.description ? h("span", { class: "hint" }, textNodes(option.description, names)) : null,
        ),
      );
    }),
  );
}

/** Slack's conversation filter; every direct message here is one with the bot. */
function offers({ include, exclude_external_shared_channels: own, exclude_bot_users: people }, place) {
  const kind = place.kind === "dm" ? "im" : place.kind;
  return (!include || include.includes(kind)) && !(own && place.shared) && !(people && kind === "im");
}

const title = ({ kind, name }) => ({ dm: `${name} (direct message)`, private: `${name} (private)` })[kind] ?? `#${name}`;

const placeholder = (element) => (element.placeholder ? textNodes(element.placeholder, null).join("") : null);

const unknown = (element, id) => h("p", { class: "unknown", id }, `Not shown here: ${element.type}`);

/** The Slack state value of one input block as it stands on the page, or null when it is not drawn. */
export function readInput(root, block) {
  const element = block.element ?? {};
  const control = root.querySelector(`#${CSS.escape(`input-${block.block_id}`)}`);
  if (!control || !(element.type in CONTROLS)) return null;
  if (element.type === "plain_text_input" || element.type === "number_input") {
    const text = element.type === "number_input" ? control.value.trim() : control.value;
    return { type: element.type, value: text === "" ? null : text };
  }
  if (element.type === "conversations_select") return { type: element.type, selected_conversation: control.value || null };
  if (SEVERAL.has(element.type)) {
    const marked = new Set([...control.querySelectorAll("input:checked")].map((each) => each.value));
    return { type: element.type, selected_options: (element.options ?? []).filter((each) => marked.has(each.value)) };
  }
  const picked = element.type === "radio_buttons" ? control.querySelector("input:checked")?.value : control.value;
  const option = (element.options ?? []).find((each) => each.value === picked);
  return { type: element.type, selected_option: option ? { text: option.text, value: option.value } : null };
}

/** What Slack's client would say before it sends anything, or null. */
export function checkInput(block, state) {
  const element = block.element ?? {};
  const held = state.value ?? state.selected_option ?? state.selected_options ?? state.selected_conversation ?? null;
  const empty = held === null || held.length === 0 || (typeof held === "string" && held.trim() === "");
  if (empty) return block.optional ? null : "Please complete this required field.";
  if (element.type === "number_input") return checkNumber(element, state.value);
  if (element.type === "plain_text_input") return checkLength(element, state.value);
  const most = element.max_selected_items;
  return most !== undefined && held.length > most ? `Please choose at most ${most}.` : null;
}

function checkNumber(element, text) {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return "Please enter a number, in digits.";
  if (!element.is_decimal_allowed && !/^[+-]?\d+$/.test(text)) return "Please enter a whole number.";
  const { min_value: min, max_value: max } = element;
  if (min !== undefined && Number(text) < Number(min)) return `Please enter a number of at least ${min}.`;
  if (max !== undefined && Number(text) > Number(max)) return `Please enter a number of at most ${max}.`;
  return null;
}

function checkLength(element, text) {
  const { min_length: min, max_length: max } = element;
  if (min !== undefined && text.length < min) return `Please enter at least ${min} characters.`;
  if (max !== undefined && text.length > max) return `Please use at most ${max} characters (now ${text.length}).`;
  return null;
}
