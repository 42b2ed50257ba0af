"""What follows a verb about something that exists: `<verb> <trunk> [rest]`, one small grammar for all.

Where a name ends is not always clear (`Sales 50` is a trunk, or `Sales` and a limit), so all readings are
kept in their order: what is in the account decides, and where two fit, a person.
"""

import unicodedata
from typing import Final, NamedTuple

from bot.commands.lexer import FAMILY, SPACES, WORD, shown

_READINGS: Final = 8  # a name with more quotes than that is read from the end


class Which(NamedTuple):
    """One reading: what the trunk is called by (name, id, domain, reference), and what follows that."""

    text: str
    rest: str


def read_which(text: str, start: int) -> tuple[Which, ...]:
    """Read what stands in a decoded text after the verb, which ends at `start`; nothing is no reading."""
    typed = unicodedata.normalize("NFC", shown(text[start:])).strip(SPACES)
    if not typed:
        return ()
    family = FAMILY.get(typed[0])
    readings: list[Which] = []
    if family is not None:
        closing = [
            word.end() - 1
            for word in WORD.finditer(typed)
            if typed[word.end() - 1] in family and word.end() > 1
        ]
        readings = [Which(typed[1:at].strip(SPACES), typed[at + 1 :].strip(SPACES)) for at in closing]
        readings = [one for one in readings if one.text][-_READINGS:]
    if not readings:
        others = list(WORD.finditer(typed))[1:]
        # What follows is the last word; or all from the first one that looks like a URI, or a number with
        # its plus: people type these with spaces.
        value = [word for word in others if ":" in word.group() or word.group().startswith("+")]
        cuts = dict.fromkeys(word.start() for word in (*others[-1:], *value[:1]))
        readings = [
            Which(typed, ""),
            *(Which(typed[:cut].strip(SPACES), typed[cut:].strip(SPACES)) for cut in cuts),
        ]
    return tuple(readings)
