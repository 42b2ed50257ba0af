"""What Vobiz says of a trunk, as points: each finding, and what it comes to."""

from collections.abc import Mapping
from dataclasses import replace
from string import Formatter

import pytest

from bot.blockkit.text import plain
from bot.proof.account import Reading, account_points
from bot.proof.addresses import is_host, may_contact
from bot.proof.checklist import JUDGED, Finding, Point, Topic, Value, checklist
from bot.proof.pbx import Pbx, pbx
from bot.vobiz.balance import Balance, read_balance, read_currency
from bot.vobiz.details import Changed
from bot.vobiz.lists import Item, Listed, Part, read_rows
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.words.readiness import _WORDS, readiness_message

LOGIN, ADDRESS, ROUTE, NUMBER = "c-1", "a-1", "r-1", "n-1"
TRUNK = Trunk(
    id="t-1", name="Sales", domain="5f8a.sip.vobiz.ai", direction="outbound", calls=10, transport="udp",
    secure=False, status="active", credential=LOGIN,
)  # fmt: skip
INBOUND = TRUNK.model_copy(update={"direction": "inbound", "credential": None, "route": ROUTE})


def reading(**parts: Listed) -> Reading:
    """Return a reading of an account where everything is well, but for the given lists."""
    well = {
        Part.CREDENTIALS: Item(LOGIN, "sales", enabled=True, realm="MA_1.sip.vobiz.ai"),
        Part.ADDRESSES: Item(ADDRESS, "192.0.2.7", enabled=True),
        Part.ROUTES: Item(ROUTE, "sip:pbx.example.org", enabled=True),
        Part.NUMBERS: Item(NUMBER, "+14155550100", trunk="T-1"),
    }
    lists: Mapping[Part, Listed] = {
        part: parts.get(part.name.lower(), Listed((item,), whole=True)) for part, item in well.items()
    }
    now = Snapshot("MA_1", 0, (), whole=False, parts=lists)
    return Reading(now, Balance(5.0, "INR", credit=False), ceiling=10)


def trunk(base: Trunk = TRUNK, **changes: object) -> Trunk:
    return base.model_copy(update=changes)


def listed(*items: Item, whole: bool = True) -> Listed:
    return Listed(items, whole=whole, why="" if whole else "timeout")


def found(points: tuple[Point, ...], topic: Topic) -> Finding | None:
    return next((point.finding for point in points if point.topic is topic), None)


OFF = Item(LOGIN, "sales", enabled=False)
UNSAID = Item(LOGIN, "sales")
WELL = reading()


