"""Judging answers: each way in which a check can come out, what it says, and what it tells to do."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from bot.config.settings import Partial, Settings
from bot.doctor.configuration import (
    configuration_checks,
    policy_check,
    record_check,
    secret_check,
    settings_naming,
)
from bot.doctor.database import database_check, filesystem_of
from bot.doctor.examination import judge
from bot.doctor.probe_answers import (
    Account,
    Answers,
    Database,
    Heard,
    NoFile,
    Silence,
    Slack,
    Stored,
    Unusable,
)
from bot.doctor.slack import app_check, channel_check, group_check, scopes_check, token_check
from bot.doctor.terminal import as_lines
from bot.doctor.vobiz import clock_check, vobiz_checks
from bot.domain.check import Check, Verdict, failed, quoted
from bot.domain.outcome import Refusal
from bot.domain.policy import Members
from bot.sandbox.blockkit.validation import problems
from bot.store.database import HEAD
from bot.store.fitness import Unfit
from bot.store.keys import Keys
from bot.vobiz.client import Ready, Refused, Unreachable
from bot.words.doctor import checking_message, doctor_message
from tests.wording_samples import WORDS

NOW = 1_795_489_200.0  # 2026-11-24 03:00 UTC
DATE = "Tue, 24 Nov 2026 03:00:00 GMT"
OK, WARNING, FAILURE, UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.FAILURE, Verdict.UNKNOWN
SCOPES = "commands,chat:write,usergroups:read"


def heard(*, ahead: float = 0, scopes: str | None = SCOPES, date: str = DATE, **body: object) -> Heard:
    """An answer of Slack's, while our clock is `ahead` of Slack's by some seconds."""
    headers = {"date": date} | ({} if scopes is None else {"x-oauth-scopes": scopes})
    return Heard({"ok": "error" not in body} | body, headers, NOW + ahead)


def account(*, ahead: float = 0, **changes: object) -> Account:
    """An answer of Vobiz's, while our clock is `ahead` of Vobiz's by some seconds."""
    now = datetime.fromtimestamp(NOW, UTC)
    said = {"auth_id": "MA_1", "name": "Acme", "ceiling": 50, "active": True, "trial": False, "now": now}
    return Account(Ready(**(said | changes)), NOW + ahead)  # type: ignore[arg-type]  # the fields of a table


def settings(**changes: object) -> Settings:
    given: dict[str, object] = {
        "slack_bot_token": "xoxb-1",
        "slack_signing_secret": "s",
        "slack_app_token": None,
        "vobiz_auth_id": "MA_1",
        "vobiz_auth_token": "t",
        "database_url": "sqlite:///trunk-bot.db",
        "trunk_operators": Members(frozenset({"U1", "U2"})),
        "trunk_requesters": Members(),
        "trunk_approval_above": None,
        "trunk_approvals_channel": None,
        "trunk_max_calls": 1000,
        "trunk_break_glass": True,
    }
    return Settings(_env_file=None, **(given | changes))  # type: ignore[arg-type]  # pydantic checks them


def came_out(check: Check, verdict: Verdict, word: str) -> None:
    """A check that is not well says what to do, or why it is not known."""
    assert check.verdict is verdict
    assert word in f"{check.found} {check.todo}"
    assert verdict not in {FAILURE, WARNING} or check.todo
    assert not check.found.endswith(".")
    assert "\n" not in check.found + check.todo


SILENT = Silence("did not answer within 5 s")


@pytest.mark.parametrize(
    ("answer", "verdict", "word"),
    [
        (heard(team="Acme", team_id="T1", user_id="U_BOT"), OK, "workspace Acme (T1), bot user U_BOT"),
        (heard(team="Acme\n<!channel>" + "x" * 200), OK, "Acme <!channel>xxx"),
        (heard(error="invalid_auth"), FAILURE, "does not know the token"),
        (heard(error="token_revoked"), FAILURE, "was revoked"),
        (heard(error="account_inactive"), FAILURE, "removed from the workspace"),
        (heard(error="fatal_error"), FAILURE, "fatal_error"),
        (heard(error="<b>odd</b>"), FAILURE, "unreadable"),
        (heard(error="ratelimited"), UNKNOWN, "limits how often"),
        (SILENT, FAILURE, "Slack did not answer within 5 s"),
        (None, UNKNOWN, "missing or wrong"),
    ],
)
def test_the_bot_token(answer: Slack, verdict: Verdict, word: str) -> None:
    came_out(token_check(answer), verdict, word)


@pytest.mark.parametrize(
    ("answer", "verdict", "word"),
    [
        (heard(), OK, "all of the manifest's are granted"),
        (heard(scopes=f"{SCOPES}, users:read,files:write"), OK, "not needed: files:write, users:read"),
        (heard(scopes="commands"), FAILURE, "not granted: chat:write, usergroups:read"),
        (heard(scopes="commands"), FAILURE, "reinstall the app"),
        (heard(scopes=""), FAILURE, "not granted: commands"),
        (heard(scopes=None), UNKNOWN, "not checked"),
        (heard(error="invalid_auth"), UNKNOWN, "not checked"),
        (SILENT, UNKNOWN, "not checked"),
        (None, UNKNOWN, "not checked"),
    ],
)
def test_the_granted_scopes(answer: Slack, verdict: Verdict, word: str) -> None:
    came_out(scopes_check(answer), verdict, word)


@pytest.mark.parametrize(
    ("answer", "configured", "verdict", "word"),
    [
        (None, False, OK, "over HTTP"),
        (heard(url="wss://secret"), True, OK, "opens a connection"),
        (heard(error="invalid_auth"), True, FAILURE, "connections:write"),
        (heard(error="not_allowed_token_type"), True, FAILURE, "another kind of token"),
        (SILENT, True, FAILURE, "did not answer"),
        (None, True, UNKNOWN, "missing or wrong"),
    ],
)
def test_the_app_token(answer: Slack, configured: bool, verdict: Verdict, word: str) -> None:
    check = app_check(answer, configured=configured)
    came_out(check, verdict, word)
    assert "wss" not in check.found


@pytest.mark.parametrize(
    ("channel", "answer", "verdict", "word"),
    [
        (None, None, OK, "channel of the request"),
        ("C1", heard(error="message_not_found"), UNKNOWN, "is not checked"),
        ("C1", heard(error="message_not_found"), UNKNOWN, "/invite"),
        ("C1", heard(error="channel_not_found"), FAILURE, "sees no channel C1"),
        ("C1", heard(error="internal_error"), UNKNOWN, "internal_error"),
        ("C1", heard(error="token_revoked"), UNKNOWN, "a bot token that works"),
        ("C1", SILENT, FAILURE, "did not answer"),
        ("C1", None, UNKNOWN, "missing or wrong"),
    ],
)
def test_the_approvals_channel_is_never_said_to_be_well(
    channel: str | None, answer: Slack, verdict: Verdict, word: str
) -> None:
    came_out(channel_check(channel, answer), verdict, word)


@pytest.mark.parametrize(
    ("answer", "verdict", "word"),
    [
        (heard(users=["U1"]), OK, "1 member"),
        (heard(users=["U1", "U2"]), OK, "2 members"),
        (heard(users=[]), WARNING, "no members"),
        (heard(error="no_such_subteam"), FAILURE, "TRUNK_OPERATORS and TRUNK_REQUESTERS"),
        (heard(error="missing_scope"), FAILURE, "usergroups:read"),
        (heard(error="plan_upgrade_required"), FAILURE, "paid"),
        (heard(error="service_unavailable"), FAILURE, "service_unavailable"),
        (heard(users="U1"), FAILURE, "unreadable"),
        (heard(error="ratelimited"), UNKNOWN, "limits how often"),
        (heard(error="invalid_auth"), UNKNOWN, "a bot token that works"),
        (SILENT, FAILURE, "did not answer"),
        (None, UNKNOWN, "missing or wrong"),
    ],
)
def test_a_user_group(answer: Slack, verdict: Verdict, word: str) -> None:
    both = Members(frozenset(), frozenset({"S1"}))
    named = settings_naming("S1", settings(trunk_operators=both, trunk_requesters=both))
    came_out(group_check("S1", named, answer), verdict, word)


ONE = Members(frozenset({"U1"}))
GROUP = Members(frozenset({"U1"}), frozenset({"S1"}))
EVERYONE = Members(everyone=True)


@pytest.mark.parametrize(
    ("rules", "moot"),
    [
        ({"trunk_operators": Members(groups=frozenset({"S1"}), everyone=True)}, True),
        ({"trunk_operators": EVERYONE, "trunk_requesters": Members(groups=frozenset({"S1"}))}, True),
        ({"trunk_requesters": Members(groups=frozenset({"S1"}), everyone=True)}, True),
        ({"trunk_operators": GROUP, "trunk_requesters": EVERYONE}, False),
        ({"trunk_operators": GROUP}, False),
    ],
)
def test_a_group_that_is_gone_is_no_failure_where_everyone_may(rules: dict[str, Members], moot: bool) -> None:
    given = settings(**rules)
    answer = heard(error="no_such_subteam")
    (check,) = [
        check for check in judge(Partial(given), Answers(groups={"S1": answer})) if "S1" in check.name
    ]
    assert (check.verdict is WARNING, check.verdict is FAILURE) == (moot, not moot)
    assert ("its members are refused" in check.found) is not moot


TRIAL = account(trial=True)
REFUSED = Refused(Refusal(status=401, message="invalid credentials"), None)


@pytest.mark.parametrize(
    ("said", "calls", "verdicts", "word"),
    [
        (account(), 50, (OK, OK), "Acme (MA_1)"),
        (account(name=None), 50, (OK, OK), "those of MA_1"),
        (account(), 51, (OK, WARNING), "Set TRUNK_MAX_CALLS to 50"),
        (TRIAL, 50, (OK, WARNING), "a trial account"),
        (account(trial=True), 51, (OK, WARNING), "Upgrade it before real traffic. Set TRUNK_MAX_CALLS"),
        (account(active=False), 50, (OK, FAILURE), "not active"),
        (account(active=None, ceiling=None), 50, (OK, UNKNOWN), "did not say whether it is active"),
        (Account(REFUSED, NOW), 50, (FAILURE, UNKNOWN), "invalid credentials (HTTP 401)"),
        (
            Account(Refused(None, "MA_2"), NOW),
            50,
            (FAILURE, UNKNOWN),
            "MA_2, not of VOBIZ_AUTH_ID MA_1",
        ),
        (Account(Unreachable("http_503"), NOW), 50, (FAILURE, UNKNOWN), "http 503"),
        (Account(Unreachable("timeout"), NOW), 50, (FAILURE, UNKNOWN), "Vobiz did not answer in time"),
        (SILENT, 50, (FAILURE, UNKNOWN), "Vobiz did not answer within 5 s"),
        (None, 50, (UNKNOWN, UNKNOWN), "missing or wrong"),
    ],
)
def test_vobizs_credentials_and_account(
    said: Account | Silence | None, calls: int, verdicts: tuple[Verdict, Verdict], word: str
) -> None:
    checks = vobiz_checks(said, "MA_1", calls)
    assert tuple(check.verdict for check in checks) == verdicts
    assert word in " ".join(f"{check.found} {check.todo}" for check in checks)
    assert all(check.todo for check in checks if check.verdict in {FAILURE, WARNING})


@pytest.mark.parametrize(
    ("slack", "vobiz", "verdict", "word"),
    [
        (heard(), account(), OK, "Slack and Vobiz"),
        (heard(ahead=60), account(ahead=-60), OK, "Slack and Vobiz"),
        (heard(ahead=61), account(ahead=61), WARNING, "61 s ahead of Slack's"),
        (heard(ahead=-61), None, WARNING, "61 s behind Slack's"),
        (heard(ahead=240), account(), WARNING, "NTP"),
        (heard(ahead=-241), account(ahead=-241), FAILURE, "241 s behind Vobiz's"),
        (heard(ahead=500), account(), FAILURE, "clock agrees with Vobiz's"),
        (heard(), account(ahead=500), WARNING, "tell Vobiz"),
        (heard(error="invalid_auth", ahead=241), None, FAILURE, "241 s ahead of Slack's"),
        (SILENT, account(ahead=241), FAILURE, "241 s ahead of Vobiz's"),
        (None, Account(Refused(None, "X", datetime.fromtimestamp(NOW, UTC)), NOW), OK, "Vobiz"),
        (SILENT, Account(Unreachable("timeout"), NOW), UNKNOWN, "not checked"),
        (heard(date="yesterday"), None, UNKNOWN, "not checked"),
    ],
)
def test_the_clock(slack: Slack, vobiz: Account | Silence | None, verdict: Verdict, word: str) -> None:
    came_out(clock_check(slack, vobiz), verdict, word)


@pytest.mark.parametrize(
    ("said", "verdict", "word"),
    [
        (Stored(HEAD), OK, f"migration {HEAD}"),
        (Stored(None, unfit=Unfit.OLD), FAILURE, "older than version 13"),
        (Stored(None, unfit=Unfit.ENCODING), FAILURE, "UTF8"),
        (Stored(None, unfit=Unfit.POOLED), FAILURE, "pooler"),
        (Stored(None), WARNING, "first start"),
        (Stored("0004"), FAILURE, "nothing brings up to date"),
        (Stored(f"{int(HEAD) + 1:04}"), WARNING, "newer version"),
        (Stored("9999"), FAILURE, "newer version"),
        (Stored("odd"), FAILURE, "newer version"),
        (Stored(HEAD, filesystem="ext4"), OK, HEAD),
        (Stored(HEAD, filesystem="overlay"), WARNING, "lost with the container"),
        (Stored(HEAD, filesystem="tmpfs"), WARNING, "in memory"),
        (Stored(HEAD, filesystem="nfs4"), WARNING, "network file system"),
        (NoFile("/data/t.db", possible=True), WARNING, "not there yet"),
        (NoFile("/data/t.db", possible=False), FAILURE, "cannot be made"),
        (Unusable("the disk is full", "Make room."), FAILURE, "disk is full"),
        (Silence("cannot be used: no route"), FAILURE, "no route"),
        (None, UNKNOWN, "missing or wrong"),
    ],
)
def test_the_database(said: Database, verdict: Verdict, word: str) -> None:
    came_out(database_check(said), verdict, word)


MOUNTS = r"""overlay / overlay rw,relatime 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/sda /data ext4 rw 0 0
server:/x /data/two\040words nfs4 rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/app/trunk-bot.db", "overlay"),
        ("/data/t.db", "ext4"),
        ("/database/t.db", "overlay"),
        ("/data/two words/t.db", "nfs4"),
        ("/dev/shm/t.db", "tmpfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert filesystem_of(path, MOUNTS) == kind
    assert filesystem_of(path, "") is None


def test_the_configuration_is_complete_or_everything_wrong_is_a_line() -> None:
    assert [check.verdict for check in configuration_checks(Partial(settings()))] == [OK]
    wrong = Partial(settings(), frozenset({"vobiz_auth_id"}), ("VOBIZ_AUTH_ID is not set", "PORT: odd"))
    checks = configuration_checks(wrong)
    assert [(check.verdict, check.found) for check in checks] == [
        (FAILURE, "VOBIZ_AUTH_ID is not set"),
        (FAILURE, "PORT: odd"),
    ]


@pytest.mark.parametrize(
    ("known", "verdict", "word"),
    [
        (Partial(settings()), OK, "set;"),
        (Partial(settings(slack_signing_secret="one,two")), OK, "two are set"),
        (Partial(settings(), frozenset({"slack_signing_secret"}), ("x",)), UNKNOWN, "missing or wrong"),
        (Partial(settings(slack_app_token="xapp-1")), OK, "set, and not needed in Socket Mode"),
    ],
    ids=["one", "two", "none", "Socket Mode"],
)
def test_the_signing_secret_is_there(known: Partial, verdict: Verdict, word: str) -> None:
    came_out(secret_check(known), verdict, word)


KEY, OTHER_KEY = "0123456789-abcdefghijklmnopqrstuvw", "9876543210-abcdefghijklmnopqrstuvw"
NAME, OTHER_NAME = (Keys([key.encode()]).name for key in (KEY, OTHER_KEY))


@pytest.mark.parametrize(
    ("keys", "database", "verdict", "word"),
    [
        (None, Stored(HEAD), WARNING, "whoever may write to the database could forge all of it"),
        (None, NoFile("x", possible=True), WARNING, "openssl rand -hex 32"),
        (KEY, Stored(HEAD), OK, f"sealed with the key {NAME}"),
        (KEY, Stored(HEAD, key=NAME), OK, f"sealed with the key {NAME}"),
        (f"{OTHER_KEY},{KEY}", Stored(HEAD, key=NAME), OK, f"{NAME} is known too, as while it is rotated"),
        (KEY, Stored(HEAD, key=f"{OTHER_NAME},{NAME}"), OK, f"sealed with the key {NAME}"),
        (None, Stored(HEAD, key=NAME), FAILURE, "TRUNK_AUDIT_KEY is not set: the bot does not start"),
        (OTHER_KEY, Stored(HEAD, key=NAME), FAILURE, f"TRUNK_AUDIT_KEY holds {OTHER_NAME}"),
        (KEY, Stored(HEAD, guarded=False), WARNING, "does not refuse to change events"),
        (KEY, Silence("x"), UNKNOWN, ""),
    ],
)
def test_the_record_is_sealed_with_the_key_that_is_set(
    keys: str | None, database: Database, verdict: Verdict, word: str
) -> None:
    came_out(record_check(Partial(settings(trunk_audit_key=keys)), database), verdict, word)


@pytest.mark.parametrize(
    ("rules", "groups", "verdict", "word"),
    [
        ({}, {}, OK, "operators: 2; requesters: nobody; at most 1000 calls"),
        ({"trunk_operators": Members()}, {}, WARNING, "Nobody may create trunks"),
        ({"trunk_operators": Members(), "trunk_requesters": ONE}, {}, FAILURE, "Nobody can approve"),
        ({"trunk_operators": EVERYONE, "trunk_requesters": ONE}, {}, OK, "everyone in the workspace"),
        ({"trunk_operators": GROUP}, {"S1": frozenset({"U1", "U3"})}, OK, "operators: 2"),
        ({"trunk_operators": GROUP}, {"S1": None}, OK, "1 by name, and groups that were not read"),
        ({"trunk_approval_above": 100}, {}, OK, "above 100 calls a second operator must approve"),
        ({"trunk_approval_above": 100, "trunk_operators": ONE}, {}, WARNING, "name a second one"),
        (
            {"trunk_approval_above": 100, "trunk_operators": ONE, "trunk_break_glass": False},
            {},
            FAILURE,
            "Nobody can approve the requests of the only operator above 100",
        ),
        (
            {"trunk_approval_above": 9, "trunk_operators": GROUP, "trunk_break_glass": False},
            {"S1": frozenset({"U1"})},
            FAILURE,
            "only operator",
        ),
        (
            {"trunk_approval_above": 9, "trunk_operators": GROUP, "trunk_break_glass": False},
            {"S1": None},
            OK,
            "break glass is off",
        ),
        ({"trunk_approval_above": 1000}, {}, WARNING, "never reached"),
        ({"trunk_approval_above": 1000, "trunk_operators": ONE}, {}, WARNING, "never reached"),
        (
            {"trunk_operators": Members(frozenset(), frozenset({"S1"})), "trunk_requesters": ONE},
            {"S1": frozenset()},
            FAILURE,
            "Nobody can approve",
        ),
    ],
)
def test_the_policy_leaves_somebody_to_act(
    rules: dict[str, object], groups: dict[str, frozenset[str] | None], verdict: Verdict, word: str
) -> None:
    came_out(policy_check(Partial(settings(**rules)), groups), verdict, word)


def test_a_policy_that_is_not_known_is_not_judged() -> None:
    known = Partial(settings(), frozenset({"trunk_operators"}), ("x",))
    came_out(policy_check(known, {}), UNKNOWN, "missing or wrong")


EVERYTHING_WRONG = judge(
    Partial(settings(trunk_approvals_channel="C1AB", trunk_operators=GROUP), problems=("PORT: odd",)),
    Answers(
        heard(error="invalid_auth"),
        None,
        SILENT,
        {"S1": SILENT},
        Account(Refused(Refusal(status=401, message=WORDS), None), NOW),
        Silence(f"cannot be used: {WORDS}"),
    ),
)


def test_an_unset_app_token_is_not_asked_about_and_a_wrong_channel_is_said_once() -> None:
    wrong = Partial(settings(), frozenset({"trunk_approvals_channel"}), ("TRUNK_APPROVALS_CHANNEL: odd",))
    names = [check.name for check in judge(wrong, Answers())]
    assert names == [
        *(
            "configuration",
            "database",
            "record",
            "bot token",
            "scopes",
            "signing secret",
            "app token",
            "clock",
        ),
        *("Vobiz credentials", "Vobiz account", "policy"),
    ]


def test_an_app_token_is_judged_only_where_one_is_set() -> None:
    known = Partial(settings().model_copy(update={"slack_app_token": SecretStr("xapp-1")}))
    check = next(check for check in judge(known, Answers(app=heard())) if check.name == "app token")
    assert (check.verdict, check.found) == (OK, "opens a connection (Socket Mode)")


def test_each_check_is_one_line() -> None:
    lines = as_lines(EVERYTHING_WRONG)
    assert len(lines.splitlines()) == len(EVERYTHING_WRONG)
    assert lines.startswith("FAILED   configuration: PORT: odd -> See .env.example.\n")
    assert "unknown  scopes: not checked" in lines


def test_the_message_tells_every_check_the_gravest_first() -> None:
    message = doctor_message(EVERYTHING_WRONG)
    assert problems("message", {"text": message.text, "blocks": list(message.blocks)}) == []
    assert message.text.startswith(f"❌ {sum(c.verdict is FAILURE for c in EVERYTHING_WRONG)} of ")
    told = [message.text.index(f": {check.name}: ") for check in EVERYTHING_WRONG if check.verdict is FAILURE]
    assert max(told) < message.text.index("Not known: scopes")
    assert "<!channel>" not in message.text
    assert "<@U0EVIL001>" not in message.text


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        ((OK, UNKNOWN), "✅ No check failed"),
        ((OK, WARNING), "⚠️ No check failed; 1 has a warning"),
        ((WARNING, WARNING), "⚠️ No check failed; 2 have warnings"),
        ((OK, FAILURE, WARNING), "❌ 1 of 3 checks failed"),
    ],
)
def test_the_headline_counts(verdicts: tuple[Verdict, ...], headline: str) -> None:
    checks = [Check("name", verdict, "found") for verdict in verdicts]
    assert doctor_message(checks).text.splitlines()[0] == headline
    assert failed(checks) is (FAILURE in verdicts)


def test_slack_takes_the_first_word() -> None:
    message = checking_message()
    assert problems("message", {"text": message.text, "blocks": list(message.blocks)}) == []


def test_words_of_others_are_cut_and_printable() -> None:
    assert quoted("a\nb\x00\u202ec" + "d" * 100, 10) == "a b  cddd…"
