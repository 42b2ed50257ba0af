"""Phone numbers: found, routed to a trunk and taken off it; and the call that gives one back for a fee."""

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.vobiz.numbers import SUB_ACCOUNT
from tests.sandbox.asking import ask

ONE = "numbers/%2B14155550100"


async def test_numbers_are_paged_from_one_and_searched(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    for count in range(30):
        sandbox.vobiz.account.add_number(f"+141555501{count:02}")

    async def shown(query: str) -> tuple[int, int, int, int]:
        page = (await ask(sandbox, http, "GET", f"numbers?{query}")).json()
        return len(page["items"]), page["page"], page["per_page"], page["total"]

    assert await shown("limit=3&offset=3") == (25, 1, 25, 30)
    assert await shown("page=2&per_page=20") == (10, 2, 20, 30)
    assert await shown("search=%2B1415555012") == (10, 1, 25, 10)
    assert await shown("search=+1415555012") == (0, 1, 25, 0)


async def test_a_number_is_assigned_once_and_taken_off_once(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    trunk, number = sandbox.add_trunk("Sales"), sandbox.vobiz.account.add_number("+14155550100")
    number["application_id"] = "20577609616603585"
    body = {"trunk_group_id": trunk["trunk_id"]}
    first = await ask(sandbox, http, "POST", f"{ONE}/assign", body)
    again = await ask(sandbox, http, "POST", f"{ONE}/assign", body)
    assert (first.status_code, first.content, again.status_code) == (204, b"", 400)
    assert again.json()["message"] == "This number is already assigned to a trunk."
    assert (number["trunk_group_id"], "application_id" in number) == (trunk["trunk_id"], False)
    statuses = [(await ask(sandbox, http, "DELETE", f"{ONE}/assign")).status_code for _ in range(2)]
    assert (statuses, "trunk_group_id" in number) == ([204, 404], False)
    assert [post.about for post in sandbox.vobiz_posts] == ["+14155550100"] * 4
    assert sandbox.vobiz_posts[0].path == "numbers/+14155550100/assign"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("numbers/+14155550100/assign", {}, 404),
        ("numbers/%2B14155550199/assign", {}, 404),
        ("numbers/%2B14155550111/assign", {}, 404),
        ("numbers/14155550100/assign", {}, 400),
        (f"{ONE}/assign", {"trunk_group_id": ""}, 400),
        (f"{ONE}/assign", {"trunk_group_id": "aabbccdd-1234-5678-90ab-cdef12345678"}, 404),
    ],
    ids=["raw plus", "unknown", "of a sub-account", "no plus", "no trunk", "unknown trunk"],
)
async def test_an_assignment_that_cannot_be(
    sandbox: Sandbox, http: httpx.AsyncClient, path: str, body: dict[str, object], status: int
) -> None:
    trunk, account = sandbox.add_trunk("Sales"), sandbox.vobiz.account
    number, other = account.add_number("+14155550100"), account.add_number("+14155550111")
    other["account_id"] = SUB_ACCOUNT
    given = {"trunk_group_id": trunk["trunk_id"]} | body
    assert (await ask(sandbox, http, "POST", path, given)).status_code == status
    assert not any("trunk_group_id" in each for each in (number, other))


async def test_a_number_that_is_given_back_is_gone_and_cannot_be_overlooked(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    sandbox.vobiz.account.add_number("+14155550100")
    assert sandbox.released == []
    assert (await ask(sandbox, http, "DELETE", "numbers/+14155550100")).status_code == 404
    assert (await ask(sandbox, http, "DELETE", ONE)).status_code == 200
    assert (sandbox.released, sandbox.vobiz.account.numbers) == (["+14155550100"], [])
    assert "GIVEN BACK FOR A FEE" in sandbox.deliveries[0].what
    state = (await http.get(f"{sandbox.page_url}sandbox/state?as=U0ASHA001")).json()
    assert state["vobiz"]["released"] == ["+14155550100"]
