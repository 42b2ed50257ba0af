"""Every published answer of Vobiz, the unpublished ones a gateway gives, and every way to get none."""

import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.outcome import Data, Done, FieldError, NotSent, Outcome, Refusal, Rejected, Thing, Unknown
from bot.kinds.create_trunk import CreateTrunk
from bot.vobiz.bodies import read_object
from bot.vobiz.listing import read_page
from bot.vobiz.outcome import BODY_MAX, read_failure
from bot.vobiz.outcome import read_answer as read_any_answer
from bot.vobiz.trunks import TEXT_MAX
from bot.vobiz.verdicts import list_failed
from bot.vobiz.writes import Write

DATA = Path(__file__).parents[1] / "data" / "vobiz"
CREATE = CreateTrunk()
UUID = "aabbccdd-1234-5678-90ab-cdef12345678"
TRUNK = {"trunk_id": UUID, "name": "Sales", "trunk_domain": "aabbccdd.sip.vobiz.ai"}


def refused(outcome: Outcome) -> Refusal:
    """Take the refusal out of an outcome that must be one."""
    assert isinstance(outcome, Rejected)
    return outcome.refusal


def created(outcome: Outcome) -> Thing:
    """Take the trunk out of an outcome that must be one."""
    assert isinstance(outcome, Done)
    assert outcome.thing is not None
    return outcome.thing


def read_answer(status: int, headers: dict[str, str], body: bytes) -> Outcome:
    """Read an answer as that to a create."""
    return read_any_answer(status, headers, body, lambda *answered: CREATE.read_success("create", *answered))


def answer(status: int, body: object, headers: dict[str, str] | None = None) -> Outcome:
    """Read an answer whose body is JSON."""
    return read_answer(status, headers or {}, json.dumps(body).encode())


# --- every example body -------------------------------------------------------------------------------

# What each file means as an answer to the create call: a trunk's (id, name, direction), a refusal's
# (message, code), or why it is unknown. Request bodies are read as a 200 that echoes them.
NO_TRUNK = "no_id"
THIN = "incomplete"  # an id of something else, or with nothing to show that it is a trunk's
CONFLICT = "conflict"
EXPECTED: dict[str, tuple[str | None, ...] | str] = {
    "ANY-credentials-409--errors-page.json": CONFLICT,
    "ANY-error-401.json": (
        "Access token has expired. Use refresh token to obtain a new one.",
        "TOKEN_EXPIRED",
    ),
    "ANY-error-402.json": ("Account balance too low to complete this operation", "INSUFFICIENT_BALANCE"),
    "ANY-error-403.json": ("Account is inactive. Contact support to reactivate.", "ACCOUNT_INACTIVE"),
    "ANY-error-422.json": ("Request validation failed", "VALIDATION_ERROR"),
    "ANY-error-429.json": ("CPS limit exceeded for this trunk", "RATE_LIMIT_EXCEEDED"),
    "DELETE-ip-acl-404.json": ("IP ACL not found", None),
    "DELETE-number-assign-400.json": (
        "The phone number format is invalid. Ensure it is URL-encoded correctly.",
        None,
    ),
    "DELETE-number-assign-404.json": (
        "The phone number could not be found or is not assigned to any trunk.",
        None,
    ),
    "DELETE-origination-uri-404.json": ("Origination URI not found", None),
    "GET-auth-me-200.json": THIN,
    "GET-auth-me-401.json": ("invalid credentials", None),
    "GET-balance-200.json": THIN,
    "GET-concurrency-200.json": NO_TRUNK,
    "GET-credentials-200--legacy.json": NO_TRUNK,
    "GET-credentials-200.json": NO_TRUNK,
    "GET-ip-acl-200.json": NO_TRUNK,
    "GET-live-calls-200.json": NO_TRUNK,
    "GET-numbers-200--after-unassign.json": NO_TRUNK,
    "GET-numbers-200--assigned.json": NO_TRUNK,
    "GET-numbers-200.json": NO_TRUNK,
    "GET-origination-uris-200.json": NO_TRUNK,
    "GET-trunk-200--inbound.json": (UUID, "Acme Production Trunk", "inbound"),
    "GET-trunk-200.json": (UUID, "Acme Production Trunk", "both"),
    "GET-trunk-404.json": ("SIP trunk not found", "TRUNK_NOT_FOUND"),
    "GET-trunks-200--legacy.json": NO_TRUNK,
    "GET-trunks-200--spec.json": NO_TRUNK,
    "GET-trunks-200.json": NO_TRUNK,
    "POST-credentials-200.json": THIN,
    "POST-credentials-201.json": THIN,
    "POST-credentials-409.json": CONFLICT,
    "POST-credentials-request.json": NO_TRUNK,
    "POST-ip-acl-200.json": THIN,
    "POST-ip-acl-201.json": THIN,
    "POST-ip-acl-400.json": ("Invalid IP address format", None),
    "POST-ip-acl-request--stale.json": NO_TRUNK,
    "POST-ip-acl-request.json": NO_TRUNK,
    "POST-number-assign-400.json": CONFLICT,
    "POST-number-assign-404.json": (
        "The phone number could not be found. Ensure it is in your inventory and URL-encoded correctly.",
        None,
    ),
    "POST-number-assign-request.json": NO_TRUNK,
    "POST-origination-uris-200.json": THIN,
    "POST-origination-uris-201.json": THIN,
    "POST-origination-uris-400.json": ("Invalid SIP URI format. Expected: sip:user@host:port", None),
    "POST-origination-uris-request.json": NO_TRUNK,
    "POST-trunks-201--spec.json": (UUID, "My Outbound Trunk", "outbound"),
    "POST-trunks-201.json": (UUID, "My Outbound Trunk", "both"),
    "POST-trunks-request--inbound-guide.json": NO_TRUNK,
    "POST-trunks-request--legacy.json": NO_TRUNK,
    "POST-trunks-request--spec.json": NO_TRUNK,
    "POST-trunks-request.json": NO_TRUNK,
    "PUT-credential-200.json": THIN,
    "PUT-credential-request.json": NO_TRUNK,
    "PUT-ip-acl-200.json": THIN,
    "PUT-ip-acl-request.json": NO_TRUNK,
    "PUT-origination-uri-200.json": THIN,
    "PUT-origination-uri-request.json": NO_TRUNK,
    "PUT-trunk-200--legacy.json": ("aabbcc-dd-ee-ff-gg", "Updated Production Trunk", "both"),
    "PUT-trunk-200.json": (UUID, "Acme Production Trunk", "both"),
    "PUT-trunk-request--disable.json": NO_TRUNK,
    "PUT-trunk-request--partial.json": NO_TRUNK,
    "PUT-trunk-request.json": NO_TRUNK,
}


