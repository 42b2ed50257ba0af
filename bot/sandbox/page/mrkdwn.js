// Turns Slack's mrkdwn and plain text into DOM nodes (docs.slack.dev/messaging/formatting-message-text).

import { copyable, copyableBlock } from "./copy.js";
import { dateText } from "./dates.js";
import { h } from "./dom.js";

const EMOJI = {
  white_check_mark: "\u2705", heavy_check_mark: "\u2714\uFE0F", x: "\u274C", warning: "\u26A0\uFE0F",
  hourglass_flowing_sand: "\u23F3", eyes: "\u{1F440}", rotating_light: "\u{1F6A8}", no_entry: "\u26D4",
  information_source: "\u2139\uFE0F", question: "\u2753", mag: "\u{1F50D}", tada: "\u{1F389}",
  telephone_receiver: "\u{1F4DE}", lock: "\u{1F512}", bulb: "\u{1F4A1}", "+1": "\u{1F44D}",
};

// Formatting marks count only at word borders and around text that has no space at its edges.
const styled = (mark) => `(?<![\\p{L}\\p{N}])${mark}(?=\\S)([^${mark}\\n]+?)(?<=\\S)${mark}(?![\\p{L}\\p{N}])`;
const INLINE = new RegExp(
  ["<([^<>\\n]+)>", "`([^`\\n]+)`", ":([a-z0-9_+-]+):", styled("\\*"), styled("_"), styled("~")].join("|"),
  "gu",
);

/** Undoes the three entities that Slack's texts carry. */
export const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export const emoji = (name) => EMOJI[name] ?? `:${name}:`;

/** Renders a Slack text object (or a string, read as plain text). */
export function textNodes(text, names) {
  if (!text) return [];
  if (typeof text === "string") return [unescape(text)];
  if (text.type === "mrkdwn") return mrkdwn(text.text, names);
  const plain = unescape(text.text ?? "");
  return [text.emoji === false ? plain : plain.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name))];
}

export function mrkdwn(text, names) {
  return text.split(/```\n?([\s\S]+?)\n?```\n?/).flatMap((part, index) => {
    if (index % 2 === 1) return [copyableBlock(unescape(part))];
    return part === "" ? [] : paragraphs(part, names);
  });
}

function paragraphs(text, names) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (quote) quote.append("\n");
      else nodes.push((quote = h("blockquote")));
      quote.append(...inline(quoted[1], names));
      return;
    }
    if (index > 0 && !quote) nodes.push("\n");
    quote = null;
    nodes.push(...inline(line, names));
  });
  return nodes;
}

function inline(text, names) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, angle, code, name, bold, italic, strike] = match;
    nodes.push(unescape(text.slice(end, match.index)));
    end = match.index + whole.length;
    if (angle !== undefined) nodes.push(reference(angle, names));
    else if (code !== undefined) nodes.push(copyable(unescape(code)));
    else if (name !== undefined) nodes.push(emoji(name));
    else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold, names)));
    else if (italic !== undefined) nodes.push(h("em", {}, inline(italic, names)));
    else nodes.push(h("s", {}, inline(strike, names)));
  }
  nodes.push(unescape(text.slice(end)));
  return nodes.filter((node) => node !== "");
}

function reference(inside, names) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  if (target.startsWith("@")) return mention(`@${names.person(target.slice(1)) ?? (label || target.slice(1))}`);
  if (target.startsWith("#")) return mention(names.channel(target.slice(1)));
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return mention(label || `@${names.group(target.slice(9)) ?? target.slice(9)}`);
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  return link(unescape(target), label);
}

export const mention = (text) => h("span", { class: "mention" }, text);

/** A link that opens apart; anything but the web, mail and telephone stays text. */
export function link(url, label) {
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(url)) return label || url;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label || url);
}

function date(target, fallback) {
  const [, seconds, format = "", url] = target.split("^");
  return dateNode(Number(seconds), unescape(format), fallback, url);
}

/** A moment in the reader's own zone, in Slack's date tokens; `seconds` since the epoch. */
export function dateNode(seconds, format, fallback, url) {
  const when = new Date(seconds * 1000);
  if (Number.isNaN(when.getTime())) return fallback ?? "";
  const text = dateText(when, format);
  const time = h("time", { datetime: when.toISOString(), title: when.toString() }, text);
  return url ? h("span", {}, link(url, text)) : time;
}
