// Renders rich_text blocks: sections, lists, quotes, preformatted text and their inline elements.

import { copyable, copyableBlock } from "./copy.js";
import { h, icon } from "./dom.js";
import { dateNode, emoji, link, mention } from "./mrkdwn.js";

// The marks before the bot's headlines are drawn: not every machine has a font with emoji.
const MARKS = { white_check_mark: "success", warning: "warning", x: "error", question: "question" };

const mark = (name) =>
  h("span", { class: `headmark headmark-${MARKS[name]}`, role: "img", "aria-label": MARKS[name] }, icon(MARKS[name]));

const BULLETS = ["disc", "circle", "square"];

export function richText(block, names) {
  return h("div", { class: "rich" }, (block.elements ?? []).map((part) => container(part, names)));
}

function container(part, names) {
  const inside = () => (part.elements ?? []).map((element) => inline(element, names));
  switch (part.type) {
    case "rich_text_section":
      return h("div", { class: "rich-section" }, inside());
    case "rich_text_quote":
      return h("blockquote", {}, inside());
    case "rich_text_preformatted":
      // Code inside code would copy a part; the block copies the whole.
      return copyableBlock((part.elements ?? []).map((element) => element.text ?? element.url ?? ""));
    case "rich_text_list":
      return list(part, names);
    default:
      return h("p", { class: "unknown" }, `Not shown here: ${part.type}`);
  }
}

function list(part, names) {
  const indent = part.indent ?? 0;
  const node = h(
    part.style === "ordered" ? "ol" : "ul",
    { class: "rich-list", start: part.style === "ordered" && part.offset ? part.offset + 1 : null },
    (part.elements ?? []).map((item) => h("li", {}, (item.elements ?? []).map((element) => inline(element, names)))),
  );
  node.style.marginInlineStart = `${indent * 1.5}em`;
  if (part.style !== "ordered") node.style.listStyleType = BULLETS[indent % BULLETS.length];
  return node;
}

function inline(element, names) {
  switch (element.type) {
    case "text":
      return styled(element.text, element.style);
    case "link":
      return wrap(link(element.url, element.text), element.style);
    case "user":
      return mention(`@${names.person(element.user_id) ?? element.user_id}`);
    case "channel":
      return mention(names.channel(element.channel_id));
    case "usergroup":
      return mention(`@${names.group(element.usergroup_id) ?? element.usergroup_id}`);
    case "broadcast":
      return mention(`@${element.range}`);
    case "emoji":
      return MARKS[element.name] ? mark(element.name) : emoji(element.name);
    case "date":
      return wrap(dateNode(element.timestamp, element.format ?? "{date}", element.fallback, element.url), element.style);
    default:
      return element.text ?? "";
  }
}

function styled(text, style = {}) {
  return wrap(style.code ? copyable(text) : text, style);
}

function wrap(node, style = {}) {
  let wrapped = node;
  if (style.strike) wrapped = h("s", {}, wrapped);
  if (style.italic) wrapped = h("em", {}, wrapped);
  if (style.bold) wrapped = h("strong", {}, wrapped);
  return wrapped;
}
