"""What is counted of changes finds each way in which a bot could go wrong."""

import random
from collections import Counter

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json
from bot.sandbox.slack.people import BOT_USER
from bot.sandbox.vobiz.account import VobizPost
from tests.crash.changes import Change, Changed, Changer, count_changes

REF = "7K3M-9QWX"


def ran(
    *writes: str, told: str = "", verb: str = "edit", gone: bool = False
) -> tuple[Sandbox, list[Changer]]:
    """Return a run in which one change was confirmed, and these faults met the writes that arrived."""
    sandbox = Sandbox()
    changer = Changer(sandbox, "U0CHANGE1", random.Random(1))
    changer.move_in()
    trunk = sandbox.trunks[0]
    identity = str(trunk["trunk_id"])
    changer.changes.append(Change(identity, verb, REF))
    for fault in writes:
        sandbox.vobiz_posts.append(VobizPost(0.0, {}, 200, identity, fault, "PUT", identity))
    if gone:
        sandbox.vobiz.account.delete(trunk)
    if told:
        section: Json = {"type": "section", "text": {"type": "plain_text", "text": told}}
        sandbox.space.messages.add("C0VOICE01", BOT_USER, told, [section])
    return sandbox, [changer]


def counted(sandbox: Sandbox, people: list[Changer], resent: int = 0) -> Changed:
    return count_changes(sandbox, people, Counter({REF: resent}))


def test_a_change_that_was_made_and_told_is_well() -> None:
    assert counted(*ran("none", told=f"Trunk “Kept” changed\nReference: {REF}")) == Changed(made=1)


def test_a_second_write_is_found_unless_somebody_wanted_it() -> None:
    run = ran("none", "none", told=f"Trunk “Kept” changed\nReference: {REF}")
    assert len(counted(*run).sent_twice) == 1
    assert counted(*run, resent=1) == Changed(made=1)


def test_a_change_that_nobody_was_told_the_end_of_is_lost() -> None:
    assert len(counted(*ran("none")).lost) == 1
    assert len(counted(*ran("none", told=f"Editing… waiting\nReference: {REF}")).lost) == 1


def test_a_trunk_that_is_told_deleted_and_is_there_is_untrue() -> None:
    told = f"Trunk “Kept” deleted\nReference: {REF}"
    assert len(counted(*ran("none", told=told, verb="delete")).untrue) == 1
    assert counted(*ran("none", told=told, verb="delete", gone=True)) == Changed(made=1)