@pytest.mark.parametrize(
    ("of", "read", "finding"),
    [
        (TRUNK, WELL, Finding.ENABLED),
        (trunk(status="inactive"), WELL, Finding.DISABLED),
        (trunk(status="paused"), WELL, Finding.STATUS_UNSAID),
        (TRUNK, replace(WELL, changes=()), Finding.AS_ASKED),
        (TRUNK, replace(WELL, changes=(Changed("calls", 10, 5),)), Finding.NOT_AS_ASKED),
        (TRUNK, WELL, Finding.LOGIN),
        (trunk(credential="C-1"), WELL, Finding.LOGIN),
        (trunk(credential=None, acl=ADDRESS), WELL, Finding.ADDRESS),
        (trunk(credential=None), WELL, Finding.NO_WAY_OUT),
        (TRUNK, reading(credentials=listed(OFF)), Finding.WAY_OUT_OFF),
        (trunk(acl=ADDRESS), reading(credentials=listed(OFF)), Finding.ADDRESS),
        (TRUNK, reading(credentials=listed()), Finding.WAY_OUT_GONE),
        (TRUNK, reading(credentials=listed(whole=False)), Finding.WAY_OUT_UNREAD),
        (TRUNK, reading(credentials=listed(UNSAID)), Finding.WAY_OUT_UNREAD),
        # One that cannot be read may be the one that works: it is not told as not ok.
        (trunk(acl=ADDRESS), reading(credentials=listed(OFF), addresses=listed(whole=False)),
         Finding.WAY_OUT_UNREAD),
        (INBOUND, WELL, Finding.ROUTED),
        (trunk(INBOUND, route=None), WELL, Finding.NO_ROUTE),
        (trunk(INBOUND, route=None, fallback=ROUTE), WELL, Finding.ROUTED),
        (INBOUND, reading(routes=listed(Item(ROUTE, "sip:x", enabled=False))), Finding.ROUTE_OFF),
        (INBOUND, reading(routes=listed()), Finding.ROUTE_GONE),
        (INBOUND, reading(routes=listed(whole=False)), Finding.ROUTE_UNREAD),
        (trunk(INBOUND, route=None), replace(WELL, destination="pbx.example.org"), Finding.ROUTED),
        (trunk(INBOUND, route=None), replace(WELL, destination="sip:pbx.example.org"),
         Finding.ROUTE_PREFIXED),
        (INBOUND, WELL, Finding.NUMBERED),
        (INBOUND, reading(numbers=listed()), Finding.NO_NUMBER),
        (INBOUND, reading(numbers=listed(Item(NUMBER, "+1", trunk="t-2"))), Finding.NO_NUMBER),
        (INBOUND, reading(numbers=listed(whole=False)), Finding.NUMBERS_UNREAD),
        (INBOUND, reading(numbers=listed(Item(NUMBER, "+1", trunk="t-1"), whole=False)), Finding.NUMBERED),
        (INBOUND, reading(numbers=listed(Item(NUMBER, "+1", trunk="t-1", application="7"))),
         Finding.ON_APPLICATION),
        (trunk(transport="tls", secure=True), WELL, Finding.ENCRYPTED),
        (trunk(transport="tls"), WELL, Finding.HALF_ENCRYPTED),
        (trunk(transport="tls", secure=None), WELL, Finding.ENCRYPTION_UNSAID),
        (TRUNK, WELL, Finding.FUNDED),
        (TRUNK, replace(WELL, balance=Balance(0.0, "INR", credit=False)), Finding.NO_FUNDS),
        (TRUNK, replace(WELL, balance=Balance(-3.0, "INR", credit=True)), Finding.ON_CREDIT),
        (TRUNK, replace(WELL, balance=None), Finding.BALANCE_UNREAD),
        (TRUNK, WELL, Finding.WITHIN_CEILING),
        (trunk(calls=11), WELL, Finding.ABOVE_CEILING),
        (trunk(calls=0), WELL, Finding.LIMIT_UNSAID),
        (TRUNK, replace(WELL, ceiling=None), Finding.CEILING_UNREAD),
    ],
)  # fmt: skip
def test_what_was_read_is_judged(of: Trunk, read: Reading, finding: Finding) -> None:
    points = account_points(of, read)
    assert found(points, JUDGED[finding][0]) is finding
    for point in points:
        named = {
            name for words in _WORDS[point.finding] for _, name, _, _ in Formatter().parse(words) if name
        }
        assert {name for name in named if not name.startswith("/")} <= set(point.data)


@pytest.mark.parametrize(
    ("changes", "topics"),
    [
        ({}, {Topic.WAY_OUT}),
        ({"direction": "inbound"}, {Topic.ROUTE, Topic.NUMBERS}),
        # A trunk whose direction is unclear has to work in the direction for which something is set.
        ({"direction": "both", "id": "t-9"}, {Topic.WAY_OUT}),
        ({"direction": None, "id": "t-9", "credential": None, "route": ROUTE}, {Topic.ROUTE, Topic.NUMBERS}),
        ({"direction": None, "id": "t-9", "credential": None}, {Topic.WAY_OUT, Topic.ROUTE, Topic.NUMBERS}),
    ],
)
def test_a_trunk_needs_what_its_direction_needs(changes: dict[str, object], topics: set[Topic]) -> None:
    looked_at = {point.topic for point in account_points(TRUNK.model_copy(update=changes), WELL)}
    assert looked_at & {Topic.WAY_OUT, Topic.ROUTE, Topic.NUMBERS} == topics


def test_a_checklist_is_only_ok_where_everything_is() -> None:
    well, wrong, unknown = Point(Finding.ENABLED), Point(Finding.NO_NAME), Point(Finding.SILENT)
    assert checklist((well,)).value is Value.OK
    assert checklist((well, unknown)).value is Value.NOT_KNOWN
    assert checklist((unknown, wrong), (well,)).value is Value.NOT_OK
    assert checklist().value is Value.NOT_KNOWN
    assert [point.topic for point in checklist((unknown, wrong), (well,)).points] == [
        *(Topic.STATUS, Topic.NAME, Topic.ANSWER)
    ]


def test_every_finding_is_judged_and_has_words() -> None:
    assert set(JUDGED) == set(_WORDS) == set(Finding)
    for finding, (_, value) in JUDGED.items():
        assert bool(_WORDS[finding][1]) is (value is not Value.OK), finding


