"""Which trunk is meant: by id, SIP domain, name, or the reference of an operation. Nothing is guessed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.commands.subject import Which
from bot.kinds.create_trunk.find import spelt
from bot.vobiz.trunks import Trunk

NEAR_MAX: Final = 100  # options that Slack takes in a menu


@dataclass(frozen=True, slots=True)
class Meant:
    """The trunks that fit what was typed, each with the rest of the text; and those that are only like it."""

    fitting: tuple[tuple[Trunk, str], ...]
    near: tuple[Trunk, ...]


def find_meant(which: Sequence[Which], trunks: Iterable[Trunk], meant: Mapping[str, str]) -> Meant:
    """Find the trunks that are meant; `meant` are ids by the references that were typed."""
    known = sorted(trunks, key=lambda trunk: (trunk.name or "").casefold())
    fitting: dict[str, tuple[Trunk, str]] = {}
    for one in which:
        for trunk in known:
            if _fits(one.text, trunk, meant.get(one.text)):
                fitting.setdefault(trunk.id.casefold(), (trunk, one.rest))
    near = [trunk for trunk in known if not which or any(_near(one.text, trunk) for one in which)]
    return Meant(tuple(fitting.values()), tuple(near[:NEAR_MAX]))


def holds(words: Sequence[str], trunk: Trunk, numbers: Sequence[str] = ()) -> bool:
    """Tell whether each of these words is a part of a trunk's name, id or domain, or of a number of it."""
    texts = [(text or "").casefold() for text in (trunk.name, trunk.id, trunk.domain, *numbers)]
    return all(any(word.casefold() in text for text in texts) for word in words)


def _fits(text: str, trunk: Trunk, meant: str | None) -> bool:
    bare = text.casefold().removeprefix("sip:").strip("<>")
    if bare in {trunk.id.casefold(), (trunk.domain or trunk.id).casefold()}:
        return True
    if meant is not None and meant.casefold() == trunk.id.casefold():
        return True
    return trunk.name is not None and spelt(trunk.name) == spelt(text)


def _near(text: str, trunk: Trunk) -> bool:
    return holds(text.split(), trunk)
