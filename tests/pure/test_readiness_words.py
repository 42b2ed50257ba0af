"""What a test of a trunk tells people to type can be typed."""

import re

import pytest

from bot.commands.parse import parse
from bot.commands.problems import Problem
from bot.kinds.base import Limits
from bot.kinds.registry import KINDS
from bot.proof.checklist import Finding, Point, checklist
from bot.proof.pbx import Pbx
from bot.words.readiness import readiness_message
from tests.wording_samples import TRUNK


@pytest.mark.parametrize("finding", Finding)
def test_each_command_that_a_finding_names_is_one_of_the_bots(finding: Finding) -> None:
    other_side = Pbx(TRUNK.domain, "udp", secure=False)
    told = readiness_message(TRUNK, checklist((Point(finding),)), other_side, "/trunk")
    named = re.findall(r"`/trunk ([^`]+)`", told.text)
    assert [text for text in named if isinstance(parse(text, KINDS.verbs, Limits(1000)), Problem)] == []
