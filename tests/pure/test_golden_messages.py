"""The messages as people read them, one file a state: tests/data/messages/*.txt.

`GOLDEN=write pytest tests/pure/test_golden_messages.py` writes them anew; read them aloud before you commit.
Each begins with the notification, which is the first line of the text: all that a lock screen shows.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from bot.blockkit.layout import Message
from bot.commands.history_query import ByName, Everything
from bot.commands.parse import parse
from bot.commands.problems import Problem
from bot.domain.history import Overview, Page
from bot.domain.operation import Choice, Look, Operation
from bot.domain.policy import Allowed, Denial, Denied, Members, NeedsApproval
from bot.domain.proof import Call, Proof
from bot.domain.records import Post
from bot.kinds.base import Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.registry import KINDS
from bot.words import approval_answers, approval_message, status
from bot.words.answers import (
    Gone,
    duplicate_message,
    recorded_message,
    refused_message,
    status_message,
    status_missing_message,
    too_late_message,
)
from bot.words.command_help import help_message, problem_message, view_failed_message
from bot.words.deny_form import deny_modal
from bot.words.first_call import first_call_message
from bot.words.form import Approval, Terms, form_modal
from bot.words.history import page_message
from bot.words.home import Manner, home_view
from bot.words.modal import operation_modal
from tests import readiness_samples
from tests import wording_samples as of
from tests.plain_blocks import written
from tests.pure import number_messages, place_messages, set_up_messages, trunk_messages
from tests.wording_samples import HOSTILE_NAMES, OPERATION, OPERATIONS, TRUNK, words

FOLDER: Final = Path(__file__).parents[1] / "data" / "messages"
OPERATORS: Final = Members(frozenset({"U0ASHA001", "U0OMAR001"}), frozenset({"S0ONCALL1"}))
LIMITS: Final = Limits(1000)
INBOUND: Final = of.created(TRUNK.model_copy(update={"direction": "inbound"}))
TWINS: Final = Look(finished=True, whole=True, candidates=of.TRUNKS, again=True)
_WANTED: Final = replace(OPERATION, id="cd" * 16, request={**OPERATION.request, "calls": 250})
BIG: Final = replace(of.asks(_WANTED, "Launch on Monday", above=100), seen={**of.SEEN, "ceiling": 50})


def told(op: Operation, *, instead_of: str | None = None, unheard: bool = False) -> Message:
    return status.operation_message(
        op,
        words(op),
        settle=60,
        deciders=OPERATORS,
        approvals=None if unheard else "C0APPROV1",
        instead_of=instead_of,
        unheard=unheard,
    )


def asked(op: Operation) -> Message:
    return approval_message.approval_message(op, words(op), OPERATORS, op.bound, decided_at=op.updated_at)


def problem(text: str) -> Message:
    found = parse(text, KINDS.verbs, LIMITS)
    assert isinstance(found, Problem)
    return problem_message(found, "/trunk")


def form(approval: Approval | None, seen: Mapping[str, object] | None = None) -> Message:
    known = {"name": "Big", "direction": "outbound", "calls": 250}
    view = form_modal(
        CreateTrunk(), known, Terms("MA_SANDBOX1", "C0VOICE01", LIMITS), "", seen, approval=approval
    )
    return _view(view)


def _view(view: Mapping[str, object]) -> Message:
    blocks, title, submit = view["blocks"], view.get("title"), view.get("submit")
    assert isinstance(blocks, list)
    head = f"{title['text'] if isinstance(title, dict) else 'Home'}"
    return Message(f"{head} [{submit['text']}]" if isinstance(submit, dict) else head, tuple(blocks))


def _viewed(made: Callable[[], Mapping[str, object]]) -> Message:
    return _view(made())


def home(decision: Allowed | NeedsApproval) -> Message:
    unknown = replace(OPERATIONS["asking, nothing found"], id="ab" * 16)
    looking = replace(OPERATIONS["unknown"], id="ba" * 16)
    seen = Overview(
        waiting=(BIG,) if isinstance(decision, Allowed) else (),
        mine=(OPERATIONS["awaiting, in full"], looking),
        ended=(OPERATIONS["denied, in full"], OPERATIONS["rejected"]),
        unknown=(unknown, looking),
        last=(OPERATIONS["created"], OPERATIONS["created, picked"]),
        places={unknown.id: Post("C0VOICE01", "1795400001.000100")},
    )
    manner = Manner(link=lambda post: f"https://acme.slack.com/archives/{post.channel}/p{post.ts}")
    return _view(home_view("U0ASHA001", seen, decision=decision, kinds=KINDS, manner=manner))


def as_named(name: str) -> Operation:
    return of.named(of.created(TRUNK.model_copy(update={"name": name})), name)


def twin(op: Operation) -> Message:
    found = {"candidates": [of.thing(of.BARE_TRUNK).model_dump(mode="json")]}
    return status.late_message(op, words(op), found)


def first_call(**said: object) -> Message:
    call = Call.model_validate({"at": DONE.updated_at + 60_000, "answered": True} | said)
    op = replace(DONE, proof=Proof(watched=True, call=call))
    message = first_call_message(op, words(op))
    assert message is not None
    return message


UNSURE: Final = OPERATIONS["asking, nothing found"]
DONE: Final = OPERATIONS["created"]
WAITS: Final = OPERATIONS["awaiting, in full"]
ALONE: Final = OPERATIONS["break glass, accepted"]
DISABLED: Final = TRUNK.model_copy(update={"status": "inactive", "name": "Sales EU"})
W: Final = words(OPERATION)
STATES: Final[Mapping[str, Callable[[], Message]]] = {
    "created-outbound": lambda: told(DONE),
    "created-inbound": lambda: told(replace(INBOUND, request={**INBOUND.request, "direction": "inbound"})),
    "created-not-as-requested": lambda: told(
        of.created(TRUNK.model_copy(update={"direction": "both", "calls": 2}))
    ),
    "created-little-stated": lambda: told(of.created(of.BARE_TRUNK)),
    "created-found": lambda: told(OPERATIONS["created, found by looking"]),
    "created-picked": lambda: told(OPERATIONS["created, picked"]),
    "created-after-approval": lambda: told(OPERATIONS["approved, created"]),
    "created-without-approval": lambda: told(OPERATIONS["break glass, created"]),
    "created-elsewhere": lambda: told(DONE, instead_of="C0GENERAL"),
    "created-name-of-255-characters": lambda: told(as_named("Overflow 1234567 " * 15)),
    "created-name-right-to-left": lambda: told(as_named(HOSTILE_NAMES["right to left"].strip()[:30])),
    "created-name-of-mentions": lambda: told(as_named(HOSTILE_NAMES["pings"][:60])),
    "accepted": lambda: told(OPERATION),
    "sending": lambda: told(OPERATIONS["sending"]),
    "refused-422": lambda: told(of.refused(of.REFUSAL)),
    "refused-402": lambda: told(of.refused(of.REFUSAL.model_copy(update={"status": 402, "message": "Low"}))),
    "refused-429": lambda: told(of.refused(of.REFUSAL.model_copy(update={"status": 429}))),
    "refused-after-approval": lambda: told(OPERATIONS["approved, rejected"]),
    "refused-when-sent-again": lambda: told(OPERATIONS["rejected after sending again"]),
    "not-sent": lambda: told(OPERATIONS["not sent"]),
    "unknown-looking": lambda: told(OPERATIONS["unknown"]),
    "unknown-account-away": lambda: told(OPERATIONS["unknown, account away"]),
    "question-nothing-found": lambda: told(UNSURE),
    "question-several-found": lambda: told(of.unknown(TWINS)),
    "question-account-away": lambda: told(OPERATIONS["asking, account away"]),
    "question-calls-operators": lambda: status.question_message(UNSURE, W, OPERATORS),
    "closed-as-not-created": lambda: told(OPERATIONS["not created"]),
    "settled": lambda: status.settled_message(OPERATIONS["created, found by looking"], W),
    "repeat": lambda: status.repeat_message(DONE, W),
    "late-twin": lambda: twin(DONE),
    "late-answer": lambda: status.late_message(DONE, W, {"answer": of.thing(TRUNK).model_dump(mode="json")}),
    "waiting": lambda: told(BIG),
    "denied": lambda: told(OPERATIONS["denied, in full"]),
    "expired": lambda: told(OPERATIONS["expired, in full"]),
    "withdrawn": lambda: told(OPERATIONS["withdrawn, in full"]),
    "approval-question": lambda: asked(BIG),
    "approval-reminder": lambda: approval_message.reminder_message(BIG, W, OPERATORS, BIG.bound),
    "approval-given": lambda: asked(OPERATIONS["approved, accepted"]),
    "approval-given-created": lambda: asked(OPERATIONS["approved, created"]),
    "approval-given-refused": lambda: asked(OPERATIONS["approved, rejected"]),
    "approval-denied": lambda: asked(OPERATIONS["denied, in full"]),
    "approval-question-repeat": lambda: approval_message.approval_message(
        BIG, W, OPERATORS, BIG.bound, repeat=True
    ),
    "approval-expired": lambda: asked(OPERATIONS["expired, in full"]),
    "approval-withdrawn": lambda: asked(OPERATIONS["withdrawn, in full"]),
    "approval-given-unknown": lambda: asked(OPERATIONS["approved, unknown"]),
    "approval-held": lambda: approval_answers.held_message(OPERATIONS["sending"], W),
    "approval-too-late": lambda: approval_answers.decision_lost_message(OPERATIONS["approved, created"], W),
    "approval-own-request": lambda: refused_message(
        Denied(Denial.OWN_REQUEST, "U0ASHA001", OPERATORS), "/trunk"
    ),
    "approval-identical-created": lambda: approval_answers.created_meanwhile_message(BIG, W, BIG.bound, DONE),
    "break-glass": lambda: approval_message.break_glass_message(
        OPERATIONS["break glass, created"], W, OPERATORS
    ),
    "break-glass-repeat": lambda: approval_message.break_glass_message(ALONE, W, OPERATORS, repeat=True),
    "break-glass-unheard": lambda: told(ALONE, unheard=True),
    "waiting-unheard": lambda: told(WAITS, unheard=True),
    "plain-kind-done": lambda: told(OPERATIONS["note: created"]),
    "plain-kind-refused": lambda: told(OPERATIONS["note: rejected"]),
    "plain-kind-question": lambda: told(OPERATIONS["note: asking, nothing found"]),
    "steps-refused": lambda: told(OPERATIONS["steps, rejected"]),
    "steps-question": lambda: told(OPERATIONS["steps, asking"]),
    "status-created-read-now": lambda: status_message(DONE, W, now=of.thing(DISABLED)),
    "status-created-not-checked": lambda: status_message(DONE, W),
    "status-created-gone": lambda: status_message(DONE, W, now=Gone()),
    "status-question": lambda: status_message(UNSURE, W, deciders=OPERATORS),
    "status-missing": lambda: status_missing_message("7K3M-9QWX"),
    "no-access": lambda: refused_message(Denied(Denial.NOT_OPERATOR, "U0BEN0001", OPERATORS), "/trunk"),
    "requester-may-not-decide": lambda: refused_message(NeedsApproval("U0BEN0001", OPERATORS), "/trunk"),
    "identical-in-progress": lambda: duplicate_message(OPERATIONS["sending"], W),
    "click-too-late": lambda: too_late_message(OPERATIONS["not created"], W),
    "click-recorded": lambda: recorded_message(UNSURE, W, Choice.SEND_AGAIN),
    "form-not-opened": lambda: view_failed_message('/trunk create "Sales" outbound 10', "expired_trigger_id"),
    "form-not-confirmed": lambda: view_failed_message("/trunk create", "unreachable"),
    "form-not-opened-for-good": lambda: view_failed_message("/trunk create", "token_revoked"),
    "command-unknown": lambda: problem("lits"),
    "command-corrected": lambda: problem("create Sales outbuond 10"),
    "command-whom": lambda: problem("history @Ria"),
    "help": lambda: help_message(
        "/trunk", NeedsApproval("U0A", OPERATORS, 100, break_glass=True), KINDS, LIMITS
    ),
    "history": lambda: page_message(Everything(), Page((DONE, UNSURE, WAITS), older=True), Allowed(), KINDS),
    "history-nothing": lambda: page_message(ByName("last week"), Page(()), Allowed(), KINDS),
    "home-operator": lambda: home(Allowed()),
    "home-requester": lambda: home(NeedsApproval("U0ASHA001", OPERATORS)),
    "modal-question": lambda: _view(operation_modal(UNSURE, W, 60, None, OPERATORS)),
    "form-create": lambda: form(None, {"same_name": [], "same_names": 0, "ceiling": 50, "readable": True}),
    "form-approval": lambda: form(Approval(100, break_glass=True, channel="C0APPROV1")),
    "form-break-glass": lambda: form(Approval(100, break_glass=True, channel="C0APPROV1", alone=True)),
    "readiness-ok": readiness_samples.ready,
    "readiness-silent": readiness_samples.silent,
    "readiness-asked-for": readiness_samples.asked_for,
    "readiness-not-ok": readiness_samples.inbound,
    "first-call-answered": lambda: first_call(seconds=34),
    "first-call-not-answered": lambda: first_call(answered=False, cause="USER_BUSY"),
    "first-call-without-a-zone": lambda: first_call(zoned=False, answered=None),
    "first-call-maybe-not-first": lambda: first_call(first=False),
    "form-deny": lambda: _view(deny_modal(BIG, W, "")),
    **trunk_messages.STATES,
    **{state: partial(_viewed, made) for state, made in trunk_messages.FORMS.items()},
    **number_messages.STATES,
    **{state: partial(_viewed, made) for state, made in number_messages.FORMS.items()},
    **place_messages.STATES,
    **{state: partial(_viewed, made) for state, made in place_messages.FORMS.items()},
    **set_up_messages.STATES,
    **{state: partial(_viewed, made) for state, made in set_up_messages.FORMS.items()},
}


@pytest.mark.parametrize("state", STATES)
def test_a_message_reads_as_it_is_kept(state: str) -> None:
    message = STATES[state]()
    notification = message.text.splitlines()[0]
    text = f"{notification}\n{'-' * 40}\n{written(message.blocks)}\n"
    file = FOLDER / f"{state}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_file_is_of_a_state() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(STATES)
