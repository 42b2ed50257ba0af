// The bot as a process: whether it lives, and the switches that kill it and start it again.

import { byId, h } from "./dom.js";

const LOOKS = { up: ["up", "Up"], starting: ["wait", "Starting"], down: ["down", "Down"] };
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** `act("kill" | "start" | "restart")` resolves when it was done. Where the bot is no process nothing is shown. */
export function createBot(act) {
  const note = h("span", { class: "panel-note" });
  const line = h("p", { class: "bot-line", testid: "bot-line" });
  const restart = press("restart", "Kill it (kill -9), start it again", "danger");
  const kill = press("kill", "Kill, leave down", "");
  const start = press("start", "Start it", "primary");
  byId("bot-head").append(note);
  byId("bot").append(line, h("div", { class: "bot-acts" }, restart, start, kill));

  function press(what, label, kind) {
    const button = h("button", { type: "button", class: `button small ${kind}`, testid: `bot-${what}` }, label);
    button.addEventListener("click", async () => {
      button.setAttribute("aria-busy", "true");
      await act(what);
      button.removeAttribute("aria-busy");
      if (button.hidden && document.activeElement === document.body) (start.hidden ? restart : start).focus();
    });
    return button;
  }

  return {
    render(bot) {
      byId("bot").hidden = !bot;
      byId("bot-state").hidden = !bot || bot.state === "up";
      if (!bot) return;
      const since = clock.format(new Date(bot.since * 1000));
      const [look, word] = LOOKS[bot.state];
      note.replaceChildren(h("span", { class: `status status-${look}`, testid: "bot-status" }, word));
      line.textContent = told(bot, since);
      restart.hidden = bot.state === "down";
      start.hidden = bot.state !== "down";
      kill.hidden = bot.state === "down";
      const banner = bot.state === "down" ? `The bot is down (${bot.ended || "not started yet"}). Slack and Vobiz live on.` : "The bot is starting\u2026";
      if (byId("bot-state").textContent !== banner) byId("bot-state").textContent = banner;
    },
  };
}

function told({ state, pid, ended }, since) {
  if (state === "up") return `pid ${pid}, up since ${since}. What was accepted goes on after a kill.`;
  if (state === "starting") return `pid ${pid}, started ${since}, not ready yet.`;
  return `${ended ? `Ended ${since}: ${ended}.` : "Not started yet."} What it accepted is in its database.`;
}
