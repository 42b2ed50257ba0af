"""What is counted of changes finds each way in which a bot could go wrong, step by step."""

from collections import Counter
from dataclasses import replace
from typing import Final

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.slack.people import BOT_USER
from bot.sandbox.vobiz.account import VobizPost
from tests.crash.judging import Arrival, Change, Changed, Evidence, count_changes
from tests.crash.orders import Order, Write
from tests.crash.passwords import leaks, passwords, said

REF: Final = "7K3M-9QWX"
MAKE: Final = Write("POST", "credentials", "Kept1")
ATTACH: Final = Write("PUT", "trunks/one")
LOGIN: Final = Order("credential one", "” set", (MAKE, ATTACH))
EDIT: Final = Order("edit one 50", "” changed", (ATTACH,))
MADE: Final = Arrival("POST", "credentials", frozenset({"kept1", "secret"}), made=True)
PUT: Final = Arrival("PUT", "trunks/one", frozenset(), made=True)
ROW: Final = ("credentials", frozenset({"kept1"}))
DONE: Final = f"SIP login for trunk “Kept” set\nReference: {REF}"
STATUS: Final = f"SIP login for trunk “\nKept\n”\n set\nReference: {REF}"
STOPPED: Final = (
    f"Vobiz refused step 2 of 2 for trunk “Kept” (attach the login to the trunk)\nReference: {REF}"
)
WAITING: Final = f"Setting… waiting for Vobiz\nReference: {REF}"
WELL: Final = Evidence([Change("one", LOGIN, REF)], [MADE, PUT], [DONE], {REF: STATUS}, [ROW])


def lists(found: Changed) -> set[str]:
    return {name for name in Changed.__slots__ if isinstance(cases := getattr(found, name), list) and cases}


def test_nothing_is_counted_when_nothing_is_wrong() -> None:
    assert count_changes(WELL) == Changed(made=1, steps=2, kinds=Counter({"credential": 1}))


@pytest.mark.parametrize(
    ("evidence", "wrong"),
    [
        (replace(WELL, arrivals=[MADE, MADE, PUT]), {"sent_twice"}),
        (replace(WELL, arrivals=[MADE, MADE, PUT], resent={REF: 1}), set()),
        (replace(WELL, arrivals=[MADE, MADE, PUT, PUT], resent={REF: 1}), {"sent_twice"}),
        (replace(WELL, rows=[ROW, ROW]), {"twice"}),
        (replace(WELL, rows=[ROW, ("ip-acl", ROW[1])]), set()),
        (replace(WELL, arrivals=[*WELL.arrivals, replace(PUT, path="trunks/two")]), {"unasked"}),
        (replace(WELL, arrivals=[MADE, PUT, replace(MADE, texts=frozenset({"kept2"}))]), {"unasked"}),
        (replace(WELL, arrivals=[PUT, MADE]), {"unasked"}),
        (replace(WELL, messages=[WAITING], statuses={REF: WAITING}), {"lost"}),
        (replace(WELL, messages=[WAITING], statuses={}), {"lost"}),
        (replace(WELL, messages=[WAITING]), {"silent"}),
        (replace(WELL, arrivals=[MADE], messages=[STOPPED], statuses={REF: STOPPED}), set()),
        (replace(WELL, arrivals=[MADE]), {"untrue"}),
        (replace(WELL, arrivals=[MADE, replace(PUT, made=False)]), {"untrue"}),
        (replace(WELL, arrivals=[replace(MADE, made=False), PUT]), set()),
        (replace(WELL, arrivals=[replace(MADE, made=False), PUT], rows=[]), {"untrue"}),
        (replace(WELL, statuses={REF: WAITING}), {"untrue"}),
        (
            replace(
                WELL,
                messages=[f"Not sent: SIP login for trunk “Kept”\nNothing was changed.\nReference: {REF}"],
                statuses={},
                arrivals=[MADE],
            ),
            {"untrue"},
        ),
        (replace(WELL, changes=[Change("one", LOGIN)]), set()),
        (replace(WELL, changes=[Change("one", LOGIN, REF, merged=True)]), {"unasked"}),
        (
            replace(WELL, changes=[Change("one", EDIT, "0000-0000"), *WELL.changes], resent={REF: 1}),
            {"lost"},
        ),
        (
            replace(
                WELL,
                changes=[Change("one", EDIT, "0000-0000"), *WELL.changes],
                messages=[DONE, "Trunk “Kept” changed\nReference: 0000-0000"],
                arrivals=[MADE, PUT, PUT, PUT],
            ),
            {"sent_twice"},
        ),
    ],
    ids=[
        "a step twice",
        "a step again, as a person said",
        "two steps again, where a person said it of one",
        "two records of one order",
        "a record of another type that is called so too",
        "a write about a trunk of which nobody said a word",
        "a record that nobody ordered",
        "the second step before the first",
        "nobody was told",
        "nobody was told, and there is no status",
        "only the status knows",
        "stopped at its second step",
        "told done, and a step was never sent",
        "told done, and a step was not carried out",
        "a step that is there, though no answer said so",
        "told done, and the record is not there",
        "the status says otherwise",
        "told that nothing was done, beside a record",
        "never answered, and done",
        "merged with another, and done all the same",
        "of two about a trunk one is not told",
        "a write more than two orders about a trunk have",
    ],
)
def test_each_fault_is_counted(evidence: Evidence, wrong: set[str]) -> None:
    assert lists(count_changes(evidence)) == wrong


def test_steps_on_a_trunk_that_an_order_makes_are_held_against_its_name() -> None:
    trunk, put = Write("POST", "trunks", "Kept new"), Write("PUT", "trunks/{kept new}")
    order = Order("create", "” created", (trunk, MAKE, put))
    made = Arrival("POST", "trunks", frozenset({"kept new"}), made=True)
    attached = replace(PUT, path="trunks/{kept new}")
    seen = Evidence([Change("new", order, REF)], [made, MADE, attached], [f"“Kept new” created {REF}"])
    assert lists(count_changes(seen)) == set()
    assert lists(count_changes(replace(seen, arrivals=[made, attached, MADE]))) == {"unasked"}


@pytest.mark.parametrize("secret", ['a"&+1', "aB3~!@#$%^&*()_+xyz12"])
def test_a_password_is_found_wherever_it_is_and_never_repeated(secret: str) -> None:
    sandbox = Sandbox()
    sandbox.vobiz_posts.append(VobizPost(0.0, {"password": secret}, 422, None, "refuse", path="credentials"))
    known = passwords(sandbox)
    assert leaks(known, said(sandbox)) == []
    sandbox.space.messages.add("C0VOICE01", BOT_USER, "told", [{"type": "section", "text": {"text": secret}}])
    assert leaks(known, said(sandbox)) == ["a message has a password"]
    assert secret not in str(leaks(known, {"a log": f"password={secret}"}))
