"""The account's PUT and DELETE in both dialects, as far as the vendor's documents agree, and its lists."""

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json
from tests.sandbox.asking import ask


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ({"name": "A", "max_concurrent_calls": 5, "enabled": False}, ("A", 5, "inactive", "udp", False)),
        ({"concurrent_calls_limit": 7}, ("Sales", 7, "active", "udp", False)),
        ({"trunk_status": "disabled"}, ("Sales", 10, "inactive", "udp", False)),
        ({"transport": "tls", "secure": True}, ("Sales", 10, "active", "tls", True)),
    ],
    ids=["as the page has it", "a part", "status by its other name", "TLS"],
)
async def test_a_put_changes_what_it_names(
    sandbox: Sandbox, http: httpx.AsyncClient, body: Json, after: tuple[object, ...]
) -> None:
    trunk = sandbox.add_trunk("Sales")
    response = await ask(sandbox, http, "PUT", f"trunks/{trunk['trunk_id']}", body)
    now = (await ask(sandbox, http, "GET", f"trunks/{trunk['trunk_id']}")).json()
    keys = ("name", "concurrent_calls_limit", "trunk_status", "transport", "secure")
    assert (response.status_code, response.json()) == (200, now)
    assert tuple(now[key] for key in keys) == after
    assert [(post.method, post.trunk_id) for post in sandbox.vobiz_posts] == [("PUT", trunk["trunk_id"])]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"max_concurrent_calls": 1001}, "max_concurrent_calls"),
        ({"cps_limit": 10.5}, "cps_limit"),
        ({"transport": "sctp"}, "transport"),
        ({"trunk_status": "active"}, "trunk_status"),
        ({"enabled": "yes"}, "enabled"),
    ],
    ids=str,
)
async def test_a_put_that_is_wrong_changes_nothing(
    sandbox: Sandbox, http: httpx.AsyncClient, body: Json, field: str
) -> None:
    trunk = sandbox.add_trunk("Sales")
    before = dict(trunk)
    response = await ask(sandbox, http, "PUT", f"trunks/{trunk['trunk_id']}", body)
    assert response.status_code == 422
    assert response.json()["error"]["details"]["errors"][0]["field"] == field
    assert sandbox.trunks == [before]


@pytest.mark.parametrize(("fault", "left"), [("none", ("tcp", 9)), ("put_replaces", ("udp", 2))])
async def test_a_put_keeps_the_rest_or_replaces_it(
    sandbox: Sandbox, http: httpx.AsyncClient, fault: str, left: tuple[str, int]
) -> None:
    trunk = sandbox.add_trunk("Sales")
    trunk |= {"transport": "tcp", "cps_limit": 9}
    await sandbox.fault("vobiz", fault)
    await ask(
        sandbox, http, "PUT", f"trunks/{trunk['trunk_id']}", {"name": "Sales", "max_concurrent_calls": 1}
    )
    (now,) = sandbox.trunks
    assert (now["transport"], now["cps_limit"]) == left


async def test_a_delete_ends_a_trunk_and_a_second_one_finds_none(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    trunk, other = sandbox.add_trunk("Sales"), sandbox.add_trunk("Other")
    account = sandbox.vobiz.account
    shared = account.attach(trunk, "credential_uuid", {"username": "both"})
    account.attach(other, "credential_uuid", shared)
    account.attach(trunk, "ipacl_uuid", {"ip_address": "203.0.114.7"})
    number = account.add_number("+14155550100", trunk)
    path = f"trunks/{trunk['trunk_id']}"
    statuses = [(await ask(sandbox, http, "DELETE", path)).status_code for _ in range(2)]
    assert statuses == [204, 404]
    assert (await ask(sandbox, http, "GET", path)).status_code == 404
    assert "trunk_group_id" not in number
    assert [row["id"] for row in account.lists["credentials"]] == [shared["id"]]
    assert account.lists["ip-acl"] == []


async def test_a_trunk_with_calls_is_not_deleted(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    trunk = sandbox.add_trunk("Sales")
    await sandbox.fault("vobiz", "busy")
    response = await ask(sandbox, http, "DELETE", f"trunks/{trunk['trunk_id']}")
    assert response.status_code == 409
    assert sandbox.trunks == [trunk]


async def test_the_word_credentials_is_a_list_and_no_trunk(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    assert (await ask(sandbox, http, "GET", "trunks/credentials")).json()["objects"] == []
    assert (await ask(sandbox, http, "PUT", "trunks/credentials", {})).status_code == 404
