// Slack's date tokens (docs.slack.dev/reference/block-kit/block-elements/date-element), in the reader's zone.

const LONG = { dateStyle: "full" };
const MEDIUM = { dateStyle: "long" };
const SHORT = { dateStyle: "medium" };
const intl = (options) => (when) => new Intl.DateTimeFormat(undefined, options).format(when);

const TOKENS = {
  date_num: (when) => [when.getFullYear(), two(when.getMonth() + 1), two(when.getDate())].join("-"),
  date_slash: intl({ year: "numeric", month: "2-digit", day: "2-digit" }),
  date: intl(MEDIUM), date_short: intl(SHORT), date_long: intl(LONG), date_long_full: intl(MEDIUM),
  date_pretty: pretty(MEDIUM), date_short_pretty: pretty(SHORT), date_long_pretty: pretty(LONG), day_divider_pretty: pretty(LONG),
  time: intl({ timeStyle: "short" }), time_secs: intl({ timeStyle: "medium" }),
  ago: (when) => ago((when.getTime() - Date.now()) / 1000),
};

const two = (number) => String(number).padStart(2, "0");

/** Fills a format's tokens for a Date. */
export function dateText(when, format) {
  return format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(when) ?? whole);
}

function pretty(options) {
  const day = (when) => new Date(when.getFullYear(), when.getMonth(), when.getDate());
  return (when) => {
    const days = Math.round((day(when) - day(new Date())) / 86_400_000);
    return Math.abs(days) <= 1 ? new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(days, "day") : intl(options)(when);
  };
}

function ago(seconds) {
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60]];
  const [unit, size] = units.find(([, least]) => Math.abs(seconds) >= least) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
