// Renders Block Kit: the blocks that messages and modals share, one function for each type.

import { h, icon } from "./dom.js";
import { inputBlock } from "./inputs.js";
import { mrkdwn, textNodes } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

const LEVELS = { default: "info", info: "info", warning: "warning", error: "error", success: "success" };

const TASKS = { pending: "ring", in_progress: "clock", complete: "success", error: "error" };
// Said only where the card says no more itself: what it says is truer than the colour of its icon.
const STATUS = { pending: "not started", in_progress: "under way", complete: "done", error: "error" };

/**
 * `context`: `names` looks up people and channels, `actions` presses buttons, `origin` says where the
 * blocks stand (a message or a view), `value(block)` gives what was typed into an input before, `heading`
 * is the element of a header.
 */
export function renderBlocks(blocks, context) {
  return blocks.map((block) => (BLOCKS[block.type] ?? unknown)(block, context));
}

const BLOCKS = {
  section(block, { names, ...context }) {
    return h(
      "div",
      { class: "block section" },
      h(
        "div",
        { class: "section-body" },
        block.text ? h("div", { class: "text" }, textNodes(block.text, names)) : null,
        block.fields
          ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, textNodes(field, names))))
          : null,
      ),
      block.accessory ? h("div", { class: "accessory" }, element(block.accessory, block, { names, ...context })) : null,
    );
  },

  header(block, { names, heading }) {
    // Below a channel's h1, or a modal's own h2.
    return h(heading ?? "h2", { class: "block block-header" }, textNodes(block.text, names));
  },

  context(block, { names }) {
    const items = (block.elements ?? []).map((item) =>
      item.type === "image" ? alternative(item) : h("span", { class: "text" }, textNodes(item, names)),
    );
    return h("div", { class: "block block-context" }, items);
  },

  divider: () => h("hr", { class: "block" }),

  actions(block, context) {
    return h("div", { class: "block block-actions" }, (block.elements ?? []).map((item) => element(item, block, context)));
  },

  input: (block, { names, value }) => inputBlock(block, names, value?.(block)),

  rich_text: (block, { names }) => h("div", { class: "block text" }, richText(block, names)),

  alert(block, { names }) {
    const level = block.level in LEVELS ? block.level : "default";
    return h(
      "div",
      { class: `block alert alert-${level}`, role: level === "error" || level === "warning" ? "alert" : "note" },
      icon(LEVELS[level]),
      h("div", { class: "text" }, textNodes(block.text, names)),
    );
  },

  plan(block, context) {
    return h(
      "section",
      { class: "block plan", "aria-label": block.title },
      h("div", { class: "plan-title" }, block.title),
      h("ol", { class: "tasks" }, (block.tasks ?? []).map((task) => h("li", {}, BLOCKS.task_card(task, context)))),
    );
  },

  task_card(block, { names }) {
    const rich = (name) => (block[name] ? h("div", { class: "text" }, richText(block[name], names)) : null);
    const status = block.details || block.output ? null : h("span", { class: "task-status" }, STATUS[block.status] ?? "");
    return h(
      "div",
      { class: `task task-${block.status in TASKS ? block.status : "pending"}` },
      icon(TASKS[block.status] ?? "ring"),
      h("div", {}, h("strong", {}, block.title), status, rich("details"), rich("output")),
    );
  },

  data_table: (block, { names }) => dataTable(block, names),

  table: (block, { names }) => table(block, names),

  markdown: (block, { names }) => h("div", { class: "block text" }, mrkdwn(block.text.replaceAll("**", "*"), names)),

  container(block, context) {
    const title = block.rich_text_title ? richText(block.rich_text_title, context.names) : textNodes(block.title, context.names);
    const head = [h("strong", {}, title), block.subtitle ? h("span", { class: "container-subtitle" }, textNodes(block.subtitle, context.names)) : null];
    const inside = h("div", { class: "container-body" }, renderBlocks(block.child_blocks ?? [], context));
    if (!block.is_collapsible) return h("section", { class: "block container" }, h("div", { class: "container-head" }, head), inside);
    return h("details", { class: "block container", open: !block.default_collapsed }, h("summary", { class: "container-head" }, icon("down"), head), inside);
  },

  carousel: (block, context) => h("div", { class: "block carousel" }, (block.elements ?? []).map((card) => BLOCKS.card(card, context))),

  card(block, context) {
    const line = (name) =>
      block[name] ? h("div", { class: `text card-${name}` }, textNodes(block[name], context.names)) : null;
    return h(
      "div",
      { class: "block card" },
      block.hero_image ? alternative(block.hero_image) : null,
      line("title"),
      line("subtitle"),
      line("body"),
      block.actions?.length
        ? h("div", { class: "block-actions" }, block.actions.map((item) => element(item, block, context)))
        : null,
    );
  },

  image: (block, { names }) =>
    h("figure", { class: "block" }, block.title ? h("figcaption", {}, textNodes(block.title, names)) : null, alternative(block)),
};

const unknown = (block) => h("p", { class: "block unknown" }, `Not shown here: a block of type ${block.type}`);

function element(item, block, { names, actions, origin }) {
  if (item.type === "button") return actions.button(origin, block, item, names);
  if (item.type === "static_select") return actions.select(origin, block, item, names);
  if (item.type === "users_select") return actions.select(origin, block, { ...item, options: names.people() }, names);
  if (item.type === "image") return alternative(item);
  return h("span", { class: "unknown" }, `Not shown here: ${item.type}`);
}

/** The page loads nothing from elsewhere, so an image is its alternative text. */
const alternative = (image) => h("span", { class: "image" }, icon("image"), image.alt_text ?? "Image");
