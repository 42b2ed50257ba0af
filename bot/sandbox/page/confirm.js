// Asks before an act: Slack's `confirm` composition object, as a small dialog over everything.

import { h } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** Resolves to whether the person confirmed. Texts are Slack text objects or strings. */
export function ask({ title, text, confirm, deny, style }, names) {
  return new Promise((resolve) => {
    const yes = h(
      "button",
      { class: `button ${style === "danger" ? "danger" : "primary"}`, value: "yes", testid: "confirm-yes" },
      textNodes(confirm ?? "Confirm", names),
    );
    const no = h("button", { class: "button", value: "no", testid: "confirm-no" }, textNodes(deny ?? "Cancel", names));
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text", testid: "confirm" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "confirm-title" }, textNodes(title, names)),
        h("p", { id: "confirm-text" }, textNodes(text, names)),
        h(
          "div",
          { class: "dialog-buttons" },
          no,
          yes,
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus(); // whoever presses Enter twice does nothing twice
  });
}
