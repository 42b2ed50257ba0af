// Talks to the sandbox's control API: read the state, hear of changes, act as a person.

/** What one person sees; null when the sandbox does not answer, "unknown" when it knows no such person. */
export async function readState(person) {
  try {
    const response = await fetch(`/sandbox/state?as=${encodeURIComponent(person)}`, { cache: "no-store" });
    if (response.ok) return await response.json();
    return response.status < 500 ? "unknown" : null;
  } catch {
    return null;
  }
}

/** Posts to the control API. Always resolves: `{ok: false, error}` when nothing usable came back. */
async function post(path, body) {
  try {
    const response = await fetch(`/sandbox/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    return { ...answer, ok: response.ok && answer.ok !== false };
  } catch {
    return { ok: false, unreachable: true, error: "The sandbox did not answer." };
  }
}

export const sendCommand = (as, channel, text) => post("command", { as, channel, text });
export const submitView = (as, viewId, values) => post("submit", { as, view_id: viewId, values });
/** `everything` closes the whole stack of views, as a modal's x does; else only the one in front. */
export const closeView = (as, viewId, everything) => post("close", { as, view_id: viewId, everything });
export const sendAction = (as, action) => post("action", { as, ...action });
/** Tells the bot that a person opened its Home tab. */
export const openHome = (as) => post("home", { as });
export const runShortcut = (as, channel, callbackId) => post("shortcut", { as, channel, callback_id: callbackId });
export const setFault = (side, fault) => post("fault", { side, fault });
/** Changes a trunk as somebody would in Vobiz's console: `act` is `status`, `calls`, `delete`, or what to attach. */
export const changeTrunk = (trunk, act, value) => post("console", { trunk, act, value });
/** Changes a record of a list likewise (`add`, `status`, `delete`), or a number (`route`). */
export const changeListed = (list, id, act, value) => post("console", { list, id, act, value });
/** Places a call on a trunk: `{ok, call}`, or `{error}` with what is missing; after 0 seconds nobody answered. */
export const placeCall = (trunk, seconds) => post("call", { trunk, seconds });
export const setKeyboard = (keyboard) => post("keyboard", { keyboard });
/** `what` is "kill", "start" or "restart". */
export const actOnBot = (what) => post("bot", { do: what });
export const reset = () => post("reset", {});

/** What one delivery carried both ways: `{ok, request, response}`; always resolves. */
export async function readDelivery(id) {
  try {
    return await (await fetch(`/sandbox/delivery/${id}`, { cache: "no-store" })).json();
  } catch {
    return { ok: false, error: "The sandbox did not answer." };
  }
}

/** Calls `changed` on each change and on each (re)connection, `online(bool)` as the link comes and goes. */
export function listen(changed, online) {
  const source = new EventSource("/sandbox/changes");
  source.addEventListener("message", changed);
  source.addEventListener("open", () => {
    online(true);
    changed();
  });
  source.addEventListener("error", () => {
    online(false);
    // A browser gives up for good after some answers (a proxy's 502, say); a person should not have to reload.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(changed, online), 2000);
  });
}