def read_file(name: str) -> Outcome:
    """Read an example as the answer with the status in its name."""
    status = re.search(r"-(\d{3})(?:--|\.)", name)
    return read_answer(int(status[1]) if status else 200, {}, (DATA / name).read_bytes())


def test_every_example_has_an_expectation() -> None:
    assert set(EXPECTED) == {path.name for path in DATA.iterdir()}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_reads_as_expected(name: str) -> None:
    match read_file(name):
        case Done(Thing(id=made, data=trunk)):
            assert (made, trunk.get("name"), trunk.get("direction")) == EXPECTED[name]
        case Done(None):
            pytest.fail("a create that made nothing")
        case Rejected(refusal):
            assert (refusal.message, refusal.code) == EXPECTED[name]
        case Unknown(reason):
            assert reason == EXPECTED[name]
        case NotSent():
            pytest.fail("an answer was received, so something was sent")


def test_a_validation_error_names_its_fields_and_drops_their_values() -> None:
    refusal = refused(read_file("ANY-error-422.json"))
    assert refusal.fields == (
        FieldError(field="password", message="Password must be at least 8 characters"),
        FieldError(field="email", message="Invalid email format"),
        FieldError(field="maxCps", message="Must be between 1 and 1000"),
    )
    assert "notanemail" not in refusal.model_dump_json()


def test_a_password_in_a_trunk_is_not_kept() -> None:
    assert "MASKED-BY-US" not in repr(read_file("PUT-trunk-200--legacy.json"))


def test_the_documented_answer_is_read_whole() -> None:
    assert created(read_file("POST-trunks-201.json")).data == {
        "id": UUID,
        "name": "My Outbound Trunk",
        "domain": f"{UUID}.sip.vobiz.ai",
        "direction": "both",
        "calls": 10,
        "cps": 2,
        "transport": "udp",
        "secure": False,
        "status": "active",
        "created_at": "2026-05-12T05:11:52.054462Z",
    }


# --- statuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 203, 204, 299])
def test_a_2xx_that_names_a_trunk_is_done(status: int) -> None:
    outcome = answer(status, TRUNK, {"X-Request-Id": "req_1"})
    assert isinstance(outcome, Done)
    assert (created(outcome).id, outcome.status, outcome.request_id) == (UUID, status, "req_1")


def test_a_202_is_a_promise_whatever_it_names() -> None:
    assert answer(202, TRUNK, {"X-Request-Id": "req_1"}) == Unknown("promised", "req_1")
    assert read_answer(202, {}, b"") == Unknown("promised")


def test_any_other_status_than_2xx_and_4xx_is_unknown_even_with_a_trunk_in_it() -> None:
    for status in (0, *range(100, 200), *range(300, 400), 408, 425, 460, 499, *range(500, 601)):
        reason = "redirect" if 300 <= status < 400 else f"http_{status}"
        assert answer(status, {**TRUNK, "requestId": "req_1"}) == Unknown(reason, "req_1"), status


@pytest.mark.parametrize("status", [206, 207, 208, 226])
def test_a_part_of_an_answer_settles_nothing(status: int) -> None:
    assert answer(status, TRUNK) == Unknown(f"http_{status}")


