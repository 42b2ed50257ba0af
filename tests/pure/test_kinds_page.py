"""docs/kinds.md is what the kinds do, and no kind can send what gives a number back."""

import re

import pytest

from bot.kinds.base import Kind
from bot.kinds.registry import KINDS
from tests.pure.kinds_page import NUMBER, PAGE, RECORD, REQUESTS, TRUNK, page, writes


def test_the_page_is_what_the_kinds_do() -> None:
    """After a change of a kind: `python -m tests.pure.kinds_page`, and read the difference."""
    assert PAGE.read_text() == page()


# Without `/assign` the last one would give the number back for a fee.
_OWN = re.compile(
    rf"trunks(/{TRUNK})?|(credentials|ip-acl|origination-uris)(/{RECORD})?|numbers/{re.escape(NUMBER)}/assign"
)


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)
def test_what_a_kind_sends_is_of_its_record_only(kind: Kind) -> None:
    assert [write.path for write in writes(kind) if not (write.allowed and _OWN.fullmatch(write.path))] == []
    assert kind.Request.model_validate(REQUESTS[kind.name])
