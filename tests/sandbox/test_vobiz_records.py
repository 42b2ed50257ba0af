"""Logins, addresses and routes: made, changed and deleted as Vobiz's pages say, and refused likewise."""

import json
from pathlib import Path
from typing import Final

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json
from bot.sandbox.vobiz.account import LISTINGS
from tests.sandbox.asking import ask

DATA: Final = Path(__file__).parent.parent / "data" / "vobiz"
SECRET: Final = "correcthorse9"
NEW: Final[dict[str, Json]] = {
    "credentials": {"username": "sales1", "password": SECRET},
    "ip-acl": {"name": "Office", "ip_address": "10.20.30.0/24"},
    "origination-uris": {"name": "PBX", "sip_uri": "sip:pbx@sip.example.com:5060", "priority": 1},
}
CHANGE: Final[dict[str, Json]] = {
    "credentials": {"password": "another-one", "enabled": False},
    "ip-acl": {"name": "Home", "ip_address": "10.20.30.7"},
    "origination-uris": {"name": "Backup", "priority": 2},
}
FAULTS: Final = {
    "refuse": (422, 0),
    "no_balance": (402, 0),
    "rate_limited": (429, 0),
    "refused_200": (200, 0),
    "error_before": (500, 0),
    "created_then_500": (500, 1),
    "garbage": (200, 1),
    "empty_2xx": (201, 1),
}
every_list = pytest.mark.parametrize("name", list(NEW))


async def made(sandbox: Sandbox, http: httpx.AsyncClient, name: str) -> Json:
    response = await ask(sandbox, http, "POST", name, NEW[name])
    assert response.status_code == 201
    row: Json = response.json()
    return row


async def listed(sandbox: Sandbox, http: httpx.AsyncClient, name: str) -> list[Json]:
    rows: list[Json] = (await ask(sandbox, http, "GET", f"trunks/{name}?limit=100&offset=0")).json()[
        "objects"
    ]
    return rows


@every_list
async def test_a_record_has_the_documented_fields_and_is_listed_changed_and_deleted(
    sandbox: Sandbox, http: httpx.AsyncClient, name: str
) -> None:
    row = await made(sandbox, http, name)
    assert row.keys() == json.loads((DATA / f"POST-{name}-201.json").read_text()).keys()
    path = f"{name}/{row['id']}"
    assert [each["id"] for each in await listed(sandbox, http, name)] == [row["id"]]
    changed = (await ask(sandbox, http, "PUT", path, CHANGE[name])).json()
    (now,) = await listed(sandbox, http, name)
    assert changed | {"account_id": now["account_id"]} == now != row
    statuses = [(await ask(sandbox, http, "DELETE", path)).status_code for _ in range(2)]
    assert statuses == [204, 404]
    assert (await ask(sandbox, http, "PUT", path, CHANGE[name])).status_code == 404
    assert await listed(sandbox, http, name) == []
    writes = [(post.method, post.path.partition("/")[0], post.about) for post in sandbox.vobiz_posts]
    assert writes[:2] == [("POST", name, ""), ("PUT", name, row["id"])]
    assert [post.trunk_id for post in sandbox.vobiz_posts] == [*[row["id"]] * 3, None, None]