def test_a_4xx_is_a_refusal() -> None:
    for status in set(range(400, 500)) - {408, 409, 423, 425, 460, 499}:
        outcome = answer(status, {"message": "no"})
        assert isinstance(outcome, Rejected), status
        assert outcome.refusal.status == status


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(409, {}, id="409 without a word"),
        pytest.param(400, {"error": "A trunk with this name already exists"}, id="exists"),
        pytest.param(
            422, {"error": {"code": "NAME_TAKEN", "message": "Validation failed"}}, id="in the code"
        ),
        pytest.param(422, {"errors": [{"field": "name", "message": "must be unique"}]}, id="in a field"),
        pytest.param(400, {"message": "Duplicate entry 'Sales' for key"}, id="a database's"),
        pytest.param(404, {"message": "Already deleted"}, id="already deleted"),
        pytest.param(423, {}, id="423 without a word"),
        pytest.param(400, {"error": {"code": "AlreadyExists", "message": "Bad"}}, id="in capitals"),
        pytest.param(422, {"error": {"details": [{"path": "name", "issue": "exists"}]}}, id="in a detail"),
        pytest.param(400, {"message": "UNIQUE constraint failed: trunk.name"}, id="another database's"),
        pytest.param(400, {"message": "Bad", "cause": {"code": "23505"}}, id="in a database's code"),
        pytest.param(422, {"error": "A request with this content is in progress"}, id="in progress"),
        pytest.param(403, {"error": "A trunk with this name already exists"}, id="as forbidden"),
        pytest.param(429, {"error": "Duplicate request"}, id="as too fast"),
    ],
)
def test_a_refusal_that_speaks_of_something_that_is_there_settles_nothing(status: int, body: object) -> None:
    # Something on the way sends the request twice: the first made the trunk, and the second is answered.
    outcome = answer(status, body, {"X-Request-Id": "req_1"})
    assert isinstance(outcome, Unknown)
    assert (outcome.reason, outcome.request_id) == ("conflict", "req_1")
    assert outcome.refusal is not None
    assert outcome.refusal.status == status


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"error": "Account does not exist"}),
        (402, {"error": "Your balance was already used up"}),
        (429, {"error": "Too many requests: limit already reached"}),
        (401, {"error": "Token is already expired"}),
        (400, {"error": "A name is required"}),
        (403, {"error": "No subscription exists for this account"}),
        (402, {"error": "No payment method exists"}),
        (429, {"error": "Each unique caller may send 10 requests a second"}),
        (422, {"error": "Trunk limit reached. Delete an existing trunk first."}),
        (422, {"error": "Bad", "id": "11111111-1234-5678-90ab-cdef12345678"}),
    ],
    ids=str,
)
def test_a_refusal_that_leaves_no_doubt_is_one(status: int, body: object) -> None:
    assert refused(answer(status, body)).status == status


def test_a_refusal_may_repeat_the_id_of_what_it_is_about() -> None:
    body = json.dumps({"error": "Maximum of 10000", "trunk_id": UUID}).encode()
    for asked, known in ((frozenset({UUID}), True), (frozenset[str](), False)):
        outcome = read_any_answer(422, {}, body, lambda *_: "no_id", asked=asked)
        assert isinstance(outcome, Rejected) == known
    assert Write("x", "PUT", f"trunks/{UUID.upper()}", {"ipacl_uuid": None}).ids == {UUID}


@pytest.mark.parametrize(
    "said",
    ["Trunk created. Error tone disabled", "Trunk created. Fail-over is off.", "Created! Failed calls: 0"],
)
def test_what_is_said_after_the_first_sentence_of_a_whole_trunk_is_not_against_it(said: str) -> None:
    assert isinstance(answer(201, TRUNK | {"message": said}), Done)
    assert isinstance(answer(201, TRUNK | {"message": "Creation failed. Sorry"}), Unknown)


@pytest.mark.parametrize("said", ["Deletion scheduled", "It will be deleted", "Number assignment queued"])
def test_what_will_be_done_is_not_done(said: str) -> None:
    for body in ({"message": said}, said):
        told = read_any_answer(200, {}, json.dumps(body).encode(), lambda *_: None)
        assert isinstance(told, Unknown)
        assert told.reason == "promised"


def test_a_refusal_that_cannot_be_read_is_searched_for_words_of_conflict() -> None:
    assert isinstance(read_answer(400, {}, b"<h1>Trunk already exists</h1>"), Unknown)
    assert isinstance(read_answer(400, {}, b"<h1>Bad Request</h1>"), Rejected)
    for encoding in ("utf-16", "utf-16-le"):
        told = read_answer(400, {}, '{"error": "Trunk already exists"}'.encode(encoding))
        assert isinstance(told, Unknown)
        assert told.reason == "conflict"
        unread = read_answer(400, {}, '{"error": "Das gibt es schon"}'.encode(encoding))
        assert isinstance(unread, Unknown)
        assert unread.reason == "unreadable"


