"""What must not be empty must not look empty either."""

import pytest

from bot.domain.blank import blank


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n\u00a0\u3000",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\x00",
        "\u2800\u2800",
        "\u3164\u115f\u1160\uffa0",
        "\u0301\u0308",
        "\ufe0f",
        "\U000e0041",
        "\u202e\u2066",
    ],
    ids=[
        "nothing",
        "white space",
        "zero width",
        "NUL",
        "braille blank",
        "Hangul fillers",
        "marks on nothing",
        "variation selector",
        "tags",
        "bidi",
    ],
)
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert blank(text)


@pytest.mark.parametrize("text", ["x", "\u200bx", "-", "e\u0301", "\U0001f4de", "\u0645", "\U0001fae8"])
def test_what_shows_something_is_not(text: str) -> None:
    assert not blank(text)
