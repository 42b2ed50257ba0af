"""The durable half as Markdown: what each store costs, at one flow at a time and at many."""

from collections.abc import Mapping
from typing import Final

from tests.bench.page import line, rule
from tests.bench.stores import FlowPlan, Spread, Steps, StoreFigures

_MOST: Final = 15.0  # milliseconds that design allows for the median of a durable step, one at a time
_STEPS: Final = (
    ("confirm → acknowledged", "acknowledged", None),
    ("confirm → POST at Vobiz", "posted", _MOST),
    ("Vobiz's answer → chat.postMessage", "told", _MOST),
    ("command → chat.postMessage, the whole flow", "whole", None),
)


def durable(plan: FlowPlan, found: Mapping[str, StoreFigures]) -> str:
    """Write the section of the durable half."""
    figures = list(found.values())
    lines = [line(["", *found, "asked"]), rule(len(found) + 2)]
    for words, field, most in _STEPS:
        alone = [spread(one.alone, field) for one in figures]
        asked = ""
        if most is not None:
            slow = [name for name, one in zip(found, alone, strict=True) if one.p50 > most]
            asked = f"p50 ≤ {most:.0f} ms: {'**missed** on ' + '; '.join(slow) if slow else 'reached'}"
        lines.append(line([f"{words}, one at a time: p50 / p99", *map(_both, alone), asked]))
    for words, field, _ in _STEPS:
        crowd = [spread(one.crowd, field) for one in figures]
        lines.append(line([f"{words}, {plan.width} at once: p50 / p99", *map(_both, crowd), ""]))
    one, other = found["Postgres, 1 instance"].rate, found["Postgres, 2 instances"].rate
    rates = [f"{figure.rate:.1f}" for figure in figures]
    lines.append(
        line([f"whole create flows per second, {plan.width} at once", *rates, f"{other / one:.2f} x"])
    )
    lines.append(line(["resident memory of an instance", *(f"{f.memory:.0f} MB" for f in figures), ""]))
    return "\n".join([*lines, "", *_method(plan)])


def spread(steps: Steps, field: str) -> Spread:
    """Return one step of a flow."""
    found: Spread = getattr(steps, field)
    return found


def _both(figure: Spread) -> str:
    return f"{figure.p50:.1f} / {figure.p99:.1f} ms"


def _method(plan: FlowPlan) -> list[str]:
    return [
        "A flow is the command, the form as it opens, its confirmation, the one POST, and the message in the",
        "channel. Every instance, the load, and a fake Slack and Vobiz that answer at once are processes of",
        f"their own; with Postgres its server shares the machine too. {plan.warm} flows to warm up,",
        f"{plan.alone} one at a time, {plan.crowd} with {plan.width} at once. A confirmation is acknowledged",
        "when it is on the disk (fsync), so the disk is part of every figure.",
    ]