@pytest.mark.parametrize(
    ("status", "certain"),
    [(400, False), (404, False), (422, False), (401, True), (402, True), (403, True), (429, True)],
)
def test_a_refusal_whose_words_are_cut_off_is_one_where_the_status_leaves_no_doubt(
    status: int, certain: bool
) -> None:
    cut = b'{"error": {"message": "Insufficient'
    outcome = read_any_answer(status, {}, cut, lambda *_: "no_id", httpx.ReadError("cut"))
    assert isinstance(outcome, Rejected) == certain
    if isinstance(outcome, Unknown):
        assert (outcome.reason, outcome.refusal and outcome.refusal.status) == ("reset", status)


def test_a_refusal_that_names_a_whole_trunk_settles_nothing() -> None:
    outcome = answer(400, TRUNK)
    assert isinstance(outcome, Unknown)
    assert outcome.reason == "contradiction"


@pytest.mark.parametrize(
    "body", [{"error": "Webhook failed", "trunk_id": UUID}, {"success": True, "message": "Created"}], ids=str
)
def test_a_refusal_that_names_an_id_or_says_that_it_worked_settles_nothing(body: object) -> None:
    outcome = answer(400, body)
    assert isinstance(outcome, Unknown)
    assert outcome.reason == "contradiction"
    assert refused(answer(402, body)).status == 402


@pytest.mark.parametrize(
    "against",
    [
        {"error": {"message": "Insufficient balance"}},
        {"success": False, "message": "Insufficient balance"},
        {"success": "false", "message": "Insufficient balance"},
        {"ok": False, "message": "Insufficient balance"},
        {"status": "error", "message": "Insufficient balance"},
        {"status": "Failed", "message": "Insufficient balance"},
        {"status": 402, "message": "Insufficient balance"},
        {"code": "402", "message": "Insufficient balance"},
        {"errors": [{"field": "x", "message": "y"}], "message": "Insufficient balance"},
        {"success": 0, "message": "Insufficient balance"},
        {"error": True, "detail": "Insufficient balance"},
        {"errors": ["Insufficient balance"]},
        {"success": False, "errors": [{"message": "Insufficient balance"}]},
        {"data": {"success": False, "message": "Insufficient balance"}},
        {"status": "error", "response": {"error": {"msg": "Insufficient balance"}}},
        {"result": "error", "message": "Insufficient balance"},
        {"Success": False, "Message": "x", "message": "Insufficient balance"},
        {"status_code": 402, "message": "Insufficient balance"},
        {"httpStatus": "402", "message": "Insufficient balance"},
        {"code": -1, "message": "Insufficient balance"},
        {"errorCode": "BALANCE", "message": "Insufficient balance"},
        {"meta": {"status": "failed"}, "message": "Insufficient balance"},
        {"message": "Insufficient balance"},
    ],
    ids=str,
)
def test_a_success_that_speaks_of_a_failure_is_quoted_and_settles_nothing(against: dict[str, object]) -> None:
    for body in (TRUNK | against, against):
        outcome = answer(200, body)
        assert isinstance(outcome, Unknown)
        assert outcome.reason == "contradiction"
        assert outcome.refusal is not None
        assert outcome.refusal.message == "Insufficient balance"


def test_a_status_of_false_is_a_failure_unless_it_may_be_the_trunks() -> None:
    said = {"status": False, "message": "Insufficient balance"}
    outcome = answer(200, said)
    assert isinstance(outcome, Unknown)
    assert outcome.refusal is not None
    assert outcome.refusal.message == "Insufficient balance"
    assert created(answer(200, TRUNK | {"status": False})).data["status"] == "inactive"


def test_the_only_one_of_a_list_is_read_like_itself() -> None:
    assert refused(answer(402, [{"error": "Insufficient balance"}])).message == "Insufficient balance"


@pytest.mark.parametrize(
    "harmless",
    [
        *({"error": None}, {"errors": []}, {"success": True}, {"status": "active"}, {"code": 201}),
        *({"error": "none"}, {"errorCode": 0}, {"message": "Created without error"}, {"ok": "true"}),
        {"message": "The password cannot be read later"},
    ],
    ids=str,
)
def test_what_says_nothing_against_a_success_does_not_spoil_it(harmless: dict[str, object]) -> None:
    assert created(answer(201, TRUNK | harmless)).id == UUID


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'"failed"', "contradiction"),
        (b'"Could not delete the trunk"', "contradiction"),
        (b'"queued"', "promised"),
        (b'{"status": "queued"}', "promised"),
        (b'{"results": [{"status": 403}]}', "contradiction"),
    ],
)
def test_a_success_that_has_to_name_nothing_may_still_say_that_it_is_none(body: bytes, reason: str) -> None:
    outcome = read_any_answer(200, {}, body, lambda *_: None)
    assert isinstance(outcome, Unknown)
    assert outcome.reason == reason


def test_words_beside_a_success_that_names_nothing_are_quoted() -> None:
    outcome = answer(200, {"message": "We will call you"})
    assert isinstance(outcome, Unknown)
    assert outcome.reason == "no_id"
    assert outcome.refusal is not None
    assert outcome.refusal.message == "We will call you"


