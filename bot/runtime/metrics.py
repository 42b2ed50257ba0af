"""What the bot counts and times, for `/metrics`: a registry of its own, and one method for each thing.

Calling one costs a microsecond. Labels are words from our code and error codes, within bounds; nothing here
names a person, a channel or a trunk. docs/operating.md says what each metric means, and a test compares.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Generic, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.domain.observer import Signature
from bot.domain.operation import LIVE, Standing, State

PREFIX: Final = "trunk_bot"
OTHER: Final = "other"
NONE: Final = "none"  # the error of what worked
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# Codes of Slack's, words of ours and names of methods. Whatever does not look like one is `other`.
_WORD: Final = re.compile(r"[a-z_]{1,40}|http_[0-9]{3}|[a-z]+(\.[a-zA-Z]{1,30}){1,2}")
_SERIES_MAX: Final = 150  # of one metric; what is new after that has `other` for its last label
_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)  # Slack waits for 3 s
_SLOW: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)  # VOBIZ_TIMEOUT is at most 120 s

M = TypeVar("M", Counter, Gauge, Histogram)


class _Labelled(Generic[M]):
    """A metric's series, kept: the library's own look-up takes 1 µs, this one a tenth."""

    def __init__(self, metric: M) -> None:
        self._metric: M = metric
        self._series: dict[tuple[str, ...], M] = {}

    def of(self, *labels: str) -> M:
        found = self._series.get(labels)
        return self._bounded(labels) if found is None else found

    def _bounded(self, labels: tuple[str, ...]) -> M:
        words: tuple[str, ...] = tuple(label if _WORD.fullmatch(label) else OTHER for label in labels)
        if words not in self._series and len(self._series) >= _SERIES_MAX:
            words = (*words[:-1], OTHER)
        return self._series.setdefault(words, self._metric.labels(*words))


class Metrics:
    """One process's metrics. `bot.app` makes them and hands them, or one method, to whoever has news.

    `verbs` are the words of the commands that open a form.
    """

    def __init__(self, verbs: Iterable[str] = ()) -> None:
        # Else each series has a second line that says when it began: nobody asks.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without types
        self._registry = CollectorRegistry()
        self.described: dict[str, tuple[str, ...]] = {}  # our metrics as they are exposed, and their labels
        ProcessCollector(registry=self._registry)
        self._commands = _Labelled(
            self._counter("commands", "Commands, by verb and by what was answered", "verb", "answer")
        )
        self._acks = _Labelled(
            self._histogram("ack_seconds", "Receipt of a request to its answer", _QUICK, "kind")
        )
        self._refused = _Labelled(
            self._counter("requests_refused", "Requests that are not surely from Slack, by why", "verdict")
        )
        self._unreadable = self._counter("requests_unreadable", "Signed requests that are not as Slack's are")
        self._misdirected = self._counter("requests_misdirected", "Requests as Slack's to another path")
        self._repeated = self._counter("requests_repeated", "Requests that came again, answered as before")
        self._opens = self._histogram(
            "open_seconds", "Receipt of a request to the answer of views.open", _QUICK
        )
        self._moves = _Labelled(
            self._counter("transitions", "Operations that moved, by how they stand since", "standing")
        )
        self._live = _Labelled(self._gauge("operations", "Operations in a state that is not an end", "state"))
        self._oldest = self._gauge("oldest_unknown_seconds", "Since the oldest unknown operation was sent")
        self._vobiz = _Labelled(self._counter("vobiz_calls", "Calls to Vobiz", "call", "outcome"))
        self._vobiz_seconds = _Labelled(
            self._histogram("vobiz_seconds", "Call to Vobiz to its answer, or to giving up", _SLOW, "call")
        )
        self._slack = _Labelled(self._counter("slack_calls", "Calls to Slack", "method", "error"))
        self._deliveries = _Labelled(
            self._counter("deliveries", "Tries to tell people a result", "route", "error")
        )
        self._ready = _Labelled(self._gauge("ready", "Checks of readiness: 1 is well", "check"))
        # A counter that appears with its first event hides it from rate() and increase().
        for standing in Standing:
            self._moves.of(standing)
        for verb in (*verbs, "status", "history", "doctor", "help", "problem"):
            self._commands.of(verb, "failed")
        for verb in verbs:
            self._commands.of(verb, "no_form")
        for verdict in Signature:
            if verdict is not Signature.GOOD:
                self._refused.of(verdict)

    def command(self, verb: str, answer: str) -> None:
        """Count a command."""
        self._commands.of(verb, answer).inc()

    def acked(self, kind: str, seconds: float) -> None:
        """Note how long a request of Slack's waited for its answer."""
        self._acks.of(kind).observe(seconds)

    def refused(self, verdict: str) -> None:
        """Count a request that was not surely from Slack."""
        self._refused.of(verdict).inc()

    def unreadable(self) -> None:
        """Count a signed request that is not of the shape that Slack's are."""
        self._unreadable.inc()

    def misdirected(self) -> None:
        """Count a request that seems to be Slack's and came to another path."""
        self._misdirected.inc()

    def repeated(self) -> None:
        """Count a request that came again and got the answer of the first."""
        self._repeated.inc()

    def opened(self, seconds: float) -> None:
        """Note how long after a person's request Slack had answered views.open."""
        self._opens.observe(seconds)

    def moved(self, standing: Standing) -> None:
        """Count a transition."""
        self._moves.of(standing).inc()

    def vobiz(self, call: str, outcome: str, seconds: float) -> None:
        """Count and time a call to Vobiz."""
        self._vobiz.of(call, outcome).inc()
        self._vobiz_seconds.of(call).observe(seconds)

    def slack(self, method: str, error: str | None) -> None:
        """Count a call to Slack."""
        self._slack.of(method, NONE if error is None else error).inc()

    def delivered(self, route: str, error: str | None) -> None:
        """Count a try to tell people."""
        self._deliveries.of(route, NONE if error is None else error).inc()

    def checked(self, checks: Mapping[str, bool]) -> None:
        """Set what the checks of readiness say."""
        for name, well in checks.items():
            self._ready.of(name).set(well)

    def counted(self, live: Mapping[State, float], oldest_unknown: float) -> None:
        """Set how many operations are in which state, and the age of the oldest unknown one in seconds."""
        for state in LIVE:
            self._live.of(state).set(live.get(state, 0))
        self._oldest.set(oldest_unknown)

    def uncounted(self) -> None:
        """Say of the operations that they could not be counted: NaN, which no threshold mistakes for well."""
        self.counted(dict.fromkeys(LIVE, float("nan")), float("nan"))

    def exposition(self) -> bytes:
        """Write everything in Prometheus' text format, of the type `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        self.described[f"{PREFIX}_{name}_total"] = labels
        return Counter(name, about, labels, namespace=PREFIX, registry=self._registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        self.described[f"{PREFIX}_{name}"] = labels
        return Gauge(name, about, labels, namespace=PREFIX, registry=self._registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        self.described[f"{PREFIX}_{name}"] = labels
        return Histogram(name, about, labels, namespace=PREFIX, registry=self._registry, buckets=buckets)
