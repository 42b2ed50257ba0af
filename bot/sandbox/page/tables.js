// Tables in messages: `data_table` with pages and sorting, as Slack's client does it, and the older `table`.

import { h, icon } from "./dom.js";
import { richText } from "./richtext.js";

const PAGE = 5; // rows of a page, where the block does not say

export function dataTable(block, names) {
  const [header = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? PAGE;
  const titles = block.row_header_column_index ?? 0;
  let sorted = null; // {column, up}
  let page = 0;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const body = h("tbody");
  const heads = header.map((cell, column) => {
    const button = h("button", { type: "button", class: "table-sort", on: { click: () => sortBy(column) } }, cell.text ?? "", icon("down"));
    return h("th", { scope: "col", class: rows[0]?.[column]?.type === "raw_number" ? "number" : null }, button);
  });
  const place = h("span", { role: "status" });
  const step = (by, label) => h("button", { type: "button", class: "button small", on: { click: () => show(page + by) } }, label);
  const back = step(-1, "Previous");
  const on = step(1, "Next");

  function sortBy(column) {
    sorted = { column, up: sorted?.column === column ? !sorted.up : true };
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    show(0);
  }

  function ordered() {
    if (!sorted) return rows;
    const by = (row) => worth(row[sorted.column]);
    const way = sorted.up ? 1 : -1;
    return [...rows].sort((one, other) => way * compare(by(one), by(other)));
  }

  function show(to) {
    page = Math.min(Math.max(to, 0), pages - 1);
    body.replaceChildren(...ordered().slice(page * size, (page + 1) * size).map((row) => h("tr", {}, row.map((cell, column) => drawCell(cell, column === titles, names)))));
    place.textContent = `Page ${page + 1} of ${pages}`;
    back.disabled = page === 0;
    on.disabled = page === pages - 1;
  }

  show(0);
  return h(
    "div",
    { class: "block table-holder" },
    scroller(block.caption, h("table", { class: "table" }, h("caption", {}, block.caption), h("thead", {}, h("tr", {}, heads)), body)),
    pages > 1 ? h("div", { class: "table-pages" }, back, place, on) : null,
  );
}

export function table(block, names) {
  const [header = [], ...rows] = block.rows ?? [];
  const align = (column) => block.column_settings?.[column]?.align;
  const line = (row, title) => h("tr", {}, row.map((cell, column) => {
    const drawn = drawCell(cell, false, names, title);
    if (align(column)) drawn.style.textAlign = align(column);
    return drawn;
  }));
  return h("div", { class: "block table-holder" }, scroller("Table", h("table", { class: "table" }, h("thead", {}, line(header, true)), h("tbody", {}, rows.map((row) => line(row, false))))));
}

/** Wide tables scroll by themselves, also with the keyboard. */
const scroller = (label, inside) => h("div", { class: "table-scroll", role: "region", "aria-label": label, tabindex: "0" }, inside);

function drawCell(cell, titled, names, head = false) {
  const content = cell.type === "rich_text" ? richText(cell, names) : (cell.text ?? "");
  if (head) return h("th", { scope: "col" }, content);
  return h(titled ? "th" : "td", { scope: titled ? "row" : null, class: cell.type === "raw_number" ? "number" : null }, content);
}

function worth(cell = {}) {
  if (cell.type === "raw_number") return cell.value;
  return cell.type === "rich_text" ? JSON.stringify(cell.elements) : (cell.text ?? "");
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}