@pytest.mark.parametrize(
    ("name", "change", "status"),
    [
        ("credentials", {"username": "sales_1"}, 400),
        ("credentials", {"username": "sales-1"}, 400),
        ("credentials", {"username": ""}, 400),
        ("credentials", {"username": "x" * 101}, 400),
        ("credentials", {"username": 7}, 400),
        ("credentials", {"username": "x" * 100}, 201),
        ("credentials", {"password": "seven77"}, 422),
        ("credentials", {"password": "x" * 101}, 422),
        ("credentials", {"password": None}, 422),
        ("ip-acl", {"ip_address": "2001:db8::1"}, 400),
        ("ip-acl", {"ip_address": "203.0.113.9"}, 400),
        ("ip-acl", {"ip_address": "198.51.100.0/25"}, 400),
        ("ip-acl", {"ip_address": "pbx.example.com"}, 400),
        ("ip-acl", {"ip_address": "10.0.0.256"}, 400),
        ("ip-acl", {"ip_address": "10.0.0.0/33"}, 400),
        ("ip-acl", {"ip_address": None}, 400),
        ("ip-acl", {"ip_address": "10.0.0.7/24"}, 201),
        ("origination-uris", {"sip_uri": "pbx.example.com"}, 400),
        ("origination-uris", {"sip_uri": "https://pbx.example.com"}, 400),
        ("origination-uris", {"sip_uri": "sip:pbx example.com"}, 400),
        ("origination-uris", {"sip_uri": "sip:pbx.example.com:0"}, 400),
        ("origination-uris", {"sip_uri": "sip:pbx.example.com:70000"}, 400),
        ("origination-uris", {"priority": "first"}, 400),
        ("origination-uris", {"sip_uri": "sip:10.0.0.7"}, 201),
    ],
    ids=str,
)
def test_what_the_pages_refuse_is_refused(name: str, change: Json, status: int) -> None:
    refused = LISTINGS[name].refused(NEW[name] | change, [])
    assert (201 if refused is None else refused.status) == status


