"""Escaping, clipping, isolating and pointing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blockkit.text import (
    Code,
    Group,
    Person,
    Place,
    Said,
    caret,
    code,
    escape,
    isolate,
    mrkdwn,
    plain,
    shown,
    visible,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sales", "Sales"),
        ("a & b", "a &amp; b"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;", "&amp;lt;"),
        ("*b*", "\u200b*\u200bb\u200b*\u200b"),
        (":x:", "\u200b:\u200bx\u200b:\u200b"),
        ("", ""),
    ],
)
def test_escape_leaves_nothing_that_slack_reads_as_markup(text: str, expected: str) -> None:
    assert escape(text) == expected


@given(st.text())
def test_escaped_text_reads_the_same_and_holds_no_angle_bracket(text: str) -> None:
    escaped = escape(text)
    assert not set("<>") & set(escaped)
    back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert back.replace("\u200b", "") == text.replace("\u200b", "")


@given(st.text())
def test_inline_code_can_not_be_closed_from_inside(text: str) -> None:
    quoted = code(text)
    assert quoted.count("`") == 2
    assert quoted[0] == quoted[-1] == "`"
    assert not set("<>") & set(quoted)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Sales", 5, "Sales"),
        ("Sales!", 5, "Sale…"),
        ("\U0001f4de" * 6, 5, "\U0001f4de" * 4 + "…"),
        ("a\nb\tc", 9, "a b c"),
        ("a\u202eb", 9, "a\ufffdb"),
        ("\u2066a\u2069", 9, "\ufffda\ufffd"),
        ("\x00\x7f\x9b", 9, "\ufffd\ufffd\ufffd"),
        ("\ud83d", 9, "\ufffd"),
        ("\u05d0\u200f", 9, "\u05d0\u200f"),
        ("\U0001f469\u200d\U0001f4bb", 9, "\U0001f469\u200d\U0001f4bb"),
    ],
    ids=[
        "fits",
        "cut",
        "four-byte characters count as one",
        "breaks",
        "override",
        "isolates",
        "controls",
        "lone surrogate",
        "direction mark stays",
        "joiner stays",
    ],
)
def test_plain_text_is_visible_and_within_its_limit(text: str, limit: int, expected: str) -> None:
    assert plain(text, limit) == expected


@given(st.text(st.characters()), st.integers(1, 50))
def test_plain_never_exceeds_its_limit_and_can_be_sent(text: str, limit: int) -> None:
    result = plain(text, limit)
    assert len(result) <= limit
    result.encode()
    assert not any(unicodedata.category(character) == "Cc" for character in result)


@given(st.text(st.characters()))
def test_replacing_keeps_every_position(text: str) -> None:
    assert len(visible(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("Sales", False),
        ("Ünïcödé \U0001f4de", False),
        ("日本語", False),
        ("\u05de\u05db\u05e8", True),
        ("a \u0645\u0628", True),
        ("a\u200f", True),
        ("\U0001e900", True),
        ("\u07c1", True),
    ],
    ids=["latin", "accents and emoji", "japanese", "hebrew", "mixed", "mark", "adlam", "nko"],
)
def test_only_right_to_left_text_is_isolated(text: str, isolated: bool) -> None:
    assert isolate(text) == (f"\u2068{text}\u2069" if isolated else text)


@given(st.characters())
def test_every_right_to_left_character_is_isolated(character: str) -> None:
    if unicodedata.bidirectional(character) in {"R", "AL", "AN"}:
        assert isolate(character) != character


@pytest.mark.parametrize("piece", [Code(""), Said(""), Said("  ")], ids=["code", "said", "spaces"])
def test_nothing_is_shown_as_empty_because_slack_refuses_empty_text(piece: Code | Said) -> None:
    assert shown(piece) == "(empty)"


def test_a_line_writes_ids_as_mentions_and_words_of_others_escaped() -> None:
    line = ("Hi ", Person("U1"), Group("S1"), Place("C1"), Code("a`<b"), Said("<!here>"), "!")
    assert mrkdwn(line) == "Hi <@U1><!subteam^S1><#C1>`a'&lt;b`&lt;!here&gt;!"


@pytest.mark.parametrize(
    ("text", "start", "end", "line", "carets"),
    [
        ("create Sales outbuond 10", 13, 21, "create Sales outbuond 10", " " * 13 + "^" * 8),
        ("create", 6, 6, "create", " " * 6 + "^"),
        ("", 0, 0, "", "^"),
        ("日本 outbuond", 3, 11, "日本 outbuond", " " * 5 + "^" * 8),
        ("e\u0301 x", 3, 4, "e\u0301 x", "  ^"),
        ("\u05d0 x", 2, 3, "\u05d0 x", ""),
        ("a\tb", 2, 3, "a b", "  ^"),
    ],
    ids=["word", "missing at the end", "nothing", "wide", "combining", "right to left", "tab"],
)
def test_carets_stand_under_the_word(text: str, start: int, end: int, line: str, carets: str) -> None:
    assert caret(text, start, end) == (line, carets)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300),
    st.data(),
)
def test_of_a_long_command_the_part_around_the_fault_is_shown(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    line, carets = caret(text, start, end)
    assert len(line) <= 46
    first = len(carets) - len(carets.lstrip())
    assert carets.strip(" ").strip("^") == ""
    if start < len(text):
        assert line[first] == text[start]
    assert len(carets) <= max(len(line), first + 1)
