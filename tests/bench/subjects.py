"""The subjects of the benchmark, from the least that could be to the bot itself."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.domain.reference import new_operation_id
from bot.kinds.base import Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.set_up_trunk import SetUpTrunk
from bot.slack.sealing import Form, Sealer
from bot.words.form import Terms, form_modal
from tests.bench.wiring import ACCOUNT, CHANNEL, HOST, SECRET, TEAM, TOKEN, USER, View

ROOT: Final = Path(__file__).parents[2]
FLOOR: Final = "floor"
OURS: Final = "ours"
STOCK: Final = ("stock", "stock, ack last")


@dataclass(frozen=True, slots=True)
class Subject:
    """One of them: `about` for people, the arguments to Python, the path that says it is ready (if any)."""

    name: str
    about: str
    arguments: tuple[str, ...]
    ready: str | None = None

    @property
    def argv(self) -> tuple[str, ...]:
        """The command that starts it."""
        return (sys.executable, *self.arguments)


BOT: Final = Subject(
    OURS,
    "`python -m bot`, everything on: signature and replay check, policy, the sealed form, SQLite, and "
    "the look at the Vobiz account after each modal",
    ("-m", "bot"),
    ready="/readyz",
)
SUBJECTS: Final = (
    Subject(
        FLOOR,
        "a bare ASGI app on uvicorn that parses the form, calls views.open with one aiohttp session, answers",
        ("-m", "tests.bench.floor"),
    ),
    Subject(
        STOCK[0],
        "slack_bolt.AsyncApp with all defaults on its own aiohttp server; ack, then views.open",
        ("-m", "tests.bench.stock"),
    ),
    Subject(STOCK[1], "the same; views.open, then ack", ("-m", "tests.bench.stock", "--ack-last")),
    Subject(
        "tuned",
        "AsyncApp(process_before_response=True), authorize from memory, one session, views.open before ack, "
        "ASGI adapter on uvicorn; no policy, store, log or look",
        ("-m", "tests.bench.tuned"),
    ),
    BOT,
)


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every subject; `base` is what the benchmark itself runs in.

    Only what Python needs is taken over: a deployer's own SLACK_… and TRUNK_… must not leak in.
    """
    kept = {name: base[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in base}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "VOBIZ_AUTH_ID": ACCOUNT,
        "VOBIZ_AUTH_TOKEN": "bench-token",
        "DATABASE_URL": "sqlite:///bench.db",
        "TRUNK_OPERATORS": "*",
        "HOST": HOST,
        "LOG_LEVEL": "INFO",
    }


def view() -> View:
    """Build the modal that the other subjects open: the bot's own, with sealed metadata of true length."""
    form = Form(
        kind=CreateTrunk.name,
        operation=new_operation_id(),
        team=TEAM,
        user=USER,
        channel=CHANNEL,
        opened_at=0,
        reply=f"https://hooks.slack.test/commands/{TEAM}/1/0123456789abcdefghij",
    )
    known = {"name": "Sales", "direction": "outbound", "calls": 10}
    terms = Terms(ACCOUNT, CHANNEL, Limits(1000), others=(SetUpTrunk(),))
    return form_modal(CreateTrunk(), known, terms, Sealer(TOKEN).seal_form(form))
