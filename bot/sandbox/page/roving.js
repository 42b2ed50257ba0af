// Lists that are one stop of the Tab key: arrows walk through the items, Tab goes on to what is after the list.

const CONTROLS = "a[href], button, input, select, textarea, summary, pre[tabindex]";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * Items are `selector` in `list`: themselves focusable (a button), or holding controls, which then are tab stops
 * in the chosen item only. The chosen one is where the focus was last, at first `start(items)`. The returned
 * function is to be called after each drawing.
 */
export function roving(list, selector, start = (items) => items[0]) {
  let chosen = null;
  const items = () => [...list.querySelectorAll(selector)];

  function refresh() {
    const all = items();
    const now = all.includes(chosen) ? chosen : start(all);
    for (const item of all) {
      const stop = item === now ? 0 : -1;
      if (item.tabIndex !== stop || !item.hasAttribute("tabindex")) item.tabIndex = stop;
      for (const control of item.querySelectorAll(CONTROLS)) if (control.tabIndex !== stop) control.tabIndex = stop;
    }
  }

  list.addEventListener("focusin", (event) => {
    const item = event.target.closest(selector);
    if (!item || item === chosen) return;
    chosen = item;
    refresh();
  });
  list.addEventListener("keydown", (event) => {
    // An arrow in a control of an item (a select, a text) is the control's own.
    if (!event.target.matches(selector) || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = items();
    const here = all.indexOf(event.target);
    const next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : event.key in STEPS ? here + STEPS[event.key] : null;
    if (next === null || !all[next]) return;
    event.preventDefault();
    all[next].focus();
  });
  return refresh;
}
