// Builds and reconciles DOM from data: text only ever enters as text nodes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// 16 x 16 stroke drawings.
const DRAWINGS = {
  public: "M6.4 2.5 5 13.5M11 2.5 9.6 13.5M3 5.7h10.5M2.5 10.3H13",
  private: "M4 7.2h8v6H4zM5.6 7.2V5a2.4 2.4 0 0 1 4.8 0v2.2",
  archived: "M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.7h3",
  dm: "M2.5 3.5h11v7.4H8.2L5 13.4v-2.5H2.5z",
  eye: "M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8zM8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z",
  send: "M8 13V3.4M3.9 7.3 8 3.2l4.1 4.1",
  copy: "M5.8 5.8h7v7h-7zM3.2 10.2V3.2h7",
  check: "M3.2 8.6 6.4 11.8 12.8 4.8",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4.2 6.2 8 10l3.8-3.8",
  info: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 7.2v3.6M8 5v.2",
  success: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.4 8.2 7.3 10l3.4-3.8",
  warning: "M8 2.4 14.4 13.4H1.6zM8 6.4v3.4M8 11.6v.1",
  error: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.9 5.9l4.2 4.2M10.1 5.9 5.9 10.1",
  question: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM6.1 6.5a1.9 1.9 0 1 1 2.6 1.8c-.5.2-.7.5-.7 1M8 11.2v.1",
  ring: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z",
  clock: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 4.9V8l2.2 1.5",
  image: "M2.5 3h11v10h-11zM2.5 11l3.4-3.2 2.6 2.4 2.2-1.8 2.8 2.6M10.4 6v.1",
  plus: "M8 3.2v9.6M3.2 8h9.6",
  bolt: "M8.8 1.9 3.5 9h3.9l-.6 5.1L12.5 7H8.4z",
  trunk: "M3.2 4.4h9.6M3.2 8h6M3.2 11.6h7.8",
};

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === "testid") element.dataset.testid = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWINGS[name] ?? DRAWINGS.info);
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** Tells assistive technology something that the eye sees elsewhere. */
export function announce(text) {
  byId("live").textContent = text;
}

const drawn = new WeakMap();

/**
 * Makes `parent`'s children be one node per item. A node whose item did not change stays as it is,
 * and so do its focus, its selection and what was typed in it. `render(item, arriving)` is told
 * whether the item is new in a list that was drawn before.
 */
export function keyed(parent, items, key, render) {
  const known = drawn.has(parent);
  const before = drawn.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const id = key(item);
    const signature = JSON.stringify(item);
    let entry = before.get(id);
    if (entry?.signature !== signature) {
      const node = render(item, known && entry === undefined);
      if (entry) replace(entry.node, node);
      entry = { node, signature };
    }
    after.set(id, entry);
  }
  for (const [id, { node }] of before) if (!after.has(id)) node.remove();
  let place = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  drawn.set(parent, after);
}

function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (!focused) return;
  const { testid: hook, flight, action } = focused.dataset;
  // Buttons of one kind stand in several blocks; what they are pressed for tells them apart.
  const exact = flight === undefined ? "" : `[data-flight="${CSS.escape(flight)}"][data-action="${CSS.escape(action)}"]`;
  const twin = hook === undefined ? null : fresh.querySelector(exact || `[data-testid="${CSS.escape(hook)}"]`);
  (fresh.dataset.testid === hook ? fresh : (twin ?? fresh)).focus({ preventScroll: true });
}
