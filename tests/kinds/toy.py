"""A kind that the bot knows nothing of: one step or three, with a guard and a secret. It is all here."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.blockkit.blocks import Block, wording
from bot.blockkit.report import Fact
from bot.blockkit.text import Said
from bot.domain.operation import Step
from bot.domain.outcome import Data, Thing
from bot.kinds.base import (
    At,
    CannotTell,
    Errors,
    Finding,
    Kind,
    Limits,
    NotThere,
    Several,
    ThisOne,
    Trace,
    Typed,
)
from bot.kinds.wording import Words
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.writes import Write


class Badge(BaseModel):
    """What was confirmed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1, max_length=40)
    sides: Literal[1, 3]


class BadgeWords(Words):
    noun, verb, doing, done = "badge", "print", "printing", "printed"
    nothing, title, submit, now = "Nothing was printed.", "Print a badge", "Print badge", "Print badge now"

    def of(self, step: str) -> Words:
        return _LOCK if step == "lock" else super().of(step)

    def signs_in(self, request: Data, seen: Data, done: tuple[Step, ...]) -> tuple[Fact, ...]:
        return (Fact("Opens", (Said(f"the lock of {request['label']}"),)),)


class LockWords(BadgeWords):
    password = True


_LOCK = LockWords()


class PrintBadge(Kind):
    name, verb, resource, guarded = "print_badge", "badge", "trunk", True
    Request: ClassVar[type[BaseModel]] = Badge
    words: ClassVar[Words] = BadgeWords()

    def parse(self, text: str, start: int, limits: Limits) -> Data:
        label, _, sides = text[start:].strip().partition(" ")
        return {"label": label, "sides": 3 if sides.strip() == "3" else 1}

    def line(self, known: Data) -> str:
        return f"badge {known['label']} {known['sides']}"

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        return [
            {
                "type": "input",
                "block_id": block,
                "label": wording(block.capitalize()),
                "element": {
                    "type": "plain_text_input",
                    "action_id": block,
                    "initial_value": str(known[block]),
                },
            }
            for block in ("label", "sides")
        ]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        return {"label": typed("label") or "", "sides": 3 if typed("sides") == "3" else 1}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        known = self.typed(typed, limits, seen)
        return Badge.model_validate(known) if known["label"] else Errors({"label": "Enter a label."})

    def subject(self, request: Data) -> str:
        return str(request["label"])

    def about(self, known: Data, seen: Data) -> str:
        return str(known["label"])

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        return (f"badge|{account}|{request['label']}",)

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        return {"there": None if now is None else len(now.trunks)}

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        return None if seen["there"] in {None, len(now.trunks)} else {"there": len(now.trunks)}

    def rechecks(self, at: At) -> Needs:
        return Needs()

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        before, there = at.seen["there"], len(now.trunks) - len(at.done)
        return {"there": there} if isinstance(before, int) and there > before else None

    def steps(self, request: Data) -> tuple[str, ...]:
        return ("front", "lock", "back") if request["sides"] == 3 else ("front",)

    def secret(self, step: str) -> bool:
        return step == "lock"

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        body = {
            "name": f"{at.request['label']} {at.step.name}",
            "trunk_type": "INBOUND",
            "max_concurrent_calls": 1,
        }
        return Write("badge", "POST", "trunks", body | ({"password": secret} if secret else {}))

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        made = body.get("trunk_id") if body else None
        return Thing(id=made) if isinstance(made, str) and made else "no_id"

    def find(self, trace: Trace) -> Finding:
        name, known = f"{trace.request['label']} {trace.step.name}", trace.before.ids if trace.before else ()
        own = {step.thing.id.casefold() for step in trace.done if step.thing}
        new = [
            one for one in trace.now.trunks if one.name == name and one.id.casefold() not in {*known, *own}
        ]
        if len(new) == 1 and trace.before is not None and trace.now.whole:
            return ThisOne(Thing(id=new[0].id), "the only one of this name, and new")
        if new:
            return Several(tuple(Thing(id=one.id) for one in new))
        return NotThere() if trace.now.whole else CannotTell()
