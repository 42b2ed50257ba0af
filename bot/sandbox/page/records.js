// What else the account has: logins, allowed addresses, routes, numbers and calls, as Vobiz's console shows them.

import { byId, h, keyed } from "./dom.js";
import { roving } from "./roving.js";
import { tell } from "./trunk.js";

const LISTS = [
  { name: "credentials", title: "Logins", text: (row) => row.username, more: (row) => row.realm, add: "User name", like: "sales1" },
  { name: "ip-acl", title: "Allowed addresses", text: (row) => row.ip_address, more: (row) => row.description, add: "Address", like: "10.20.30.0/24" },
  { name: "origination-uris", title: "Routes", text: (row) => row.uri, more: (row) => row.description, add: "SIP URI", like: "sip:pbx.example.com" },
];
const POINTERS = {
  credentials: ["credential_uuid"], "ip-acl": ["ipacl_uuid"], "origination-uris": ["primary_uri_uuid", "fallback_uri_uuid"],
};
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** `change(list, id, act, value)` is Vobiz's console: `{ok, error}`. */
export function createRecords(change) {
  const groups = [...LISTS.map((list) => records(list, change)), numbers(change), calls()];
  byId("records").append(...groups.map(({ root }) => root));
  return { render: (vobiz) => groups.forEach(({ render }) => render(vobiz)) };
}

/** A list that opens; its heading says how many there are. */
function group(name, title, empty, ...more) {
  const count = h("span", { class: "count" });
  const none = h("p", { class: "panel-empty" }, empty);
  const list = h("ul", { class: "rows", "aria-label": title });
  const said = h("p", { class: "said" });
  const root = h("details", { class: "group", testid: `group-${name}` }, h("summary", {}, h("h3", {}, title), " ", count), none, list, said, more);
  const refresh = roving(list, ".row");

  function draw(rows, row) {
    count.textContent = String(rows.length);
    none.hidden = rows.length > 0;
    list.hidden = rows.length === 0;
    const held = list.contains(document.activeElement);
    keyed(list, rows, ({ id, uuid }) => id ?? uuid, row);
    refresh();
    if (held && !root.contains(document.activeElement)) root.firstElementChild.focus(); // what was deleted had it
  }

  return { root, draw, said };
}

function records({ name, title, text, more, add, like }, change) {
  const field = h("input", { class: "field small", placeholder: like, "aria-label": `${add} to add in the console`, autocomplete: "off" });
  const form = h("form", { class: "add", novalidate: true }, field, h("button", { testid: `add-${name}`, "aria-label": `Add to ${title.toLowerCase()}` }, "Add"));
  const { root, draw, said } = group(name, title, "None yet.", form);

  async function act(id, what, value) {
    const { ok, error } = await change(name, id, what, value);
    tell(said, ok ? "" : error, !ok);
    return ok;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await act("", "add", field.value.trim())) field.value = "";
  });

  const button = (row, what, label) =>
    h("button", { type: "button", testid: `${what}-${name}`, "aria-label": `${label} ${text(row)} in the console`, on: { click: () => act(row.id, what) } }, label);

  function drawRow(row, arriving) {
    const on = row.enabled !== false;
    return h(
      "li",
      { class: `row ${arriving ? "arriving" : ""}`, testid: `row-${name}` },
      h("strong", {}, text(row)),
      h("span", { class: `status ${on ? "status-up" : "status-down"}` }, on ? "on" : "off"),
      h("p", { class: "row-facts" }, [more(row), row.users.length ? `used by ${row.users.join(", ")}` : "used by no trunk"].filter(Boolean).join(" \u00B7 ")),
      h("div", { class: "trunk-acts" }, button(row, "status", on ? "Switch off" : "Switch on"), button(row, "delete", "Delete")),
    );
  }

  return {
    root,
    render({ lists, trunks }) {
      const users = (id) => trunks.filter((trunk) => POINTERS[name].some((key) => trunk[key] === id)).map((trunk) => trunk.name);
      draw(lists[name].map((row) => ({ ...row, users: users(row.id) })), drawRow);
    },
  };
}

function numbers(change) {
  const { root, draw, said } = group("numbers", "Numbers", "The account has no numbers.");

  function drawRow({ number, owner, trunks }) {
    const kinds = [
      number.account_id === owner ? "" : `of sub-account ${number.account_id}`,
      number.is_blocked ? "blocked" : "",
      number.is_trial_number ? "trial" : "",
      number.application_id ? `on application ${number.application_id}` : "",
    ].filter(Boolean);
    const choice = h(
      "select",
      { class: "field small", testid: "route-number", "aria-label": `Trunk of ${number.e164}`, on: { change: () => route(choice.value) } },
      h("option", { value: "" }, "on no trunk"),
      trunks.map(([id, name]) => h("option", { value: id }, name)),
    );
    choice.value = number.trunk_group_id ?? "";

    async function route(trunk) {
      const { ok, error } = await change("numbers", number.id, "route", trunk);
      tell(said, ok ? "" : error, !ok);
    }

    return h("li", { class: "row", testid: "row-numbers" }, h("strong", {}, number.e164), choice, kinds.length ? h("p", { class: "row-facts" }, kinds.join(" \u00B7 ")) : null);
  }

  return {
    root,
    render({ account, numbers: rows, trunks }) {
      const names = trunks.map((trunk) => [trunk.trunk_id, trunk.name]);
      draw(rows.map((number) => ({ id: number.id, number, owner: account, trunks: names })), drawRow);
    },
  };
}

function calls() {
  const { root, draw } = group("calls", "Calls", "No calls yet. A trunk places one.");

  function drawRow(call, arriving) {
    const answered = call.answer_time !== null;
    return h(
      "li",
      { class: `row ${arriving ? "arriving" : ""}`, testid: "row-calls" },
      h("strong", {}, `${call.caller_id_number} \u2192 ${call.destination_number}`),
      h("span", { class: `status ${answered ? "status-up" : "status-wait"}` }, answered ? `${call.billsec} s` : "not answered"),
      h("p", { class: "row-facts" }, [call.trunk, call.call_direction, clock.format(new Date(call.start_time))].join(" \u00B7 ")),
    );
  }

  return {
    root,
    render({ calls: rows, trunks }) {
      const name = (id) => trunks.find((trunk) => trunk.trunk_id === id)?.name ?? "a trunk that is gone";
      draw(rows.map((call) => ({ ...call, trunk: name(call.trunk_id) })), drawRow);
    },
  };
}