async def test_a_user_name_is_the_accounts_only_one(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await made(sandbox, http, "credentials")
    response = await ask(sandbox, http, "POST", "credentials", NEW["credentials"])
    assert (response.status_code, response.json()) == (409, {"error": "Username already exists", "code": 409})
    assert len(sandbox.vobiz.account.lists["credentials"]) == 1


async def test_a_password_opens_and_is_shown_to_nobody(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    row, account = await made(sandbox, http, "credentials"), sandbox.vobiz.account
    path = f"credentials/{row['id']}"
    assert account.opens("sales1", SECRET)
    assert (await ask(sandbox, http, "PUT", path, {"password": "tooFew"})).status_code == 422
    assert account.opens("sales1", SECRET)
    await ask(sandbox, http, "PUT", path, {"password": "second-secret"})
    assert (account.opens("sales1", SECRET), account.opens("sales1", "second-secret")) == (False, True)
    await sandbox.fault("vobiz", "refuse")
    echoed = await ask(sandbox, http, "PUT", path, {"password": "third-secret"})
    assert "third-secret" in echoed.text  # as the errors page has it
    await listed(sandbox, http, "credentials")
    shown = json.dumps(
        [each.exchange() for each in sandbox.deliveries] + [each.json() for each in sandbox.deliveries]
    )
    state = (await http.get(f"{sandbox.page_url}sandbox/state?as=U0ASHA001")).text
    for secret in (SECRET, "second-secret", "third-secret", "tooFew"):
        assert secret not in shown + state
    await sandbox.fault("vobiz", "none")
    await ask(sandbox, http, "DELETE", path)
    assert not account.opens("sales1", "second-secret")


@pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty"])
async def test_a_trunk_is_attached_to_a_record_and_detached(
    sandbox: Sandbox, http: httpx.AsyncClient, nothing: str | None
) -> None:
    trunk, row = sandbox.add_trunk("Sales"), await made(sandbox, http, "credentials")
    path = f"trunks/{trunk['trunk_id']}"
    unknown = await ask(sandbox, http, "PUT", path, {"credential_uuid": trunk["trunk_id"]})
    other = await ask(sandbox, http, "PUT", path, {"primary_uri_uuid": row["id"]})
    assert [each.status_code for each in (unknown, other)] == [400, 400]
    attached = await ask(sandbox, http, "PUT", path, {"credential_uuid": row["id"]})
    assert attached.json()["credential_uuid"] == row["id"]
    await sandbox.fault("vobiz", "null_ignored", times=1)
    kept = await ask(sandbox, http, "PUT", path, {"credential_uuid": nothing})
    assert kept.json()["credential_uuid"] == row["id"]
    gone = await ask(sandbox, http, "PUT", path, {"credential_uuid": nothing})
    assert "credential_uuid" not in gone.json()


@pytest.mark.parametrize(("fault", "still"), [("none", False), ("still_named", True)])
async def test_a_shared_record_that_is_deleted_is_taken_from_every_trunk(
    sandbox: Sandbox, http: httpx.AsyncClient, fault: str, still: bool
) -> None:
    row = await made(sandbox, http, "ip-acl")
    trunks = [sandbox.add_trunk(name) for name in ("Sales", "Support")]
    for trunk in trunks:
        await ask(sandbox, http, "PUT", f"trunks/{trunk['trunk_id']}", {"ipacl_uuid": row["id"]})
    await sandbox.fault("vobiz", fault)
    assert (await ask(sandbox, http, "DELETE", f"ip-acl/{row['id']}")).status_code == 204
    assert [trunk.get("ipacl_uuid") == row["id"] for trunk in trunks] == [still, still]


@pytest.mark.parametrize(("name", "status"), [("credentials", 409), ("ip-acl", 204)])
async def test_a_login_with_calls_is_not_deleted(
    sandbox: Sandbox, http: httpx.AsyncClient, name: str, status: int
) -> None:
    row = await made(sandbox, http, name)
    await sandbox.fault("vobiz", "busy")
    assert (await ask(sandbox, http, "DELETE", f"{name}/{row['id']}")).status_code == status


async def test_the_faults_of_writes_strike_here_too(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    came = {}
    for fault in FAULTS:
        await sandbox.fault("vobiz", fault, times=1)
        response = await ask(sandbox, http, "POST", "ip-acl", NEW["ip-acl"])
        came[fault] = (response.status_code, len(sandbox.vobiz.account.lists["ip-acl"]))
        sandbox.vobiz.account.lists["ip-acl"].clear()
    assert came == FAULTS


@pytest.mark.parametrize(
    ("name", "fault", "there"),
    [("ip-acl", "created_then_reset", 1), ("ip-acl", "doubled", 2), ("credentials", "doubled", 1)],
)
async def test_a_connection_that_breaks_after_the_write(
    sandbox: Sandbox, http: httpx.AsyncClient, name: str, fault: str, there: int
) -> None:
    await sandbox.fault("vobiz", fault)
    with pytest.raises(httpx.ReadError):
        await ask(sandbox, http, "POST", name, NEW[name])
    # There cannot be two logins of one name.
    assert len(await listed(sandbox, http, name)) == there


async def test_what_was_sent_twice_is_refused_by_the_rules(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await sandbox.fault("vobiz", "sent_twice")
    trunk = sandbox.add_trunk("Sales")
    sandbox.vobiz.account.add_number("+14155550100")
    created = await ask(sandbox, http, "POST", "credentials", NEW["credentials"])
    path, body = "numbers/%2B14155550100/assign", {"trunk_group_id": trunk["trunk_id"]}
    assigned = await ask(sandbox, http, "POST", path, body)
    taken_off = await ask(sandbox, http, "DELETE", path)
    assert [each.status_code for each in (created, assigned, taken_off)] == [409, 400, 404]
    assert all(post.trunk_id is not None for post in sandbox.vobiz_posts)


async def test_lists_that_lag_show_what_was_before(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    trunk, number = sandbox.add_trunk("Sales"), sandbox.vobiz.account.add_number("+14155550100")
    sandbox.settings.delays.late = 0.2
    await sandbox.fault("vobiz", "lists_behind", times=2)
    await made(sandbox, http, "ip-acl")
    await ask(sandbox, http, "POST", "numbers/%2B14155550100/assign", {"trunk_group_id": trunk["trunk_id"]})
    assert await listed(sandbox, http, "ip-acl") == []
    assert "trunk_group_id" not in (await ask(sandbox, http, "GET", "numbers")).json()["items"][0]
    assert number["trunk_group_id"] == trunk["trunk_id"]
    await sandbox.wait_for(lambda: not sandbox.vobiz.behind)
    assert await listed(sandbox, http, "ip-acl") != []
    assert "trunk_group_id" in (await ask(sandbox, http, "GET", "numbers")).json()["items"][0]


async def test_lists_that_cannot_be_read_are_all_of_these(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await sandbox.fault("vobiz", "lists_fail")
    paths = ["trunks", "cdr", "numbers", *(f"trunks/{name}" for name in NEW)]
    statuses = [(await ask(sandbox, http, "GET", path)).status_code for path in paths]
    assert statuses == [200, 200, 503, 503, 503, 503]
