"""What a test of a trunk tells people to type can be typed."""

import re
from dataclasses import replace

import pytest

from bot.blockkit.text import mrkdwn
from bot.commands.parse import parse
from bot.commands.problems import Problem
from bot.domain.operation import State
from bot.domain.proof import Noted, Pending, Ready
from bot.kinds.base import Limits
from bot.kinds.registry import KINDS
from bot.proof.checklist import Checklist, Finding, Point, checklist
from bot.proof.pbx import Pbx
from bot.words.checks import compact_lines, ready_lines
from bot.words.readiness import readiness_message
from tests.pure.kinds_page import REQUESTS
from tests.wording_samples import OPERATION, TRUNK


@pytest.mark.parametrize("finding", Finding)
def test_each_command_that_a_finding_names_is_one_of_the_bots(finding: Finding) -> None:
    other_side = Pbx(TRUNK.domain, "udp", secure=False)
    told = readiness_message(TRUNK, checklist((Point(finding),)), other_side, "/trunk")
    named = re.findall(r"`/trunk ([^`]+)`", told.text)
    assert [text for text in named if isinstance(parse(text, KINDS.verbs, Limits(1000)), Problem)] == []


def test_nobody_is_sent_to_ask_for_what_is_asked_for_already() -> None:
    ready = Ready(
        trunk=TRUNK.id,
        at=0,
        command="/trunk",
        points=(Noted(finding=Finding.NO_WAY_OUT), Noted(finding=Finding.DISABLED)),
        pending=(Pending(ref="7K3M-9QWX", verbs=("allow",)),),
    )
    _, open_, *lines = (mrkdwn(line) for line in ready_lines(ready))
    status, way_out = sorted(lines, key=lambda line: "Login or address" in line)
    assert "Then a request about this trunk was not done yet: `/trunk status 7K3M-9QWX`" in open_
    assert "/trunk enable" in status
    # What is kept may be read when that request has ended otherwise.
    assert "/trunk credential" in way_out
    assert "A request for that was open then: `/trunk status 7K3M-9QWX`" in way_out
    found = Checklist(tuple(Point(Finding(point.finding), point.data) for point in ready.points))
    _, open_, *lines = map(mrkdwn, compact_lines(found, TRUNK.id, "/trunk", "", ready.pending))
    way_out = next(line for line in lines if "Login or address" in line)
    assert "is not done yet: `/trunk status 7K3M-9QWX`" in open_
    assert "Wait for the open request: `/trunk status 7K3M-9QWX`" in way_out
    assert "/trunk credential" not in way_out


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("allow_address", {"allow"}),
        ("assign_number", {"number"}),
        ("remove_route", set()),
        ("set_up_trunk", {"create", "credential", "allow", "route", "number"}),
    ],
)
def test_what_a_request_brings_is_known_by_its_verbs(name: str, verbs: set[str]) -> None:
    op = replace(OPERATION, kind=name, request=REQUESTS[name])
    (pending,) = KINDS.pending((op, replace(op, state=State.DONE)))
    assert (pending.ref, set(pending.verbs)) == (op.ref, verbs)
    assert KINDS.pending((replace(op, kind="unheard_of"),))[0].verbs == ()
