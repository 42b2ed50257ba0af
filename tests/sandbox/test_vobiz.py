"""The Vobiz account refuses what the real one refuses, and its faults do what they say."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.sandbox.faults import VOBIZ, FaultSwitch
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import ErrorStyle
from bot.sandbox.shape import Json, mapping
from bot.vobiz.trunks import read_trunk

DATA = Path(__file__).parent.parent / "data" / "vobiz"
GOOD: Json = {"name": "Sales", "trunk_type": "OUTBOUND", "max_concurrent_calls": 10}


def _headers(sandbox: Sandbox) -> dict[str, str]:
    return {"X-Auth-ID": sandbox.vobiz_auth_id, "X-Auth-Token": sandbox.vobiz_auth_token}


def _url(sandbox: Sandbox, path: str = "trunks") -> str:
    return f"{sandbox.vobiz_api_url}/api/v1/Account/{sandbox.vobiz_auth_id}/{path}"


async def _create(sandbox: Sandbox, http: httpx.AsyncClient, body: object = GOOD) -> httpx.Response:
    return await http.post(_url(sandbox), json=body, headers=_headers(sandbox))


async def test_a_new_trunk_has_the_fields_of_the_documented_answer(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    response = await _create(sandbox, http)
    trunk = response.json()
    assert response.status_code == 201
    assert trunk.keys() == json.loads((DATA / "POST-trunks-201.json").read_text()).keys()
    assert trunk["trunk_domain"] == f"{trunk['trunk_id'][:8]}.sip.vobiz.ai"
    assert (trunk["trunk_direction"], trunk["concurrent_calls_limit"], trunk["cps_limit"]) == (
        "outbound",
        10,
        2,
    )
    assert read_trunk(trunk) is not None
    assert "date" in response.headers
    assert sandbox.vobiz_posts[0].trunk_id == trunk["trunk_id"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"description": "x" * 501}, "description"),
        ({"trunk_type": "outbound"}, "trunk_type"),
        ({"trunk_type": None}, "trunk_type"),
        ({"max_concurrent_calls": "10"}, "max_concurrent_calls"),
        ({"max_concurrent_calls": 10.5}, "max_concurrent_calls"),
        ({"max_concurrent_calls": True}, "max_concurrent_calls"),
        ({"max_concurrent_calls": -1}, "max_concurrent_calls"),
        ({"max_concurrent_calls": 1001}, "max_concurrent_calls"),
    ],
    ids=str,
)
async def test_an_invalid_field_is_refused_and_its_value_echoed(
    sandbox: Sandbox, http: httpx.AsyncClient, change: Json, field: str
) -> None:
    response = await _create(sandbox, http, {**GOOD, **change})
    (problem,) = response.json()["error"]["details"]["errors"]
    assert response.status_code == 422
    assert (problem["field"], problem["value"]) == (field, change.get(field))
    assert sandbox.trunks == []


async def test_the_longest_legal_fields_are_taken(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    body = {
        "name": "x" * 255,
        "description": "y" * 500,
        "trunk_type": "INBOUND",
        "max_concurrent_calls": 1000,
    }
    assert (await _create(sandbox, http, body)).status_code == 201


@pytest.mark.parametrize(
    ("style", "keys"),
    [
        ("E1", {"status", "error", "timestamp", "requestId"}),
        ("E2", {"error", "code"}),
        ("E3", {"error", "message"}),
    ],
)
async def test_each_error_style_can_be_switched_on(
    sandbox: Sandbox, http: httpx.AsyncClient, style: ErrorStyle, keys: set[str]
) -> None:
    sandbox.settings.vobiz_error_style = style
    response = await _create(sandbox, http, {})
    assert (response.status_code, set(response.json())) == (422, keys)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b""], ids=["truncated", "array", "not-utf8", "empty"])
async def test_a_body_that_is_no_object_is_refused(
    sandbox: Sandbox, http: httpx.AsyncClient, body: bytes
) -> None:
    response = await http.post(_url(sandbox), content=body, headers=_headers(sandbox))
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/v1/auth/me", {}, 401),
        ("/api/v1/auth/me", {"X-Auth-ID": "MA_SANDBOX1", "X-Auth-Token": "wrong"}, 401),
        ("/api/v1/auth/me", {"X-Auth-ID": "MA_SANDBOX1", "X-Auth-Token": "sandbox-vobiz-token"}, 200),
        (
            "/api/v1/Account/MA_OTHER/trunks",
            {"X-Auth-ID": "MA_SANDBOX1", "X-Auth-Token": "sandbox-vobiz-token"},
            401,
        ),
        (
            "/api/v1/account/MA_SANDBOX1/trunks",
            {"X-Auth-ID": "MA_SANDBOX1", "X-Auth-Token": "sandbox-vobiz-token"},
            404,
        ),
    ],
    ids=["no-headers", "wrong-token", "right", "other-account", "lower-case-path"],
)
async def test_credentials_must_match_the_path(
    sandbox: Sandbox, http: httpx.AsyncClient, path: str, headers: dict[str, str], status: int
) -> None:
    response = await http.get(sandbox.vobiz_api_url + path, headers=headers)
    assert response.status_code == status
    if status == 401:
        assert response.json() == {"error": "unauthorized", "message": "invalid credentials"}


@pytest.mark.parametrize(
    ("query", "count", "first"),
    [
        ("", 20, "t104"),
        ("?limit=100", 100, "t104"),
        ("?limit=500", 100, "t104"),
        ("?limit=10&offset=100", 5, "t4"),
    ],
)
async def test_the_list_is_paged_newest_first(
    sandbox: Sandbox, http: httpx.AsyncClient, query: str, count: int, first: str
) -> None:
    for number in range(105):
        sandbox.add_trunk(f"t{number}")
    page = (await http.get(_url(sandbox) + query, headers=_headers(sandbox))).json()
    assert (len(page["objects"]), page["objects"][0]["name"], page["meta"]["total"]) == (count, first, 105)


async def test_a_trunk_is_shown_by_its_id_only(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    trunk = sandbox.add_trunk("Sales")
    found = await http.get(_url(sandbox, f"trunks/{trunk['trunk_id']}"), headers=_headers(sandbox))
    missing = await http.get(_url(sandbox, "trunks/none"), headers=_headers(sandbox))
    assert (found.json(), missing.status_code) == (trunk, 404)
    assert missing.json()["error"]["code"] == "TRUNK_NOT_FOUND"


async def test_the_ceiling_is_the_accounts(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    answer = (await http.get(_url(sandbox, "concurrency"), headers=_headers(sandbox))).json()
    assert answer["max_concurrent"] == sandbox.vobiz.account.ceiling


@pytest.mark.parametrize(
    ("fault", "status", "created"),
    [
        ("none", 201, 1),
        ("refuse", 422, 0),
        ("no_balance", 402, 0),
        ("bad_token", 401, 0),
        ("rate_limited", 429, 0),
        ("slow", 201, 1),
        ("error_before", 500, 0),
        ("created_then_500", 500, 1),
        ("garbage", 200, 1),
        ("empty_2xx", 201, 1),
        ("other_direction", 201, 1),
        ("domain_later", 201, 1),
        ("refused_200", 200, 0),
        ("renamed", 500, 1),
        ("no_zone", 500, 1),
        ("list_lags", 500, 0),
        ("sent_twice", 409, 1),
        ("reads_fail", 201, 1),
    ],
)
async def test_a_fault_that_answers(
    sandbox: Sandbox, http: httpx.AsyncClient, fault: str, status: int, created: int
) -> None:
    await sandbox.fault("vobiz", fault)
    response = await _create(sandbox, http)
    assert (response.status_code, len(sandbox.trunks)) == (status, created)
    assert ("retry-after" in response.headers) == (status == 429)
    assert [post.status for post in sandbox.vobiz_posts] == [status]
    if fault == "garbage":
        assert response.text.startswith("<!doctype html>")
    if fault == "empty_2xx":
        assert response.content == b""
    if fault == "other_direction":
        assert response.json()["trunk_direction"] == "both"


async def test_a_fault_shows_in_what_the_account_keeps(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    sandbox.settings.delays.domain = 0.05
    kept = []
    for fault in ("domain_later", "renamed", "no_zone"):
        await sandbox.fault("vobiz", fault)
        await http.post(_url(sandbox), json=GOOD | {"name": "A  " + "b" * 200}, headers=_headers(sandbox))
        kept.append(dict(sandbox.trunks[0]))
    late, renamed, unzoned = kept
    assert late["trunk_domain"] is None
    assert await sandbox.wait_for(lambda: sandbox.trunks[2]["trunk_domain"])
    assert renamed["name"] == "a " + "b" * 98
    hours = datetime.fromisoformat(str(unzoned["created_at"])) - datetime.fromisoformat(
        str(renamed["created_at"])
    ).replace(tzinfo=None)
    assert timedelta(hours=5, minutes=29) < hours < timedelta(hours=5, minutes=31)


async def test_a_list_that_lags_has_the_trunk_later(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await sandbox.fault("vobiz", "list_lags")
    assert (await _create(sandbox, http)).status_code == 500
    assert await sandbox.wait_for(lambda: len(sandbox.trunks)) == 1


async def test_a_create_that_is_sent_twice_makes_two_trunks(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    await sandbox.fault("vobiz", "doubled")
    with pytest.raises(httpx.ReadError):
        await _create(sandbox, http)
    assert len({trunk["trunk_id"] for trunk in sandbox.trunks}) == 2


async def test_created_then_reset_breaks_the_connection_and_the_trunk_exists(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    await sandbox.fault("vobiz", "created_then_reset")
    with pytest.raises(httpx.ReadError):
        await _create(sandbox, http)
    assert len(sandbox.trunks) == 1


async def test_hang_never_answers_and_creates_nothing(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await sandbox.fault("vobiz", "hang")
    with pytest.raises(httpx.ReadTimeout):
        await http.post(_url(sandbox), json=GOOD, headers=_headers(sandbox), timeout=0.1)
    assert (sandbox.trunks, len(sandbox.vobiz_posts)) == ([], 1)


async def test_created_late_appears_after_the_client_has_gone(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    await sandbox.fault("vobiz", "created_late")
    sandbox.settings.delays.late = 0.2
    with pytest.raises(httpx.ReadTimeout):
        await http.post(_url(sandbox), json=GOOD, headers=_headers(sandbox), timeout=0.1)
    assert sandbox.trunks == []
    assert await sandbox.wait_for(lambda: len(sandbox.trunks)) == 1


async def test_slow_creates_at_once_and_answers_late(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    sandbox.settings.delays.slow = 1.0
    await sandbox.fault("vobiz", "slow")
    request = asyncio.create_task(_create(sandbox, http))
    await sandbox.wait_for(lambda: sandbox.trunks)
    assert not request.done()
    assert (await request).status_code == 201


async def test_unreachable_refuses_the_connection_and_comes_back_on_the_same_port(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    assert (await _create(sandbox, http)).status_code == 201
    address = sandbox.vobiz_api_url
    await sandbox.fault("vobiz", "unreachable")
    assert not sandbox.reachable
    # The same client: a connection kept alive must not get through either.
    with pytest.raises(httpx.ConnectError):
        await _create(sandbox, http)
    await sandbox.fault("vobiz", "none")
    assert (await _create(sandbox, http)).status_code == 201
    assert sandbox.vobiz_api_url == address
    assert len(sandbox.vobiz_posts) == 2


async def test_reads_fail_leaves_creating_alone(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await sandbox.fault("vobiz", "reads_fail")
    assert (await http.get(_url(sandbox), headers=_headers(sandbox))).status_code == 503


async def test_a_counted_fault_hits_that_many_creates_and_no_reads(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    await sandbox.fault("vobiz", "error_before", times=2)
    await http.get(_url(sandbox), headers=_headers(sandbox))
    assert [(await _create(sandbox, http)).status_code for _ in range(3)] == [500, 500, 201]
    assert sandbox.vobiz.faults.current == "none"


async def test_another_switch_can_take_the_place_of_the_accounts_own(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    sandbox.vobiz.faults = FaultSwitch(VOBIZ, sandbox.changes.note)
    sandbox.vobiz.faults.set("error_before")
    assert (await _create(sandbox, http)).status_code == 500


async def test_unknown_faults_and_counts_of_unreachable_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(LookupError, match="no fault 'nonsense'"):
        await sandbox.fault("vobiz", "nonsense")
    with pytest.raises(ValueError, match="cannot be counted"):
        await sandbox.fault("vobiz", "unreachable", times=1)


async def test_the_log_names_the_outcome_but_no_secret(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await _create(sandbox, http)
    entry = mapping(sandbox.deliveries[0].json())
    assert (entry["from"], entry["to"], entry["what"], entry["status"]) == (
        "Bot",
        "Vobiz",
        "POST trunks",
        201,
    )
    assert sandbox.vobiz_auth_token not in json.dumps([e.json() for e in sandbox.deliveries])


@pytest.mark.parametrize("path", ["trunks", "nowhere", "concurrency"])
async def test_the_log_says_how_long_a_request_took(
    sandbox: Sandbox, http: httpx.AsyncClient, path: str
) -> None:
    await http.get(_url(sandbox, path), headers=_headers(sandbox))
    await sandbox.wait_for(lambda: sandbox.deliveries[0].ms)


async def test_a_slow_create_is_measured_to_its_end(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await sandbox.fault("vobiz", "slow")
    await _create(sandbox, http)
    assert (await sandbox.wait_for(lambda: sandbox.deliveries[0].ms) or 0) >= 50


async def test_a_create_without_an_answer_is_measured_when_the_bot_hangs_up(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    await sandbox.fault("vobiz", "hang")
    with pytest.raises(httpx.TimeoutException):
        await http.post(_url(sandbox), json=GOOD, headers=_headers(sandbox), timeout=0.05)
    await sandbox.wait_for(lambda: sandbox.deliveries[0].ms)
    assert sandbox.deliveries[0].status is None
