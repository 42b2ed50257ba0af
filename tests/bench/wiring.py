"""What the benchmark's processes agree on: names, secrets, and what a subject is told at its start."""

import json
import os
from dataclasses import dataclass
from typing import Final

TOKEN: Final = "xoxb-bench"
SECRET: Final = "bench-signing-secret"
ACCOUNT: Final = "MA_BENCH"
TEAM: Final = "T1"
CHANNEL: Final = "C0BENCH01"
USER: Final = "U0BENCH01"
EVENTS: Final = "/slack/events"
HOST: Final = "127.0.0.1"

View = dict[str, object]


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where a subject listens (`port`), where its Slack is (`slack`, ends with /), and the view it opens.

    Every subject opens the same view; it is built once, outside, so that only the bot pays for building it.
    """

    port: int
    slack: str
    view: View

    @staticmethod
    def read() -> "Wiring":
        """Read it from the environment of a subject's process."""
        view: View = json.loads(os.environ["BENCH_VIEW"])
        return Wiring(int(os.environ["PORT"]), os.environ["SLACK_API_URL"], view)

    def environment(self) -> dict[str, str]:
        """Write it for the environment of a subject's process."""
        return {"PORT": str(self.port), "SLACK_API_URL": self.slack, "BENCH_VIEW": json.dumps(self.view)}