def test_an_empty_success_is_read_by_the_kind() -> None:
    def read(status: int, body: Data | None) -> Thing | str | None:
        return None if (status, body) == (204, None) else "unreadable"

    assert read_any_answer(204, {}, b" ", read) == Done(None, 204, None)
    assert read_any_answer(204, {}, b'"deleted"', read) == Done(None, 204, None)
    assert read_any_answer(204, {}, b"<html>", read) == Unknown("unreadable")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "unreadable", id="empty"),
        pytest.param(b"<html><h1>Created</h1></html>", "unreadable", id="HTML"),
        pytest.param(json.dumps(TRUNK).encode()[:-1], "unreadable", id="truncated"),
        pytest.param(b'"' + UUID.encode() + b'"', "unreadable", id="a string"),
        pytest.param(json.dumps([TRUNK, TRUNK]).encode(), "unreadable", id="a list of two"),
        pytest.param(b"[]", "unreadable", id="an empty list"),
        pytest.param(b'{"trunk_id": "a", "trunk_id": "b", "name": "x"}', "unreadable", id="one key, two ids"),
        pytest.param(b"null", "unreadable", id="null"),
        pytest.param(b"\xff\xfe\x00", "unreadable", id="no text"),
        pytest.param(b"[" * 900_000, "unreadable", id="deep"),
        pytest.param(b'{"trunk_id": ' + b"9" * 9000 + b"}", "unreadable", id="a huge number"),
        pytest.param(b"{}", "no_id", id="nothing in it"),
        pytest.param(b'{"trunk_id": ""}', "no_id", id="empty id"),
        pytest.param(b'{"trunk_id": null}', "no_id", id="null id"),
        pytest.param(b'{"trunk_id": true}', "no_id", id="a truth value for an id"),
        pytest.param(b'{"trunk_id": 4.2}', "no_id", id="a fraction for an id"),
        pytest.param(b'{"trunk_id": "{}"}', "no_id", id="nothing in braces"),
        pytest.param(b'{"trunk_id": "../credentials"}', "no_id", id="an id with a slash"),
        pytest.param(b'{"trunk_id": "a b"}', "no_id", id="an id with a space"),
        pytest.param(b'{"trunk_id": "\xd9\xa3"}', "no_id", id="an id with an Arabic digit"),
        pytest.param(b'{"trunk_id": "a\\n"}', "no_id", id="an id with a line end"),
        pytest.param(b'{"trunk_id": "' + b"a" * 65 + b'"}', "no_id", id="65 characters"),
        pytest.param(b'{"data": {"id": "job-1"}}', "incomplete", id="a job in an envelope"),
        pytest.param(b'{"id": "job-1", "data": {}}', "incomplete", id="a job beside an empty envelope"),
        pytest.param(
            json.dumps(TRUNK | {"data": TRUNK | {"trunk_id": "b"}}).encode(), "ambiguous", id="two trunks"
        ),
        pytest.param(json.dumps({"status": "queued", "data": TRUNK}).encode(), "promised", id="queued"),
        pytest.param(b'{"id": "job-1"}', "incomplete", id="a job"),
        pytest.param(b'{"id": "a", "name": "Sales"}', "incomplete", id="a name alone"),
        pytest.param(b'{"id": "a", "domain": "x", "calls": 1}', "incomplete", id="no name"),
        pytest.param(json.dumps(TRUNK).encode() + b" " * 10_000_000, "too_large", id="10 MB"),
    ],
)
def test_a_2xx_that_names_no_trunk_is_unknown(body: bytes, reason: str) -> None:
    assert read_answer(201, {}, body) == Unknown(reason, None)


def test_the_largest_body_that_is_read_is_1_mb() -> None:
    body = json.dumps(TRUNK).encode()
    assert isinstance(read_answer(201, {}, body.ljust(BODY_MAX)), Done)
    assert read_answer(201, {}, body.ljust(BODY_MAX + 1)) == Unknown("too_large", None)


@pytest.mark.parametrize(
    "body",
    [
        {"data": TRUNK},
        {"status": "success", "data": {"trunk": TRUNK}},
        {"success": True, "result": [TRUNK]},
        [TRUNK],
        {"trunk": {"trunk_id": None, "id": UUID, "name": "Sales", "sip_domain": "x.example"}, "error": None},
    ],
    ids=str,
)
def test_a_trunk_may_come_in_an_envelope(body: object) -> None:
    assert created(answer(201, body)).id == UUID


@pytest.mark.parametrize(
    ("given", "known"), [(42, "42"), (f"{{{UUID}}}", UUID), (UUID.upper(), UUID.upper())]
)
def test_an_id_may_be_a_number_or_stand_in_braces(given: object, known: str) -> None:
    assert created(answer(201, TRUNK | {"trunk_id": given})).id == known


def test_a_trunk_in_other_letters_than_utf_8_is_read() -> None:
    told = created(
        read_answer(201, {}, json.dumps(TRUNK | {"name": "Café"}, ensure_ascii=False).encode("latin-1"))
    )
    assert (told.id, told.data["name"]) == (UUID, "Café")


def test_an_empty_trunk_id_does_not_hide_the_other_spelling() -> None:
    body = {
        "trunk_id": "",
        "id": "abc",
        "name": "Sales",
        "trunk_domain": None,
        "sip_domain": "abc.sip.vobiz.ai",
        "error": None,
    }
    trunk = created(answer(200, body))
    assert (trunk.id, trunk.data["domain"]) == ("abc", "abc.sip.vobiz.ai")


