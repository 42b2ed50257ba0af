"""Whether a text shows anything at all: what must not be empty must not look empty either.

Pasted text brings zero-width spaces, joiners and byte order marks, and there are letters and symbols that
are drawn as nothing. A reason of those is no reason, and nobody could tell a trunk of such a name.
"""

import unicodedata
from typing import Final

# By their category letters and symbols: the Hangul fillers, the braille blank and the null notehead.
_DRAWN_AS_NOTHING: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159")
# Not assigned, and reserved for what is ignored (Unicode, Default_Ignorable_Code_Point).
_IGNORED: Final = (range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
# Separators, controls and formats, halves of pairs. Marks are drawn on what stands before them.
_UNSEEN: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Mc", "Me"})


def blank(text: str) -> bool:
    """Tell whether a text has no character that can be seen by itself; the empty text has none."""
    return not any(map(_seen, text))


def _seen(character: str) -> bool:
    if character in _DRAWN_AS_NOTHING or unicodedata.category(character) in _UNSEEN:
        return False
    return not any(ord(character) in ignored for ignored in _IGNORED)
