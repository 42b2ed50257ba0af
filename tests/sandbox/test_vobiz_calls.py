"""Calls on a trunk, the records that they leave, and what the console does: all of it past the bot."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings
from bot.sandbox.shape import Json
from bot.sandbox.vobiz.account import Account
from tests.sandbox.asking import ask
from tests.sandbox.standin import Clock

Breaking = Callable[[Account, Json], object]


def working(account: Account, direction: str) -> Json:
    trunk = account.create("Sales", direction, 10)
    if direction == "outbound":
        account.attach(trunk, "credential_uuid", {"username": "sales"})
    else:
        account.attach(trunk, "primary_uri_uuid", {"uri": "sip:pbx.example.com"})
        account.add_number("+14155550100", trunk)
    return trunk


def switched_off(account: Account, trunk: Json, name: str) -> None:
    del trunk
    account.lists[name][0]["enabled"] = False


@pytest.mark.parametrize(
    ("direction", "broken", "why"),
    [
        ("outbound", lambda _, trunk: trunk.update(trunk_status="inactive"), "switched off"),
        ("outbound", lambda _, trunk: trunk.pop("credential_uuid"), "no login and no allowed address"),
        (
            "outbound",
            lambda account, trunk: switched_off(account, trunk, "credentials"),
            "no login and no allowed",
        ),
        ("inbound", lambda _, trunk: trunk.pop("primary_uri_uuid"), "no route"),
        ("inbound", lambda account, _: account.unassign(account.numbers[0]), "No number"),
        ("inbound", lambda account, _: account.numbers[0].update(is_blocked=True), "100: it is blocked"),
        ("inbound", lambda account, _: account.numbers[0].update(is_trial_number=True), "trial number"),
    ],
    ids=["disabled", "no login", "login off", "no route", "no number", "number blocked", "trial number"],
)
def test_a_trunk_that_misses_something_carries_no_call(direction: str, broken: Breaking, why: str) -> None:
    account = Account("MA_SANDBOX1", Clock())
    trunk = working(account, direction)
    assert account.place_call(trunk)["call_direction"] == direction
    broken(account, trunk)
    with pytest.raises(ValueError, match=why):
        account.place_call(trunk)
    assert len(account.calls) == 1


def test_an_allowed_address_carries_calls_out_and_a_bare_host_in() -> None:
    account = Account("MA_SANDBOX1", Clock())
    out, into = account.create("Out", "outbound", 1), account.create("In", "inbound", 1)
    account.attach(out, "ipacl_uuid", {"ip_address": "10.0.0.7"})
    account.add_number("+14155550100", into)
    into["inbound_destination"] = "pbx.example.com"
    assert [account.place_call(trunk)["call_direction"] for trunk in (out, into)] == ["outbound", "inbound"]
    both = account.create("Both", "both", 1)
    account.attach(both, "primary_uri_uuid", {"uri": "sip:pbx.example.com"})
    account.add_number("+14155550101", both)
    assert account.place_call(both)["call_direction"] == "inbound"


async def test_the_records_of_calls_are_paged_newest_first(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    trunk = working(sandbox.vobiz.account, "inbound")
    nobody = sandbox.place_call(str(trunk["trunk_id"]), 0)
    answered = sandbox.place_call(str(trunk["trunk_id"]), 34)
    for _ in range(21):
        sandbox.place_call(str(trunk["trunk_id"]))
    sandbox.vobiz.account.calls[0]["trunk_id"] = None
    first, second = [(await ask(sandbox, http, "GET", f"cdr?page={page}")).json() for page in (1, 2)]
    assert first.keys() == {"account_id", "count", "data", "pagination", "success", "summary"}
    assert first["pagination"] == {
        "page": 1, "per_page": 20, "total": 23, "pages": 2, "has_next": True, "has_prev": False,
    }  # fmt: skip
    assert (first["data"][0]["trunk_id"], second["pagination"]["has_next"]) == (None, False)
    assert [row["uuid"] for row in second["data"][1:]] == [answered["uuid"], nobody["uuid"]]
    _, well, ill = second["data"]
    assert (well["duration"] - well["ring_time"], well["billsec"], well["hangup_cause"]) == (
        34,
        34,
        "NORMAL_CLEARING",
    )
    assert (ill["billsec"], ill["answer_time"], ill["hangup_cause"]) == (0, None, "NO_ANSWER")
    assert well["start_time"] < well["answer_time"] < well["end_time"]
    assert (well["destination_number"], well["trunk_id"]) == ("+14155550100", trunk["trunk_id"])
    day = well["start_time"][:10]
    for query, found in (
        (f"start_date={day}&end_date={day}", 23),
        ("start_date=2001-01-01&end_date=2001-01-02", 0),
        ("start_date=2999-01-01", 23),
        ("call_direction=outbound", 0),
    ):
        assert (await ask(sandbox, http, "GET", f"cdr?{query}")).json()["pagination"]["total"] == found
    await sandbox.fault("vobiz", "records_fail")
    statuses = [(await ask(sandbox, http, "GET", path)).status_code for path in ("cdr", "numbers")]
    assert statuses == [503, 200]


async def test_a_person_places_a_call_and_works_in_the_console(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    trunk, account = sandbox.add_trunk("Sales"), sandbox.vobiz.account
    number = account.add_number("+14155550100")

    async def post(path: str, body: Mapping[str, object]) -> tuple[int, str]:
        response = await http.post(f"{sandbox.page_url}sandbox/{path}", json=body)
        return response.status_code, response.json().get("error", "")

    call: Json = {"trunk": trunk["trunk_id"], "seconds": 9}
    assert await post("call", call) == (
        404, "The trunk has no login and no allowed address that is switched on: nobody may call out on it."
    )  # fmt: skip
    assert await post("console", {"list": "credentials", "act": "add", "value": "sales_1"}) == (
        404, "Invalid username: use 1 to 100 letters and digits"
    )  # fmt: skip
    assert (await post("console", {"list": "credentials", "act": "add", "value": "sales1"}))[0] == 200
    (login,) = account.lists["credentials"]
    attach = {"trunk": trunk["trunk_id"], "act": "credential_uuid"}
    assert (await post("console", attach | {"value": "none of these"}))[0] == 404
    assert (await post("console", attach | {"value": login["id"]}))[0] == 200
    assert (await post("call", call))[0] == 200
    assert account.calls[0]["billsec"] == 9
    about = {"list": "credentials", "id": login["id"]}
    assert (await post("console", about | {"act": "status"}))[0] == 200
    assert ((await post("call", call))[0], login["enabled"]) == (404, False)
    assert (await post("console", about | {"act": "delete"}))[0] == 200
    assert ("credential_uuid" in trunk, account.lists["credentials"]) == (False, [])
    routed = {"list": "numbers", "id": number["id"], "act": "route"}
    assert (await post("console", routed | {"value": trunk["trunk_id"]}))[0] == 200
    assert number["trunk_group_id"] == trunk["trunk_id"]
    assert (await post("console", routed | {"value": ""}))[0] == 200
    assert "trunk_group_id" not in number
    for wrong in (about, {"list": "numbers", "id": number["id"]}, {"list": "trunks"}):
        assert (await post("console", wrong | {"act": "rename"}))[0] == 404


async def test_a_seeded_account_can_be_called_and_starts_over() -> None:
    sandbox = Sandbox(Settings(seeded=True))
    (trunk,) = sandbox.trunks
    assert sandbox.place_call(str(trunk["trunk_id"]))["call_direction"] == "inbound"
    assert len(sandbox.vobiz.account.numbers) == 8
    sandbox.vobiz.reset()
    assert (len(sandbox.trunks), sandbox.vobiz.account.calls) == (1, [])