@pytest.mark.parametrize(
    ("drifted", "expected"),
    [
        ({"concurrent_calls_limit": "5"}, {"calls": 5}),
        ({"concurrent_calls_limit": 5.0}, {"calls": 5}),
        ({"concurrent_calls_limit": "5 calls"}, {}),
        ({"concurrent_calls_limit": True}, {}),
        ({"concurrent_calls_limit": 1e300}, {}),
        ({"concurrent_calls_limit": 10**9}, {}),
        ({"secure": "false"}, {"secure": False}),
        ({"secure": "on"}, {}),
        ({"trunk_status": True}, {"status": "active"}),
        ({"created_at": 1_768_000_000}, {"created_at": "2026-01-09T23:06:40Z"}),
        ({"created_at": "1768000000000"}, {"created_at": "2026-01-09T23:06:40Z"}),
        ({"created_at": 20_260_109}, {}),
    ],
    ids=str,
)
def test_a_type_that_drifts_is_read_where_it_can_mean_only_one_thing(
    drifted: dict[str, object], expected: dict[str, object]
) -> None:
    told = created(answer(201, TRUNK | drifted)).data
    assert {key: value for key, value in told.items() if key not in {"id", "name", "domain"}} == expected


@pytest.mark.parametrize("word", ["pending", "N/A", "-", ".", " "])
def test_a_word_is_no_sip_domain_and_it_is_waited_for(word: str) -> None:
    made = created(answer(201, TRUNK | {"trunk_domain": word, "trunk_direction": "outbound"}))
    assert "domain" not in made.data
    assert "SIP domain" in made.awaited


def test_a_nul_in_a_name_is_nothing_that_a_database_takes() -> None:
    assert created(answer(201, TRUNK | {"name": "a\0b"})).data["name"] == "a?b"


# --- refusals ---------------------------------------------------------------------------------------

E1_ERROR = {"code": "C", "message": "m1"}


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        pytest.param({"status": "error", "error": E1_ERROR}, "m1", "C", id="E1"),
        pytest.param({"error": "m2", "code": 404}, "m2", None, id="E2"),
        pytest.param({"error": "kind", "message": "m3"}, "m3", None, id="E3"),
        pytest.param({"api_id": "x", "error": "kind", "message": "m4"}, "m4", None, id="E4"),
        pytest.param({"status": 400, "error": E1_ERROR}, "m1", "C", id="E5"),
        pytest.param({"error": "m6"}, "m6", None, id="bare"),
        pytest.param({"error": E1_ERROR, "message": "m7"}, "m1", "C", id="the inner message first"),
        pytest.param({"error": {"code": "C"}, "message": "m7"}, "m7", "C", id="then the outer one"),
        pytest.param({"error": {"message": " \n"}, "message": "m7"}, "m7", None, id="blank is none"),
        pytest.param({"error": "m8", "message": 5}, "m8", None, id="a number is none"),
        pytest.param({"message": "m9", "code": "TOP"}, "m9", "TOP", id="code at the top"),
        pytest.param(
            {"error": {"details": {"errors": [{"field": "name", "message": "too long"}, {"field": "x"}, 5]}}},
            "name: too long",
            None,
            id="then the fields",
        ),
        pytest.param(
            {"errors": [{"field": "a", "message": "b"}] * 2}, "a: b; a: b", None, id="fields at the top"
        ),
        pytest.param(
            {"error": "<html><b>502</b>"}, "No explanation was given (HTTP 400 Bad Request).", None, id="HTML"
        ),
        pytest.param({"error": "a\u202eb\nc\ud800d"}, "a b c d", None, id="controls and half pairs"),
        pytest.param(
            {"error": "<!channel> *b* &amp;"}, "<!channel> *b* &amp;", None, id="mrkdwn is left to the view"
        ),
        pytest.param({}, "No explanation was given (HTTP 400 Bad Request).", None, id="empty object"),
        pytest.param({"errors": {"name": ["too long", "odd"]}}, "name: too long; odd", None, id="by field"),
        pytest.param({"detail": [{"msg": "x"}, "m10"]}, "m10", None, id="a list of words"),
        pytest.param({"type": "about:blank", "title": "m11"}, "m11", None, id="a problem (RFC 9457)"),
        pytest.param({"data": {"error": E1_ERROR}}, "m1", "C", id="in an envelope"),
        pytest.param(
            {"errors": [{"value": "hunter2"}]},
            "No explanation was given (HTTP 400 Bad Request).",
            None,
            id="an echo is nobody's words",
        ),
    ],
)
def test_the_first_words_are_shown(body: object, message: str, code: str | None) -> None:
    refusal = refused(answer(400, body))
    assert (refusal.message, refusal.code) == (message, code)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<!DOCTYPE html><title>403 Forbidden</title>", id="HTML"),
        pytest.param(b"Forbidden by policy 12", id="plain text"),
        pytest.param(b'{"error": "trunc', id="truncated"),
        pytest.param(b'["no"]', id="a list"),
        pytest.param(b'{"error": "' + b"x" * 10_000_000 + b'"}', id="10 MB"),
    ],
)
def test_a_refusal_without_readable_words_says_so(body: bytes) -> None:
    assert refused(read_answer(403, {}, body)).message == "No explanation was given (HTTP 403 Forbidden)."