@pytest.mark.parametrize(
    ("address", "public", "loopback"),
    [
        ("8.8.8.8", True, False),
        ("2606:4700::1", True, False),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, False),
        ("10.0.0.1", False, False),
        ("172.16.0.1", False, False),
        ("192.168.1.1", False, False),
        ("100.64.0.1", False, False),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:7f00:1::", False, False),
        ("fe80::1", False, False),
        ("fd00::1", False, False),
        ("0.0.0.0", False, False),
        ("224.0.1.75", False, False),
        ("ff02::1", False, False),
        ("192.0.2.1", False, False),
        ("no address", False, False),
    ],
)
def test_a_domain_of_vobiz_leads_into_no_private_network(
    address: str, *, public: bool, loopback: bool
) -> None:
    assert may_contact(address, loopback=False) is public
    assert may_contact(address, loopback=True) is loopback


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("5f8a.sip.vobiz.ai", True),
        ("a" * 63 + ".ai", True),
        ("a" * 64 + ".ai", False),
        (".".join(["abc"] * 64), False),
        ("a..b", False),
        ("-a.ai", False),
        ("x.ai\r\nVia: y", False),
        ("x.ai\n", False),
        ("user@x.ai", False),
        ("x.ai:5060", False),
        ("x ai", False),
        ("", False),
    ],
)
def test_only_a_host_name_is_looked_up(text: str, *, host: bool) -> None:
    assert is_host(text) is host


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        ({"available_balance": 9.5, "is_postpaid": True}, Balance(9.5, "USD", credit=True)),
        ({"available_balance": "0.00"}, Balance(0, "USD", credit=False)),
        ({"available_balance": -1, "credit_limit": 5}, Balance(-1, "USD", credit=True)),
        ({"available_balance": "much"}, None),
        ({"available_balance": float("nan")}, None),
        ({"available_balance": True}, None),
        ({"balance": 5}, None),
        (None, None),
    ],
)  # fmt: skip
def test_a_balance_is_read(body: Mapping[str, object] | None, balance: Balance | None) -> None:
    assert read_balance(body, "USD") == balance


@pytest.mark.parametrize(
    ("body", "currency"),
    [
        ({"pricing_tier": {"currency": "usd"}}, "USD"),
        ({"pricing_tier": {"currency": "../../x"}}, "INR"),
        ({"pricing_tier": None}, "INR"),
        (None, "INR"),
    ],
)
def test_the_currency_is_the_accounts_own(body: Mapping[str, object] | None, currency: str) -> None:
    assert read_currency(body) == currency


def test_a_number_says_its_application_and_a_login_its_realm() -> None:
    numbers = read_rows(
        Part.NUMBERS, {"items": [{"e164": "+1", "application_id": "7", "trunk_group_id": "t"}]}
    )
    logins = read_rows(
        Part.CREDENTIALS, {"objects": [{"id": "c", "username": "u", "realm": "r", "enabled": True}]}
    )
    assert numbers is not None
    assert logins is not None
    assert numbers[0] == [Item("+1", "+1", trunk="t", application="7")]
    assert logins[0] == [Item("c", "u", enabled=True, realm="r")]


def test_the_message_tells_the_values_apart_with_what_to_do_and_what_to_copy() -> None:
    of, read = trunk(name="Sales *x* <!channel>", status="inactive"), replace(WELL, balance=None)
    found_ = checklist(account_points(of, read), (Point(Finding.SILENT, {"server": "8.8.8.8:5060"}),))
    message = readiness_message(of, found_, pbx(of, read), "/trunk")
    lines = message.text.split("\n")
    assert lines[0].startswith("❌ Trunk “Sales ")
    assert lines[0].endswith("”: 1 of 5 checks is not OK, 2 not known")
    assert "<!channel>" not in message.text
    assert [line.split(":")[0] for line in lines[2:7]] == [
        *("❌ Not OK · Status", "❓ Not known · Balance", "❓ Not known · Answer to SIP"),
        *("✅ OK · Login or address", "✅ OK · Calls at once"),
    ]
    assert lines[2].endswith("Enable it: `/trunk enable t-1`")
    (copied,) = [
        part["elements"][0]["text"]
        for block in message.blocks
        for part in block["elements"]  # type: ignore[attr-defined]  # Block Kit is plain JSON
        if part["type"] == "rich_text_preformatted"
    ]
    assert copied.split("\n") == [
        *("SIP domain: 5f8a.sip.vobiz.ai", "Transport: UDP", "User name: sales", "Realm: MA_1.sip.vobiz.ai"),
        "Password: the one that was shown when the login was made",
        "Numbers: +14155550100",
    ]


def test_words_of_others_stay_within_their_line() -> None:
    of = trunk(name="x" * 1000)
    read = reading(credentials=listed(Item(LOGIN, "u\n✅ OK · " + "y" * 500, enabled=True)))
    message = readiness_message(of, checklist(account_points(of, read)), Pbx(None, None, None), "/trunk")
    assert len(message.text) < 2000
    assert plain("u\n✅ OK · ", 20) in message.text
    assert not any(line.startswith("✅ OK · y") for line in message.text.split("\n"))
