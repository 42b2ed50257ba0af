"""The front door as Markdown: figures, ratios, what was asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.bench.page import line
from tests.bench.rounds import Figures, Plan, Results, middle
from tests.bench.subjects import FLOOR, OURS, STOCK, SUBJECTS


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: one figure, how it is written, what design asks of `ours`.

    `floor` and `stock` are the most (for a rate: the least) that `ours` may be of the floor's and of the best
    stock app's figure; `bound` is in the figure's own unit.
    """

    label: str
    figure: str
    form: str = "{:.2f} ms"
    floor: float | None = None
    stock: float | None = None
    bound: float | None = None
    more_is_better: bool = False


_ROWS: Final = (
    Row("command → ack, p50, one at a time", "ack", floor=1.6),
    Row("… p99", "ack99"),
    Row("command → views.open at Slack, p50", "opened", floor=1.6),
    Row("… p99", "opened99"),
    Row("commands per second, {width} at once", "rate", "{:.0f}", stock=1.25, more_is_better=True),
    Row("command → ack, p50, {width} at once", "crowd_ack"),
    Row("… p99", "crowd_ack99"),
    Row("command → views.open, p50, {width} at once", "crowd_opened"),
    Row("… p99", "crowd_opened99"),
    Row("TCP connections to Slack for {connecting} commands", "connections", "{:.0f}", bound=20),
    Row("the first start → ready", "first", "{:.2f} s", bound=2),
    Row("a later start → ready", "start", "{:.2f} s", bound=2),
    Row("resident memory after the load", "memory", "{:.0f} MB", bound=125),
)


def front(plan: Plan, results: Results) -> str:
    """Write the section of the front door."""
    middles = {name: middle(rounds) for name, rounds in results.items()}
    floor = [one.ack for one in results[FLOOR]]
    lines = [
        *_table(plan, middles),
        "",
        *(f"- **{subject.name}**: {subject.about}." for subject in SUBJECTS),
        "",
        *_method(plan, floor),
    ]
    return "\n".join(lines)


def _method(plan: Plan, floor: list[float]) -> list[str]:
    return [
        f"One run, one machine, all on loopback, each subject in a process of its own: {plan.rounds} rounds,",
        "the order rotated, each figure the median of the rounds. In a round a subject is started twice,",
        f"warmed with {plan.warm} commands, sent {plan.alone} one at a time,",
        f"{plan.connecting} (connections counted) and {plan.crowd} {plan.width} at once. Times are from",
        "sending, as a client sees them; the arrival of views.open is taken at the fake Slack. Commands",
        "per second count until the last modal is open. The best stock app is the better one in that line.",
        "",
        f"How still the machine was: the floor's p50 of command → ack was {min(floor):.2f} to",
        f"{max(floor):.2f} ms over the rounds.",
    ]


def _table(plan: Plan, middles: Mapping[str, Figures]) -> list[str]:
    names = list(middles)
    head = ["", *names, "ours ÷ floor", "ours ÷ best stock", "asked of ours"]
    lines = [line(head), line(["---", *["---:"] * (len(head) - 2), "---"])]
    for row in _ROWS:
        figures = {name: float(getattr(middles[name], row.figure)) for name in names}
        ours, floor = figures[OURS], figures[FLOOR]
        best = (max if row.more_is_better else min)(figures[name] for name in STOCK)
        lines.append(
            line(
                [
                    row.label.format(width=plan.width, connecting=plan.connecting),
                    *(row.form.format(figures[name]) for name in names),
                    f"{ours / floor:.2f}",
                    f"{ours / best:.2f}",
                    _asked(row, ours, floor, best),
                ]
            )
        )
    return lines


def _asked(row: Row, ours: float, floor: float, best: float) -> str:
    sign = "≥" if row.more_is_better else "≤"
    asked = [
        (f"{sign} {row.floor} x floor", row.floor * floor) if row.floor else None,
        (f"{sign} {row.stock} x best stock", row.stock * best) if row.stock else None,
        (f"{sign} {row.form.format(row.bound)}", row.bound) if row.bound else None,
    ]
    return ", ".join(
        f"{words}: {'reached' if (ours >= limit if row.more_is_better else ours <= limit) else '**missed**'}"
        for words, limit in filter(None, asked)
    )
