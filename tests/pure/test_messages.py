"""Every message: what it says, that Slack takes it, and that nothing in it can ping, link or format."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Final

import httpx
import pytest

from bot.blockkit.layout import FALLBACK_MAX, Message
from bot.blockkit.report import Tone
from bot.commands.parse import parse
from bot.commands.problems import WORD, Problem, ProblemKind
from bot.domain.history import Overview
from bot.domain.operation import Choice, Found, Operation, Standing, State
from bot.domain.outcome import Refusal, Unknown
from bot.domain.policy import Allowed, Decision, Denial, Denied, Members, NeedsApproval, Undetermined
from bot.kinds.base import Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.registry import KINDS
from bot.kinds.wording import CONSOLE
from bot.sandbox.blockkit.validation import problems
from bot.vobiz.outcome import read_answer, read_failure
from bot.vobiz.trunks import Trunk
from bot.words import answers, approval_answers, status
from bot.words import approval_message as approvals
from bot.words.answers import (
    away_message,
    refused_message,
    stale_button_message,
    stale_form_message,
    status_missing_message,
    surprise_message,
    unknown_kind_message,
    unread_message,
)
from bot.words.command_help import (
    button_form_failed_message,
    help_message,
    other_command_message,
    problem_message,
    starting_message,
    view_failed_message,
)
from bot.words.form_words import (
    alone_reason_error,
    break_glass_error,
    channel_error,
    not_denied_error,
    not_stored_error,
    other_channel_error,
    reason_error,
    unsure_error,
)
from bot.words.home import Manner, home_view
from bot.words.question import read_choice
from tests.wording_samples import (
    AWAITING,
    BARE_TRUNK,
    HOSTILE_NAMES,
    HOSTILE_TRUNK,
    NOT_THERE,
    OPERATION,
    OPERATIONS,
    REFUSAL,
    TRUNK,
    WORDS,
    approved,
    at,
    created,
    dictionaries,
    named,
    readable,
    refused,
    said,
    thing,
    unknown,
)

# What the bot itself may write as markup in a fallback: ids of people, groups and channels.
OWN_MARKUP = re.compile(
    r"<@U0[A-Z]+\d+>|<#C0[A-Z]+\d+>|<!subteam\^S0[A-Z]+\d+>|<!date\^-?\d+\^[^|>]+\|[^>]+>"
    r"|<https://console\.vobiz\.ai\|Vobiz console>"
)
IDS = {"U0ASHA001", "U0OMAR001", "U0BEN0001", "U0ZOE0001", *(f"U0HELP{number:03}" for number in range(9))}

operation_message = said(status.operation_message)
repeat_message = said(status.repeat_message)
settled_message = said(status.settled_message)
question_message = said(status.question_message)
late_message = said(status.late_message)
status_message = said(answers.status_message)
duplicate_message = said(answers.duplicate_message)
too_late_message = said(answers.too_late_message)
recorded_message = said(answers.recorded_message)
not_here_message = said(answers.not_here_message)
approval_message = said(approvals.approval_message)
reminder_message = said(approvals.reminder_message)
break_glass_message = said(approvals.break_glass_message)
approved_here_message = said(approvals.approved_here_message)
decision_lost_message = said(approval_answers.decision_lost_message)
changed_message = said(approval_answers.changed_message)
held_message = said(approval_answers.held_message)
created_meanwhile_message = said(approval_answers.created_meanwhile_message)
outdated_message = said(approval_answers.outdated_message)
approval_recorded_message = said(approval_answers.approval_recorded_message)
withdrawn_message = said(approval_answers.withdrawn_message)
LIMITS = Limits(1000)

HELPERS = Members(frozenset(f"U0HELP{number:03}" for number in range(9)), frozenset({"S0ONCALL1"}))


def late_twin_message(op: Operation, *twins: Trunk) -> Message:
    return late_message(op, {"candidates": [thing(twin).model_dump(mode="json") for twin in twins]})


def late_answer_message(op: Operation, trunk: Trunk) -> Message:
    return late_message(op, {"answer": thing(trunk).model_dump(mode="json")})


OF_OPERATION: Mapping[str, Callable[[Operation], Message]] = {
    "operation": operation_message,
    "operation, all notes": lambda op: operation_message(op, settle=60, repeat=True, instead_of="C0WARRM01"),
    "repeated": repeat_message,
    "settled": settled_message,
    "question": lambda op: question_message(op, HELPERS),
    "question, nobody called": lambda op: question_message(op, Members(everyone=True)),
    "late twin": lambda op: late_twin_message(op, TRUNK),
    "late twins": lambda op: late_twin_message(op, *(HOSTILE_TRUNK,) * 40),
    "late answer": lambda op: late_answer_message(op, TRUNK),
    "late answer, hostile": lambda op: late_answer_message(op, HOSTILE_TRUNK),
    "late, unreadable": lambda op: late_message(op, {"answer": {"id": ""}, "candidates": [WORDS, {}]}),
    "elsewhere": lambda op: not_here_message(op, "MA_OTHER99"),
    "of an unknown kind": unknown_kind_message,
    "status": status_message,
    "status, late": lambda op: status_message(op, late=(WORDS,) * 20),
    "status, deciding": lambda op: status_message(op, own=False, deciding=True),
    "duplicate": duplicate_message,
    "too late": too_late_message,
    "operation, approvals": lambda op: operation_message(op, approvals="C0APPROV1"),
    "approval": lambda op: approval_message(op, HELPERS, "f" * 32),
    "approval, when": lambda op: approval_message(op, HELPERS, "f" * 32, decided_at=op.updated_at),
    "approval, again": lambda op: approval_message(op, HELPERS, "f" * 32, repeat=True),
    "operation, nobody asked": lambda op: operation_message(op, repeat=True, unheard=True),
    "reminder": lambda op: reminder_message(op, HELPERS, "f" * 32),
    "break glass": lambda op: break_glass_message(op, HELPERS),
    "break glass, again": lambda op: break_glass_message(op, HELPERS, repeat=True),
    "held": held_message,
    "outdated, member": lambda op: outdated_message(op, Denied(Denial.NOT_OPERATOR, "U0BEN0001", HELPERS)),
    "outdated, channel": lambda op: outdated_message(op, Denied(Denial.CHANNEL, "U0BEN0001", HELPERS)),
    "outdated, cap": lambda op: outdated_message(op, Denied(Denial.OVER_CAP, "U0BEN0001", most=5)),
    "outdated, unverified": lambda op: outdated_message(
        op, Undetermined("U0BEN0001", frozenset({"S0ONCALL1"}))
    ),
    "decision lost": decision_lost_message,
    "changed": changed_message,
    "approved": lambda op: approval_recorded_message(op, approved=True),
    "approved, not followed": lambda op: approval_recorded_message(op, approved=True, followed=False),
    "created meanwhile": lambda op: created_meanwhile_message(op, "f" * 32, OPERATION),
    "created twice meanwhile": lambda op: created_meanwhile_message(op, "f" * 32, OPERATION, 2),
    "approved here": lambda op: approved_here_message(op, op.updated_at),
    "denied": lambda op: approval_recorded_message(op, approved=False),
    "withdrawn": withdrawn_message,
    "recorded": lambda op: recorded_message(op, Choice.CHECK_AGAIN),
}
REFUSALS: Mapping[str, NeedsApproval | Denied | Undetermined] = {
    "other team": Denied(Denial.OTHER_TEAM, "U0ZOE0001", HELPERS),
    "other team, everyone": Denied(Denial.OTHER_TEAM, "U0ZOE0001", Members(everyone=True)),
    "channel": Denied(
        Denial.CHANNEL, "U0BEN0001", HELPERS, frozenset(f"C0VOICE{number:02}" for number in range(40))
    ),
    "not operator": Denied(Denial.NOT_OPERATOR, "U0BEN0001", HELPERS),
    "over the cap": Denied(Denial.OVER_CAP, "U0BEN0001", most=1000),
    "own request": Denied(Denial.OWN_REQUEST, "U0HELP000", HELPERS),
    "own request, nobody else": Denied(Denial.OWN_REQUEST, "U0BEN0001", Members(frozenset({"U0BEN0001"}))),
    "own request, everyone": Denied(Denial.OWN_REQUEST, "U0BEN0001", Members(everyone=True)),
    "not yours": Denied(Denial.NOT_YOURS, "U0BEN0001", Members(frozenset({"U0ASHA001"}))),
    "needs approval": NeedsApproval("U0BEN0001", HELPERS),
    "nobody may": Denied(Denial.NOT_OPERATOR, "U0BEN0001"),
    "undetermined": Undetermined("U0BEN0001", frozenset({"S0ONCALL1", "S0NIGHT01"})),
}
COMMANDS = (
    "crate Sales outbound 10",
    'create "" outbound 10',
    f'create "{"x" * 300}" outbound 10',
    'create "Sales outbound 10',
    "create Sales outbuond 10",
    "create Sales outbound 10.5",
    "create Sales outbound 0",
    "create Sales outbound ten",
    "create Sales outbound \u0663",
    'create "Sales" outbound 10 now',
    "status what",
    "status",
    "create " + "x" * 3000,
    "<!channel> *x* `y`",
    "create \u05de\u05db\u05e8 outbuond 10",
    "create " + "\U0001f4de" * 200 + " outbuond 10",
    "create <!channel> <@U0EVIL001> 10",
)


def _exceptions(base: type[Exception]) -> list[type[Exception]]:
    kinds = base.__subclasses__()
    return [base, *(deeper for kind in kinds for deeper in _exceptions(kind))]


def _problem(text: str) -> Problem | None:
    parsed = parse(text, KINDS.verbs, LIMITS)
    return parsed if isinstance(parsed, Problem) else None


PROBLEMS: Mapping[str, Problem] = {
    **{text[:40]: found for text in COMMANDS if (found := _problem(text)) is not None},
    **{
        f"{says} {start}-{end}": Problem(
            "extra_word", says, "create <name>", "create Sales x 10", start, end, fix
        )
        for says in ("All of it is wrong.", f"{WORD} is wrong.", f"What is {WORD}? That is wrong.")
        for start, end, fix in ((0, 6, None), (17, 17, "create Sales outbound 10"), (7, 12, "x" * 900))
    },
    "empty": Problem("unknown_verb", f"{WORD} is no command.", "create", "", 0, 0),
    "hostile fix": Problem(
        "name", f"{WORD} is wrong.", "create", "create " + WORDS, 7, 500, "create " + WORDS
    ),
}
# What is said as well of operations whose name is hostile.
NAMED: Final = ("operation", "late twin", "status", "approval", "reminder", "break glass", "changed")
NAMED_OPERATIONS: Final = (
    *("awaiting, hostile", "denied, hostile", "break glass, hostile", "sending", "created"),
    *("created, little stated", "rejected, hostile", "asking, too many"),
)
Named = Iterator[tuple[str, Message]]


def fits(kind: str, op: Operation) -> bool:
    """Tell whether the bot can come to say this of an operation, where that is plain."""
    if kind == "reminder" or kind.startswith("outdated"):
        return op.state is State.AWAITING_APPROVAL
    return op.break_glass or not kind.startswith("break glass")


def _of_operations(kind: str) -> Named:
    build = OF_OPERATION[kind]
    for state, op in OPERATIONS.items():
        if fits(kind, op):
            yield state, build(op)
    for state in NAMED_OPERATIONS if kind in NAMED else ():
        if fits(kind, OPERATIONS[state]):
            for name, text in HOSTILE_NAMES.items():
                yield f"{state} named {name}", build(named(OPERATIONS[state], text))


def _helps() -> Named:
    yield "allowed", help_message("/trunk", Allowed(), KINDS, LIMITS)
    above = NeedsApproval("U0ASHA001", HELPERS, 50, break_glass=True)
    yield "above", help_message("/trunk", above, KINDS, LIMITS)
    for name, decision in REFUSALS.items():
        yield name, help_message("/trunk", decision, KINDS, LIMITS)


def _unopened() -> Named:
    yield "view", view_failed_message('/trunk create "Sales" outbound 10', "expired_trigger_id")
    yield "view, hostile", view_failed_message(f"/trunk create {WORDS}", WORDS)
    yield "form", button_form_failed_message("trigger_expired")
    yield "form, slow", button_form_failed_message("unreachable")
    yield "form, hostile", button_form_failed_message(WORDS)


def _of_nothing() -> Named:
    yield "status missing", status_missing_message("7K3M-9QWX")
    yield "surprise", surprise_message("a1b2c3d4")
    yield "away", away_message()
    yield "stale button", stale_button_message()
    yield "unread", unread_message()
    yield "stale form", stale_form_message("/trunk")
    yield "other command", other_command_message("/<!channel>", "/trunk")
    yield "starting", starting_message()


BUILDERS: Final[Mapping[str, Callable[[], Named]]] = {
    **{kind: partial(_of_operations, kind) for kind in OF_OPERATION},
    "refused": lambda: ((name, refused_message(by, "/trunk")) for name, by in REFUSALS.items()),
    "problem": lambda: ((name, problem_message(found, "/trunk")) for name, found in PROBLEMS.items()),
    "help": _helps,
    "form that did not open": _unopened,
    "of no operation": _of_nothing,
}
every_builder = pytest.mark.parametrize("builder", BUILDERS)


@cache
def messages(builder: str) -> Mapping[str, Message]:
    """Build all that a builder says, by what it is said of."""
    return dict(BUILDERS[builder]())


def wrong(rule: Callable[[Message], object], builder: str) -> Mapping[str, object]:
    """Return what a rule finds wrong with what a builder says, by what it is said of."""
    found = {name: rule(message) for name, message in messages(builder).items()}
    listed = {name: list(parts) if isinstance(parts, Iterator) else parts for name, parts in found.items()}
    return {name: parts for name, parts in listed.items() if parts}


def action_ids(message: Message) -> list[str]:
    return [str(part["action_id"]) for part in dictionaries(message.blocks) if "action_id" in part]


def test_every_builder_has_something_to_say() -> None:
    assert [builder for builder in BUILDERS if not messages(builder)] == []


def unlike_slack(message: Message) -> object:
    message.text.encode()
    return problems("message", {"text": message.text, "blocks": list(message.blocks)})


def too_long_or_empty(message: Message) -> object:
    """A fallback is the text of an update too, which takes less than a new message."""
    return None if 0 < len(message.text) <= FALLBACK_MAX else len(message.text)


def markup_of_others(message: Message) -> Iterator[object]:
    yield from (part for part in dictionaries(message.blocks) if part.get("type") == "mrkdwn")
    yield from set("<>") & set(OWN_MARKUP.sub("", message.text))
    yield from (found for found in OWN_MARKUP.findall(message.text) if "EVIL" in found)
    for line in OWN_MARKUP.sub("", message.text).splitlines():
        outside_code = re.sub(r"`[^`]*`", "", line)
        yield from re.findall("`", outside_code.replace("\u200b`\u200b", ""))
        yield from re.findall(r"(?<!\u200b)[*~_]", outside_code.replace("TRUNK_", ""))
        yield from re.findall("://", outside_code)


def mentions_of_others(message: Message) -> Iterator[object]:
    for part in dictionaries(message.blocks):
        if part.get("type") == "broadcast":
            yield part
        if part.get("type") == "emoji" and part["name"] not in {tone.mark.name for tone in Tone if tone.mark}:
            yield part
        if part.get("type") == "link" and part["url"] != CONSOLE.url:
            yield part
        if part.get("type") == "user" and part["user_id"] not in IDS:
            yield part


def empty_text_or_emoji(message: Message) -> Iterator[object]:
    for part in dictionaries(message.blocks):
        if part.get("type") in {"text", "plain_text"} and not part["text"]:
            yield part
        if part.get("emoji") not in {None, False}:
            yield part


def shouting(message: Message) -> object:
    if "<!channel>" in readable(message.blocks):
        return None
    return re.findall(r"!(?!subteam|date)|sorry|oops|unfortunately", message.text, re.IGNORECASE)


@every_builder
def test_slack_takes_every_message(builder: str) -> None:
    assert wrong(unlike_slack, builder) == {}


@every_builder
def test_no_message_breaks_a_rule_of_words(builder: str) -> None:
    for rule in (too_long_or_empty, markup_of_others, mentions_of_others, empty_text_or_emoji):
        assert wrong(rule, builder) == {}, rule.__name__


def test_nothing_is_shouted_or_lamented() -> None:
    for builder in BUILDERS:
        of_ours = {
            name: found
            for name, found in wrong(shouting, builder).items()
            if " named " not in name and ": " not in name
        }
        assert of_ours == {}, builder


def test_every_standing_has_words() -> None:
    assert {op.standing for op in OPERATIONS.values()} == set(Standing)
    for name, op in OPERATIONS.items():
        message = operation_message(op)
        for shown in (op.ref, "Sales", op.requester):
            assert shown in message.text, name
            assert shown in readable(message.blocks), name
        assert op.ref in repeat_message(op).text, name


@pytest.mark.parametrize("shown", ["Reference: ", "Requested by "])
def test_blocks_and_fallback_say_the_same(shown: str) -> None:
    for name, op in OPERATIONS.items():
        message = operation_message(op)
        assert shown in readable(message.blocks), name
        assert shown in message.text, name


CREATED_WORDS = (
    "Sales",
    "outbound",
    TRUNK.id,
    "aabbccdd.sip.vobiz.ai",
    "10",
    "New calls per second (CPS): ",
    "UDP",
    "TLS/SRTP (secure): ",
    "active",
    "U0ASHA001",
    OPERATION.ref,
    "credentials or an IP ACL",
    "origination URI",
    "test call",
)


def test_ids_are_in_code_style_ready_to_copy() -> None:
    message = operation_message(OPERATIONS["created"])
    in_code = [p["text"] for p in dictionaries(message.blocks) if p.get("style") == {"code": True}]
    assert in_code == [TRUNK.id, TRUNK.domain, OPERATION.ref]
    assert all(f"`{text}`" in message.text for text in in_code)


@pytest.mark.parametrize(
    ("trunk", "warning"),
    [
        (
            TRUNK.model_copy(update={"direction": "both"}),
            "Direction: you asked for “outbound”, Vobiz answered “both”.",
        ),
        (TRUNK.model_copy(update={"calls": 2}), "Concurrent calls: you asked for “10”, Vobiz answered “2”."),
        (TRUNK.model_copy(update={"name": "sales"}), "Name: you asked for “Sales”, Vobiz answered “sales”."),
        (TRUNK.model_copy(update={"name": ""}), "Name: you asked for “Sales”, Vobiz answered “(empty)”."),
    ],
    ids=["direction", "calls", "name", "empty name"],
)
def test_what_came_back_otherwise_is_warned_of(trunk: Trunk, warning: str) -> None:
    message = operation_message(created(trunk))
    assert warning in message.text
    assert "created, but not as requested" in message.text.splitlines()[0]
    assert "usually needs" not in message.text


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "Change what Vobiz names"),
        (401, "VOBIZ_AUTH_TOKEN"),
        (402, "Top up|top up"),
        (403, "inactive"),
        (404, "VOBIZ_API_URL"),
        (409, "conflicts"),
        (418, "Vobiz support"),
        (422, "Change what Vobiz names"),
        (429, "Wait 60 seconds"),
    ],
)
def test_a_refusal_says_what_to_do_by_its_status(status: int, advice: str) -> None:
    refusal = REFUSAL.model_copy(update={"status": status})
    message = operation_message(refused(refusal))
    for text in (message.text, readable(message.blocks)):
        assert re.search(advice, text)
        assert "Nothing was created." in text
        assert "Request validation failed" in text
        assert str(status) in text
        assert "req_1" in text


@pytest.mark.parametrize(("seconds", "words"), [(1, "Wait 1 second,"), (30, "Wait 30 seconds,")])
def test_too_many_requests_tells_how_long_to_wait(seconds: int, words: str) -> None:
    refusal = Refusal(status=429, message="slow down", retry_after=seconds)
    assert words in operation_message(refused(refusal)).text


def test_of_many_refused_fields_the_first_are_shown_and_the_rest_counted() -> None:
    blocks = operation_message(OPERATIONS["rejected, hostile"]).blocks
    assert readable(blocks).count("Field ") == 5
    assert "and 25 more fields." in readable(blocks)


CLAIMS = re.compile(
    r"nothing was (created|changed)|failed|not (created|made|written|done)(?! by)", re.IGNORECASE
)


def test_an_unknown_outcome_is_never_called_failed_or_not_created() -> None:
    unsure = {name: op for name, op in OPERATIONS.items() if op.state is State.UNKNOWN}
    assert len(unsure) > 30
    for name, op in unsure.items():
        for text in (
            operation_message(op).text,
            status_message(op).text,
            repeat_message(op).text,
            duplicate_message(op).text,
            question_message(op, HELPERS).text,
        ):
            assert not CLAIMS.search(text), name
            assert "did not confirm" in text, name


@pytest.mark.parametrize("name", ["rejected after sending again", "not sent after sending again"])
def test_after_sending_again_nothing_is_claimed_of_the_first_sending(name: str) -> None:
    op = OPERATIONS[name]
    for message in (operation_message(op), too_late_message(op), settled_message(op)):
        assert not CLAIMS.search(message.text.replace(REFUSAL.message, ""))
        assert "try again" not in message.text
        assert "first attempt is still not known" in message.text
    assert action_ids(operation_message(op)) == []


@pytest.mark.parametrize(
    ("name", "buttons"),
    [
        ("asking, nothing found", ["trunk.check_again", "trunk.send_again", "trunk.give_up"]),
        ("asking, account away", ["trunk.check_again", "trunk.give_up"]),
        ("asking, one candidate", ["trunk.pick", "trunk.check_again", "trunk.give_up"]),
        ("asking, candidates", ["trunk.pick"] * 2 + ["trunk.check_again", "trunk.give_up"]),
        (
            "asking, too many",
            ["trunk.pick"] * 10 + ["trunk.check_again", "trunk.send_again", "trunk.give_up"],
        ),
        ("not sent", ["trunk.try_again"]),
        ("rejected", ["trunk.try_again"]),
        ("approved, rejected", ["trunk.try_again"]),
        ("rejected after sending again", []),
        ("created", ["trunk.change.credential", "trunk.change.allow", "trunk.show"]),
        (
            "created, examined",
            ["trunk.change.credential", "trunk.change.allow", "trunk.show", "trunk.test"],
        ),
        ("not created", []),
        ("sending", []),
        ("awaiting, in full", ["approval.withdraw"]),
        ("denied, in full", ["trunk.try_again"]),
        ("expired, in full", ["trunk.try_again"]),
        ("withdrawn, in full", []),
    ],
)
def test_each_state_offers_its_buttons(name: str, buttons: list[str]) -> None:
    assert action_ids(operation_message(OPERATIONS[name])) == buttons


def test_sending_again_and_giving_up_ask_once_more() -> None:
    message = operation_message(OPERATIONS["asking, nothing found"])
    parts = {part["action_id"]: part for part in dictionaries(message.blocks) if "action_id" in part}
    assert "confirm" not in parts["trunk.check_again"]
    assert parts["trunk.send_again"]["style"] == "danger"
    assert "second trunk" in readable(parts["trunk.send_again"]["confirm"])
    assert "stays in the account" in readable(parts["trunk.give_up"]["confirm"])


@pytest.mark.parametrize(
    ("name", "primary"),
    [
        ("asking, nothing found", ["trunk.check_again"]),
        ("asking, account away", ["trunk.check_again"]),
        ("asking, one candidate", ["trunk.pick"]),
        ("asking, candidates", ["trunk.check_again"]),
        ("steps, asking", ["trunk.check_again"]),
    ],
)
def test_the_safest_answer_to_a_question_stands_out(name: str, primary: list[str]) -> None:
    parts = dictionaries(operation_message(OPERATIONS[name]).blocks)
    assert [part["action_id"] for part in parts if part.get("style") == "primary"] == primary


def test_nobody_is_led_to_claim_what_vobiz_says_was_there_already() -> None:
    op = OPERATIONS["asking, one candidate"]
    first = replace(op, steps=(replace(op.step, reason="conflict", sendings=1), *op.steps[1:]))
    parts = dictionaries(operation_message(first).blocks)
    assert [part["action_id"] for part in parts if part.get("style") == "primary"] == ["trunk.check_again"]


def test_a_button_carries_the_operation_the_question_and_the_trunk() -> None:
    message = operation_message(replace(OPERATIONS["asking, candidates"], round=7))
    values = [part["value"] for part in dictionaries(message.blocks) if "value" in part]
    assert values == [
        f"{OPERATION.id} 7 {TRUNK.id}",
        f"{OPERATION.id} 7 {BARE_TRUNK.id}",
        f"{OPERATION.id} 7",
        f"{OPERATION.id} 7",
    ]
    assert [read_choice(str(value)) for value in values[1:3]] == [
        (OPERATION.id, 7, BARE_TRUNK.id),
        (OPERATION.id, 7, None),
    ]


@pytest.mark.parametrize("rest", ["", " ", f" {TRUNK.id}", " -1", " \N{ARABIC-INDIC DIGIT ONE}", " 7x"])
def test_a_button_of_no_question_is_read_as_such(rest: str) -> None:
    assert read_choice(f"{OPERATION.id}{rest}")[:2] == (OPERATION.id, None)


def test_where_sending_again_is_not_offered_it_is_not_spoken_of() -> None:
    for name, op in OPERATIONS.items():
        if op.asking and op.step.look is not None and not op.step.look.again:
            assert "send again" not in operation_message(op).text.lower(), name


def test_candidates_of_a_partly_read_account_may_not_be_all() -> None:
    assert "there may be more" in operation_message(OPERATIONS["asking, partly read"]).text
    assert "there may be more" not in operation_message(OPERATIONS["asking, candidates"]).text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("interrupted", "I was restarted while I waited for Vobiz's answer."),
        ("timeout", "Vobiz did not answer in time."),
        ("http_503", "Vobiz answered with HTTP status `503`."),
        ("unexpected_OSError", "Reason: `unexpected_OSError`"),
        ("known_T-9", "Vobiz answered with a trunk that was there before: `T-9`."),
        ("taken_T-9", "Vobiz answered with a trunk that belongs to another request: `T-9`."),
        ("not_allowed", "Vobiz named a trunk in a way that cannot be used in a request."),
        (None, "I am looking for the trunk"),
    ],
)
def test_a_reason_is_given_as_far_as_it_is_known(reason: str | None, words: str) -> None:
    assert words in operation_message(unknown(None, reason)).text


def test_every_failure_of_the_connection_has_words() -> None:
    for kind in (*_exceptions(httpx.TransportError), TimeoutError, OSError):
        failure = read_failure(kind("boom"))
        text = operation_message(unknown(None, failure.reason)).text
        assert "Reason:" not in text, kind


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (200, b'{"trunk_id": "1"}'),
        (200, b"<html>"),
        (200, b"x" * 2_000_000),
        (202, b"{}"),
        (302, b""),
        (200, b'{"error": "x"}'),
        (409, b'{"message": "A trunk with this name already exists"}'),
    ],
    ids=["no id", "id alone", "html", "too large", "promised", "redirect", "contradiction", "conflict"],
)
def test_every_unreadable_answer_has_words(status: int, body: bytes) -> None:
    answer = read_answer(status, {}, body, partial(CreateTrunk().read_success, "create_trunk"))
    assert isinstance(answer, Unknown)
    assert "Reason:" not in operation_message(unknown(None, answer.reason)).text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("created", f"The trunk was created: `{TRUNK.id}`."),
        ("created, picked", f"The trunk is `{TRUNK.id}`, picked by <@U0OMAR001>."),
        ("not created", "It was closed as not created by <@U0OMAR001>."),
        ("not created, by nobody known", "It was closed as not created."),
        ("sending again", "It is being sent again."),
        ("rejected", "Vobiz refused it. Nothing was created."),
    ],
)
def test_what_is_settled_or_repeated_is_told_in_one_line_without_buttons(name: str, words: str) -> None:
    for message in (settled_message(OPERATIONS[name]), repeat_message(OPERATIONS[name])):
        assert f": trunk “Sales”. {words}" in message.text
        assert "\n" not in message.text
        assert action_ids(message) == []
    assert repeat_message(OPERATIONS[name]).text.startswith("Repeat (")
    assert words in too_late_message(OPERATIONS[name]).text


def test_a_trunk_that_turns_up_after_giving_up_is_not_called_the_second() -> None:
    text = late_twin_message(OPERATIONS["not created"], TRUNK).text
    assert "second" not in text
    assert "Possibly the trunk of the request" in text


def test_a_late_answer_does_not_say_that_its_sending_is_uncertain() -> None:
    for name, op in OPERATIONS.items():
        text = late_answer_message(op, TRUNK).text
        assert "late answer to an earlier attempt" in text, name
        assert "still not known" not in text, name


def test_the_channel_of_a_direct_message_is_not_linked() -> None:
    op = OPERATIONS["in a direct message"]
    assert "D0ASHA0010" not in operation_message(op).text
    assert "direct message" in duplicate_message(op).text


@pytest.mark.parametrize("choice", Choice)
def test_a_recorded_decision_is_confirmed_with_the_reference(choice: Choice) -> None:
    assert OPERATION.ref in recorded_message(OPERATION, choice.value).text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("other team", ["only for members of the workspace", "same organisation", "Ask one of those"]),
        ("channel", ["cannot be used in this channel", "<#C0VOICE00>"]),
        ("not operator", ["You don't have access", "<@U0HELP000>", "`U0BEN0001`"]),
        ("over the cap", ["TRUNK_MAX_CALLS", "more than 1000"]),
        ("own request", ["not your own", "<@U0HELP001>"]),
        ("own request, nobody else", ["not your own", "Nobody else has access yet"]),
        ("own request, everyone", ["any other member"]),
        ("not yours", ["Only the requester", "<@U0ASHA001>"]),
        ("needs approval", ["only an operator", "<@U0HELP000>"]),
        ("nobody may", ["Nobody has access yet"]),
        ("undetermined", ["could not verify", "S0ONCALL1", "Nothing was done"]),
    ],
)
def test_a_refusal_says_why_and_who_can_help(name: str, words: list[str]) -> None:
    text = refused_message(REFUSALS[name], "/trunk").text
    for expected in words:
        assert expected in text


def test_what_could_not_be_verified_is_not_called_not_allowed() -> None:
    assert "may not" not in refused_message(REFUSALS["undetermined"], "/trunk").text


def test_at_most_five_helpers_are_mentioned() -> None:
    text = refused_message(REFUSALS["not operator"], "/trunk").text
    assert len(re.findall("<@U0HELP", text)) == 5


def test_user_groups_are_mentioned_where_they_can_help() -> None:
    decision = Denied(Denial.NOT_OPERATOR, "U0BEN0001", Members(groups=frozenset({"S0ONCALL1"})))
    assert "<!subteam^S0ONCALL1>" in refused_message(decision, "/trunk").text


def test_help_shows_only_what_this_person_may_use() -> None:
    assert "/voice create" in help_message("/voice", Allowed(), KINDS, Limits(500)).text
    assert "1 to 500 concurrent calls" in help_message("/voice", Allowed(), KINDS, Limits(500)).text
    refused = help_message("/voice", REFUSALS["not operator"], KINDS, Limits(500)).text
    assert "/voice create" not in refused
    assert "/voice status" in refused
    assert "/voice status" not in help_message("/voice", REFUSALS["other team"], KINDS, Limits(500)).text


def test_help_says_of_nothing_that_it_was_not_done() -> None:
    for name, decision in REFUSALS.items():
        assert "Nothing was done" not in help_message("/voice", decision, KINDS, Limits(500)).text, name


def test_the_examples_of_the_help_can_be_typed() -> None:
    examples = re.findall(r"`/trunk ([^`]*)`", help_message("/trunk", Allowed(), KINDS, LIMITS).text)
    assert {example.split()[0] for example in examples} >= {*KINDS.verbs, "list", "show", "history"}
    assert not [example for example in examples if isinstance(parse(example, KINDS.verbs, LIMITS), Problem)]


def test_a_problem_points_at_the_word_and_gives_the_corrected_command() -> None:
    problem = _problem("create Sales outbuond 10")
    assert problem is not None
    message = problem_message(problem, "/trunk")
    blocks = readable(message.blocks)
    assert "“outbuond” is not a direction: write inbound or outbound." in message.text
    assert "/trunk create Sales outbuond 10\n                    ^^^^^^^^" in blocks
    assert f"/trunk {problem.fix}" in blocks
    assert "/trunk create <name> <inbound|outbound> <1 to 1000>" in blocks


def test_a_corrected_command_too_long_to_show_in_full_is_not_offered() -> None:
    problem = Problem(
        "direction", f"{WORD} is wrong.", "create", "create Sales x 10", 13, 14, "create " + "x" * 700
    )
    assert "Did you mean" not in problem_message(problem, "/trunk").text


def test_a_person_who_is_not_known_can_be_chosen() -> None:
    problem = _problem("history @omar")
    assert problem is not None
    assert problem.kind == ProblemKind.PERSON
    assert action_ids(problem_message(problem, "/trunk")) == ["history.person"]


@pytest.mark.parametrize("name", ["denied, in full", "expired, in full"])
def test_only_who_asked_is_told_to_ask_again(name: str) -> None:
    assert action_ids(status_message(OPERATIONS[name])) == ["trunk.try_again"]
    assert action_ids(status_message(OPERATIONS[name], own=False)) == []


def test_the_dialog_of_withdrawing_claims_nothing_about_what_happened_meanwhile() -> None:
    """The button of an old message may be pressed when the trunk was created long ago."""
    (button,) = [
        part
        for part in dictionaries(operation_message(OPERATIONS["awaiting, in full"]).blocks)
        if "action_id" in part
    ]
    assert not CLAIMS.search(readable(button["confirm"]))
    assert "created" not in readable(button["confirm"])


def test_a_surprise_quotes_its_reference_and_claims_nothing() -> None:
    text = surprise_message("a1b2c3d4").text
    assert "`a1b2c3d4`" in text
    assert not CLAIMS.search(text)


def test_an_error_under_an_input_says_what_to_enter() -> None:
    for error, words in (
        (reason_error(missing=True), "Give a reason"),
        (reason_error(missing=False), "At most 1000 characters"),
        (alone_reason_error(), "operators will read it"),
        (break_glass_error(), "is not allowed"),
        (channel_error(), "Choose a channel"),
        (other_channel_error(), "TRUNK_CHANNELS"),
        (not_stored_error(stopping=False, submit="Ask for approval"), "Press Ask for approval again"),
        (not_stored_error(stopping=True, submit="Create trunk"), "stopping"),
        (not_denied_error(stopping=False), "Not saved yet"),
        (not_denied_error(stopping=True), "stopping"),
        (unsure_error("Deny"), "not know whether this was saved. Press Deny again"),
    ):
        assert words in error


def test_a_long_name_never_pushes_the_reference_out_of_the_fallback() -> None:
    for name in HOSTILE_NAMES.values():
        for op in OPERATIONS.values():
            assert f"Reference: `{op.ref}`" in operation_message(named(op, name)).text


def test_right_to_left_names_can_not_reorder_the_ids_after_them() -> None:
    name = HOSTILE_NAMES["right to left"]
    message = operation_message(named(OPERATIONS["sending"], name))
    assert f"\u2068{name}\u2069" in message.text
    assert f"\u2068{name}\u2069" in readable(message.blocks)


def test_where_it_was_asked_is_not_claimed_when_it_is_not_known() -> None:
    assert "The approvers were asked in" not in operation_message(OPERATIONS["awaiting, in full"]).text


def test_a_moment_is_shown_in_the_readers_zone() -> None:
    dates = [
        p for p in dictionaries(operation_message(OPERATIONS["awaiting, in full"]).blocks) if "timestamp" in p
    ]
    assert dates == [
        {
            "type": "date",
            "timestamp": 1_795_486_400,
            "format": "{date_short_pretty} at {time}",
            "fallback": "2026-11-24 02:13 UTC",
        }
    ]


def test_an_approval_is_asked_with_everything_that_will_be_sent() -> None:
    message = approval_message(OPERATIONS["awaiting, in full"], HELPERS, "f" * 32)
    facts = ("Sales", "outbound", "10", "MA_SANDBOX1", "<@U0ASHA001>", "<#C0VOICE01>", "Launch on Monday")
    for words in (*facts, OPERATION.ref, "2026-11-24 02:13 UTC"):
        assert words in message.text
    assert "Launch on Monday" in readable(message.blocks)
    assert action_ids(message) == ["approval.approve", "approval.deny"]
    buttons = [part for part in dictionaries(message.blocks) if "action_id" in part]
    assert {button["value"] for button in buttons} == {f"{OPERATION.id} {'f' * 32}"}
    assert [button["style"] for button in buttons] == ["primary", "danger"]
    for words in ("Sales", "outbound", "10 calls", "MA_SANDBOX1"):
        assert words in readable(buttons[0]["confirm"])


@pytest.mark.parametrize(
    ("operators", "mentioned"),
    [
        (HELPERS, ["<!subteam^S0ONCALL1>", *(f"<@U0HELP00{number}>" for number in range(4))]),
        (Members(frozenset({"U0ASHA001", "U0OMAR001"})), ["<@U0OMAR001>"]),
        (Members(everyone=True), []),
        (Members(), []),
    ],
    ids=["at most five, groups first", "not who asks", "nobody for everyone", "nobody"],
)
def test_operators_are_mentioned_once_in_the_open_question(operators: Members, mentioned: list[str]) -> None:
    text = approval_message(OPERATIONS["awaiting, in full"], operators, "f" * 32).text
    found = re.findall(r"<@\w+>|<!subteam\^\w+>", text)
    assert [one for one in found if one != "<@U0ASHA001>"] == mentioned


def test_the_approver_hears_of_trunks_of_that_name() -> None:
    known = [{"id": f"trunk-{number}"} for number in range(5)]
    seen = {"same_name": known, "same_names": 7, "ceiling": None, "readable": True}
    text = approval_message(replace(AWAITING, seen=seen), HELPERS, "f" * 32).text
    assert "already had 7 trunks of that name" in text
    assert [f"trunk-{number}" in text for number in range(5)] == [True] * 3 + [False] * 2
    assert "4 more" in text
    assert "of that name" not in approval_message(AWAITING, HELPERS, "f" * 32).text


def test_who_approves_hears_that_the_account_could_not_be_read() -> None:
    seen = {"same_name": [], "same_names": 0, "ceiling": None, "readable": False}
    assert "could not be read" in approval_message(replace(AWAITING, seen=seen), HELPERS, "f" * 32).text


def home(op: Operation) -> str:
    seen = Overview(waiting=(op,), mine=(), ended=(), unknown=(), last=())
    return readable(home_view("U0OMAR001", seen, decision=Allowed(), kinds=KINDS, manner=Manner()))


@pytest.mark.parametrize(
    "shown",
    [
        lambda op: readable(approval_message(op, HELPERS, "f" * 32).blocks),
        lambda op: readable(status_message(op, own=False, deciding=True).blocks),
        lambda op: readable(created_meanwhile_message(op, "f" * 32, OPERATION).blocks),
        home,
    ],
    ids=["question", "status", "created meanwhile", "home"],
)
def test_wherever_approve_is_there_is_all_that_is_approved(shown: Callable[[Operation], str]) -> None:
    awaiting = replace(OPERATIONS["awaiting, above"], id="ab" * 16)
    text = shown(awaiting)
    what = ("Sales", "outbound", "10", awaiting.requester, "Launch on Monday", awaiting.account, awaiting.ref)
    seen = ("already had a trunk of that name", "trunk-7", "allows 5 concurrent calls in total")
    for words in (*what, *seen, "2026-11-24 02:13 UTC", "above 50 concurrent calls"):
        assert words in text, words
    assert "of that name" not in shown(replace(awaiting, seen={}))


APPROVED = [name for name in OPERATIONS if name.startswith("approved")]


def test_a_settled_approval_has_no_buttons_and_calls_nobody() -> None:
    for name, op in OPERATIONS.items():
        if op.state is not State.AWAITING_APPROVAL:
            message = approval_message(op, HELPERS, "f" * 32)
            assert action_ids(message) == [], name
            assert "U0HELP" not in message.text, name
            assert "S0ONCALL1" not in message.text, name


@pytest.mark.parametrize("name", [name for name in APPROVED if OPERATIONS[name].state is State.UNKNOWN])
def test_an_approved_request_with_unknown_outcome_is_not_called_failed(name: str) -> None:
    op = approved(OPERATIONS[name])
    for message in (approval_message(op, HELPERS, ""), approval_recorded_message(op, approved=True)):
        assert not CLAIMS.search(message.text)


def test_what_was_decided_is_no_repeat_of_the_question() -> None:
    message = approval_message(OPERATIONS["denied, in full"], HELPERS, "f" * 32, repeat=True)
    assert "may have seen this already" not in message.text


def test_who_asked_hears_that_nobody_was_reached_and_what_to_do() -> None:
    for name, words in (("awaiting, in full", "talk to one"), ("break glass, created", "tell one")):
        text = operation_message(OPERATIONS[name], unheard=True).text
        assert words in text
        assert text.count(OPERATION.ref) == 2


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Denied(Denial.NOT_OPERATOR, "U0BEN0001"), "<@U0BEN0001> may no longer request trunks"),
        (Denied(Denial.CHANNEL, "U0BEN0001"), "can no longer be requested in <#C0VOICE01>"),
        (Denied(Denial.OVER_CAP, "U0BEN0001", most=5), "more than 5 concurrent calls"),
        (Undetermined("U0BEN0001", frozenset({"S0ONCALL1"})), "could not verify whether <@U0BEN0001>"),
    ],
    ids=["member", "channel", "cap", "unverified"],
)
def test_an_approval_that_the_rules_stop_says_which_rule_and_that_the_request_waits(
    decision: Denied | Undetermined, words: str
) -> None:
    text = outdated_message(OPERATIONS["awaiting, in full"], decision).text
    for expected in (words, "Nothing was done", "still waiting", OPERATION.ref):
        assert expected in text


def test_a_changed_request_is_shown_as_it_is_stored_and_nothing_was_done() -> None:
    text = changed_message(OPERATIONS["awaiting, in full"]).text
    for words in ("Nothing was done.", "not what you saw", "Sales", OPERATION.ref):
        assert words in text


@pytest.mark.parametrize(
    ("decision", "words", "absent"),
    [
        (Allowed(), ["before you confirm", "/trunk doctor"], ["approve"]),
        (
            NeedsApproval("U0BEN0001", HELPERS),
            ["an operator approves", "withdraw"],
            ["before you confirm", "doctor"],
        ),
        (NeedsApproval("U0BEN0001", HELPERS, 50), ["Above 50", "second operator", "doctor"], ["break glass"]),
        (NeedsApproval("U0BEN0001", HELPERS, 50, break_glass=True), ["Above 50", "break glass"], []),
    ],
    ids=["operator", "requester", "threshold", "break glass"],
)
def test_help_tells_the_rules_that_concern_the_person(
    decision: Decision, words: list[str], absent: list[str]
) -> None:
    text = help_message("/trunk", decision, KINDS, LIMITS).text
    assert "/trunk create" in text
    assert all(expected in text for expected in words)
    assert not [found for found in absent if found in text]


def test_an_answer_to_the_second_sending_says_nothing_of_the_first() -> None:
    step = OPERATIONS["created"].step
    again = at(OPERATION, State.DONE, replace(step, sendings=2, look=NOT_THERE))
    assert "first attempt is still not known" in operation_message(again).text
    once = at(OPERATION, State.DONE, replace(step, found=Found.LATE, look=None))
    assert "not known" not in operation_message(once).text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("steps, accepted", ["each step once", "1. Create trunk: Waiting"]),
        ("steps, running", [f"1. Create trunk: Done: `{TRUNK.id}`", "2. Add credential: Waiting for Vobiz"]),
        ("steps, done", ["created: outbound", "3. Attach credential: Done"]),
        (
            "steps, rejected",
            ["Vobiz refused step 2 of 3", "What was done before this step stays", "Not started"],
        ),
        (
            "steps, not sent",
            [
                "Not sent: step 2 of 3 for trunk “Sales” (add credential)",
                "What was done before this step stays",
                "Not started",
            ],
        ),
        ("steps, unknown", ["did not confirm step 2 of 3", "whether the step was done", "Not known"]),
        ("steps, asking", ["did not confirm step 2 of 3", "an operator must decide", "3. Attach credential"]),
        (
            "steps, not done",
            ["Closed as not done: step 2 of 3 for trunk “Sales”", "What was done before this step stays"],
        ),
    ],
)
def test_of_several_steps_each_is_told(name: str, words: list[str]) -> None:
    message = operation_message(OPERATIONS[name])
    for expected in words:
        assert expected in message.text
    (plan,) = [part for part in message.blocks if part["type"] == "plan"]
    titles = [part["title"] for part in dictionaries(plan) if part.get("type") == "task_card"]
    assert titles == ["Create trunk", "Add credential", "Attach credential"]
    if name not in {"steps, accepted", "steps, done"}:
        assert "Nothing was created" not in message.text


def test_the_progress_of_steps_is_never_greener_than_what_is_known() -> None:
    def progress(name: str) -> list[object]:
        return [
            part["status"]
            for part in dictionaries(operation_message(OPERATIONS[name]).blocks)
            if "status" in part
        ]

    assert progress("steps, accepted") == ["pending"] * 3
    assert progress("steps, running") == ["complete", "in_progress", "pending"]
    assert progress("steps, done") == ["complete"] * 3
    assert progress("steps, unknown") == ["complete", "in_progress", "pending"]
    for name in ("steps, rejected", "steps, not sent", "steps, asking", "steps, not done"):
        assert progress(name) == ["complete", "error", "pending"]
    assert progress("created") == []


def test_what_was_partly_done_is_not_offered_to_be_tried_again() -> None:
    assert action_ids(operation_message(OPERATIONS["steps, not sent"])) == []


def test_of_an_unknown_kind_that_is_said_wherever_it_is_told() -> None:
    for name, op in OPERATIONS.items():
        if name.startswith("unheard_of"):
            assert "I do not know this kind of change" in operation_message(op).text, name
            assert "I keep it, and do nothing with it." in readable(operation_message(op).blocks), name
            if op.state is State.AWAITING_APPROVAL:
                assert "do not know this kind" in approval_message(op, HELPERS, "").text, name


def test_a_question_calls_those_who_may_decide_and_has_no_buttons_that_go_stale() -> None:
    message = question_message(OPERATIONS["asking, nothing found"], HELPERS)
    for words in ("<!subteam^S0ONCALL1>", "please decide", "did not confirm", "Sales", OPERATION.ref):
        assert words in message.text
    assert action_ids(message) == []
