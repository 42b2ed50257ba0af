"""Which characters separate words, which ones quote a name, and how a name is quoted again.

People format as they type, and copy from formatted messages: `create *"Sales"* outbound _10_`. Such marks
come in pairs, one where a word begins and one where a word ends, and are no part of what is meant; nor are
the brackets of a link or a block quote. What stands between quotation marks is left as it is: there
everything is the name.
"""

import re
from types import MappingProxyType
from typing import Final

# Unicode white space, and the zero-width ones that phones and web pages leave behind in pasted text. The
# zero-width joiner and non-joiner (U+200D, U+200C) are letters' business: emoji and Persian need them.
SPACES: Final = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)
_CONTROLS: Final = (
    r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"  # with line ends and bidi overrides, isolates
)
_SEPARATORS: Final = rf"\s{_CONTROLS}\u061c\u200b\u200e\u200f\u2060\ufeff"

ILLEGAL: Final = re.compile(rf"[{_CONTROLS}\ud800-\udfff]")
WORD: Final = re.compile(rf"[^{_SEPARATORS}]+")

# A quote closes what any quote of its family opened: keyboards mix them (“…" and „…“ and ”…” and »…«).
_FAMILIES: Final = ('"“”„‟″‶＂〝〞〟❝❞', "'‘’‚‛′‵＇´❛❜", "`", "«»‹›《》〈〉", "「」『』｢｣")  # noqa: RUF001 - the look-alikes are the point
FAMILY: Final = MappingProxyType({quote: family for family in _FAMILIES for quote in family})
APOSTROPHES: Final = _FAMILIES[1]
_STYLES: Final = ('"', '"'), ("'", "'"), ("`", "`"), ("«", "»")

_ENTITY: Final = re.compile(r"&(?=(?:amp|lt|gt);)")
_WRAPPED: Final = re.compile(rf"([{_SEPARATORS}]*)`([^`]+)`([{_SEPARATORS}]*)")
_BLANKS: Final = re.compile(rf"[{_SEPARATORS}]")
_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")

_MARKS: Final = "*_~`"
_STYLED: Final = re.compile(rf"[{_MARKS}]|<(?=https?:|mailto:|tel:)")
_LINK: Final = re.compile(r"<(?:(?:https?|mailto|tel):[^<>|\s]*\|([^<>]*)|(https?:[^<>|\s]*))>")
_QUOTED: Final = re.compile(rf"(?:^|(?<=[{_SEPARATORS}]))([*_~]*)([{''.join(FAMILY)}])")
_BLOCK_QUOTE: Final = re.compile(rf"[{_SEPARATORS}]*>[>{_SEPARATORS}]*")
_CODE_BLOCK: Final = "```"
_FENCED: Final = re.compile(rf"[{_SEPARATORS}]*```((?:(?!```).)*)```[{_SEPARATORS}]*", re.DOTALL)
_FENCE: Final = re.compile(rf"(?:^|(?<=[{_SEPARATORS}])){_CODE_BLOCK}|{_CODE_BLOCK}(?=$|[{_SEPARATORS}])")


def plain(text: str) -> str:
    """Decode, once, the three entities that Slack may send, and take out its formatting."""
    if "&" in text:
        # `&amp;` last, so that what it yields is not decoded again.
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if _CODE_BLOCK in text and (fenced := _FENCED.fullmatch(text)):
        text = fenced[1]
    if "`" in text and (wrapped := _WRAPPED.fullmatch(text)):
        text = " ".join(wrapped.groups())
    return _unstyled(text)


def shown(text: str) -> str:
    """Give the text to show, character for character: unusual spaces and controls become plain spaces.

    Halves of surrogate pairs become U+FFFD, since no encoding can carry them.
    """
    return _SURROGATES.sub("\ufffd", _BLANKS.sub(" ", text))


def bare(word: str) -> str:
    """Take the quotes off a word that stands between two of one family."""
    if len(word) > 1:
        family = FAMILY.get(word[0])
        if family is not None and word[-1] in family:
            return word[1:-1]
    return word


def quoted(name: str) -> str:
    """Quote a legal name so that the parser reads exactly this name again.

    The first kind of quotes that the name has none of. With every kind in it the double ones do, because
    a name ends at the quote that direction and limit follow.
    """
    used = {FAMILY[ch] for ch in name if ch in FAMILY}
    opening, closing = next((style for style in _STYLES if FAMILY[style[0]] not in used), _STYLES[0])
    return f"{opening}{_ENTITY.sub('&amp;', name)}{closing}"


def _unstyled(text: str) -> str:
    """Return a decoded command without its formatting, and without a block quote's mark before it."""
    if (quoting := _BLOCK_QUOTE.match(text)) is not None:
        text = text[quoting.end() :]
    if not _STYLED.search(text):
        return text
    begin, end = _quoted_part(text)
    if (
        text.startswith(_CODE_BLOCK, begin) and text.count(_CODE_BLOCK) > 1
    ):  # a block of code, no name in quotes
        text = _FENCE.sub("`", text)
        begin, end = _quoted_part(text)
    name = text[begin:end]
    before, after = (_LINK.sub(_label, _FENCE.sub("`", part)) for part in (text[:begin], text[end:]))
    text = before + name + after
    marks = _pairs(text, len(before), len(before) + len(name))
    return "".join(character for at, character in enumerate(text) if at not in marks)


def _label(link: re.Match[str]) -> str:
    return link[1] or link[2] or ""


def _quoted_part(text: str) -> tuple[int, int]:
    """Find the quotation marks between which all is a name: the first before a word, the last after one."""
    opening = _QUOTED.search(text)
    if opening is None:
        return len(text), len(text)
    family = FAMILY[opening[2]]
    closing = [
        end
        for word in WORD.finditer(text, opening.start(2))
        if (end := word.start() + len(word[0].rstrip("*_~"))) > opening.end(2) and text[end - 1] in family
    ]
    return opening.start(2), closing[-1] if closing else len(text)


def _pairs(text: str, begin: int, end: int) -> set[int]:
    """Find the marks that belong together; those from `begin` to `end` are a name's."""
    open_: list[int] = []
    waiting = dict.fromkeys(_MARKS, 0)
    found: set[int] = set()
    for word in WORD.finditer(text):
        opening = len(word[0]) - len(word[0].lstrip(_MARKS))
        closing = len(word[0]) - len(word[0].rstrip(_MARKS))
        if opening == len(word[0]):
            continue  # of marks alone: nothing is between them
        for at in range(word.start(), word.start() + opening):
            if not begin <= at < end:
                open_.append(at)
                waiting[text[at]] += 1
        for at in range(word.end() - closing, word.end()):
            # What was opened in between and never closed is no mark.
            while waiting[text[at]] and not begin <= at < end:
                other = open_.pop()
                waiting[text[other]] -= 1
                if text[other] == text[at]:
                    found |= {other, at}
                    break
    return found