def test_an_unregistered_status_has_a_fixed_text_too() -> None:
    assert refused(read_answer(470, {}, b"")).message == "No explanation was given (HTTP 470)."


def test_words_are_cut_to_what_is_kept() -> None:
    long = "x" * 5000
    refusal = refused(answer(400, {"error": {"message": long, "code": long}, "requestId": long}))
    assert len(refusal.message) == TEXT_MAX
    assert len(refusal.code or "") == 100
    assert len(refusal.request_id or "") == 100
    many = refused(answer(400, {"errors": [{"field": long, "message": long}] * 50}))
    assert (len(many.fields), len(many.fields[0].field), len(many.message)) == (10, 100, TEXT_MAX)


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        pytest.param({"requestId": "a", "request_id": "b"}, {"X-Request-Id": "d"}, "a", id="requestId"),
        pytest.param({"request_id": "b", "api_id": "c"}, {}, "b", id="request_id"),
        pytest.param({"api_id": "c"}, {"X-Request-Id": "d"}, "c", id="api_id"),
        pytest.param({"requestId": 5}, {"x-REQUEST-id": "d"}, "d", id="header, any case"),
        pytest.param({}, {}, None, id="none"),
    ],
)
def test_the_request_id_is_found_wherever_it_is(
    body: object, headers: dict[str, str], expected: str | None
) -> None:
    assert refused(answer(400, body, headers)).request_id == expected
    outcome = answer(500, body, headers)
    assert isinstance(outcome, Unknown)
    assert outcome.request_id == expected


DATE = {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}
LATER = "Sun, 06 Nov 1994 08:50:07 GMT"


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        pytest.param({"Retry-After": "30"}, {}, 30, id="seconds"),
        pytest.param({"retry-after": " 0 "}, {}, 0, id="zero"),
        pytest.param({"Retry-After": LATER, **DATE}, {}, 30, id="a date"),
        pytest.param({"Retry-After": DATE["Date"], "Date": LATER}, {}, 0, id="a date that is past"),
        pytest.param({"Retry-After": LATER}, {}, None, id="a date without the server's clock"),
        pytest.param({"Retry-After": "9" * 5000}, {}, 86_400, id="for ever"),
        pytest.param({"Retry-After": "-1"}, {}, None, id="negative"),
        pytest.param({"Retry-After": "soon"}, {"error": {"details": {"retryAfter": 7}}}, 7, id="the body's"),
        pytest.param({}, {"error": {"details": {"retryAfter": 7}}}, 7, id="only the body's"),
        pytest.param({}, {"error": {"details": {"retryAfter": True}}}, None, id="true is no number"),
        pytest.param({}, {"error": {"details": {"retryAfter": -7}}}, None, id="the body's, negative"),
        pytest.param({}, {}, None, id="none"),
    ],
)
def test_how_long_to_wait_is_read(headers: dict[str, str], body: object, expected: int | None) -> None:
    assert refused(answer(429, body, headers)).retry_after == expected


# --- exceptions -------------------------------------------------------------------------------------

FAILURES: dict[type[httpx.TransportError], NotSent | Unknown] = {
    httpx.ConnectError: NotSent("connect"),
    httpx.ConnectTimeout: NotSent("connect_timeout"),
    httpx.PoolTimeout: NotSent("pool_timeout"),
    httpx.ProxyError: NotSent("proxy"),
    httpx.UnsupportedProtocol: NotSent("unsupported_protocol"),
    httpx.TransportError: Unknown("transport", None),
    httpx.TimeoutException: Unknown("timeout", None),
    httpx.ReadTimeout: Unknown("timeout", None),
    httpx.WriteTimeout: Unknown("timeout", None),
    httpx.NetworkError: Unknown("reset", None),
    httpx.ReadError: Unknown("reset", None),
    httpx.WriteError: Unknown("reset", None),
    httpx.CloseError: Unknown("reset", None),
    httpx.ProtocolError: Unknown("protocol", None),
    httpx.LocalProtocolError: Unknown("local_protocol", None),
    httpx.RemoteProtocolError: Unknown("reset", None),
}


def family(kind: type[httpx.TransportError]) -> Iterator[type[httpx.TransportError]]:
    """Walk a class and all below it that httpx itself defines."""
    if kind.__module__.split(".")[0] == "httpx":
        yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def test_every_transport_exception_of_httpx_is_in_the_table() -> None:
    assert set(family(httpx.TransportError)) == set(FAILURES)


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_a_transport_exception_is_not_sent_only_if_nothing_can_have_left(
    kind: type[httpx.TransportError],
) -> None:
    assert read_failure(kind("any words")) == FAILURES[kind]


def test_a_subclass_that_httpx_may_gain_is_not_trusted_to_mean_not_sent() -> None:
    class ConnectLaterError(httpx.ConnectError):
        pass

    assert read_failure(ConnectLaterError("")) == Unknown("reset", None)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(httpx.InvalidURL("x"), NotSent("invalid_url"), id="the URL is not one"),
        pytest.param(TimeoutError(), Unknown("timeout", None), id="our own time limit"),
        pytest.param(ConnectionResetError(), Unknown("reset", None), id="a bare reset"),
        pytest.param(
            ConnectionRefusedError(), Unknown("reset", None), id="a bare refusal: from whom is not known"
        ),
        pytest.param(ssl.SSLError("x"), Unknown("reset", None), id="TLS, midway"),
        pytest.param(httpx.DecodingError("x"), Unknown("unreadable", None), id="not what it was encoded as"),
        pytest.param(
            httpx.TooManyRedirects("x"), Unknown("unexpected_TooManyRedirects", None), id="redirects"
        ),
        pytest.param(
            RuntimeError("client closed"), Unknown("unexpected_RuntimeError", None), id="a surprise"
        ),
    ],
)
def test_any_other_exception_is_unknown_unless_there_was_no_request(
    error: Exception, expected: NotSent | Unknown
) -> None:
    assert read_failure(error) == expected


# --- properties -------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "details", "errors", "field", "retryAfter", "requestId", "id",
                 "trunk_id", "status", "name", "trunk_domain", "created_at", "enabled", "value",
                 "concurrent_calls_limit", "data", "trunk", "result", "success", "detail", "objects", "meta",
                 "total", "trunk_direction"]
            ) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=20,
)  # fmt: skip
BODIES = st.binary(max_size=200) | JSON.map(json.dumps).map(str.encode)
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "X-Request-Id", "content-type"]),
    st.text(max_size=20)
    | st.from_regex(r"[A-Z][a-z]{2}, ?\d{1,30} [A-Z][a-z]{2} \d{1,30} [\d:]{0,12} [-+\w]{0,9}"),
)


SECRET = "hunter2"


@given(
    JSON,
    st.sampled_from([200, 201, 400, 422]),
    st.lists(st.sampled_from(["data", "trunk", "[]"]), max_size=6),
)
def test_an_envelope_changes_nothing_but_how_deep_it_is(
    body: object, status: int, envelopes: list[str]
) -> None:
    wrapped = body
    for envelope in envelopes:
        wrapped = [wrapped] if envelope == "[]" else {envelope: wrapped}
    plain, opened = answer(status, body), answer(status, wrapped)
    if isinstance(opened, Done):
        assert created(opened) == created(plain)  # what is found in an envelope is what is in it
    if isinstance(plain, Unknown) and plain.reason == "contradiction" and isinstance(opened, Done):
        raise AssertionError("an envelope hides a contradiction")


@given(JSON)
def test_what_was_echoed_is_nobodys_words(body: object) -> None:
    echo = {"errors": [{"field": "name", "value": SECRET}], "value": SECRET, "details": {"value": SECRET}}
    for holder in (body, [body]):
        said = {"error": echo | ({"x": holder}), "value": SECRET, "data": {"value": SECRET, "x": holder}}
        for status in (200, 400):
            assert SECRET not in repr(answer(status, said))


@given(st.integers(-1, 1000), HEADERS, BODIES)
@example(429, {"Retry-After": "Mon, 1 Jan 99999999999999999999 00:00:00 GMT", **DATE}, b"")
@example(429, {"Retry-After": "Mon, 31 Dec 9999 23:59:59 -2359", **DATE}, b"")
@example(400, {"Retry-After": "²"}, b'{"error": "\\ud800"}')
def test_no_answer_raises_and_only_a_2xx_is_done(status: int, headers: dict[str, str], body: bytes) -> None:
    outcome = read_answer(status, headers, body)
    assert isinstance(outcome, Done | Rejected | Unknown)
    refusing = 400 <= status < 500 and status not in {408, 425, 499}
    doubtful = isinstance(outcome, Unknown) and outcome.reason in {"conflict", "contradiction"}
    assert isinstance(outcome, Rejected) == (refusing and not doubtful)
    if isinstance(outcome, Done):
        assert 200 <= status < 300
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", created(outcome).id)
    if isinstance(outcome, Rejected):
        assert outcome.refusal.message.isprintable()
        assert outcome.refusal.message


@given(
    JSON | st.lists(JSON, max_size=3),
    st.lists(st.dictionaries(st.sampled_from(["id", "trunk_id"]), JSON), max_size=3),
)
def test_no_list_raises_and_every_row_counts(body: object, rows: list[object]) -> None:
    holder = body if isinstance(body, dict) else {"x": body}
    whole = holder | {"objects": rows, "error": None}
    page = read_page(read_object(json.dumps(whole).encode()))
    assert (page is None) == list_failed(whole)
    if page is not None:
        assert len(page.rows) == len(rows)
        assert page.total is None or page.total >= 0
    read_page(read_object(json.dumps(body).encode()))
