"""Makes requests that Slack never sends out of those that it sends. Pure: a seed and a number make a shot."""

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus

from bot.sandbox.shape import Json
from tests.fuzz.corpus import Corpus, Seed

FORM: Final = b"application/x-www-form-urlencoded"
_DEEP: Final = "@deep@"
_DEPTHS: Final = (3, 60, 400, 20_000)

# Signatures: of the bytes that are sent, or in some way not.
GOOD: Final = "good"
_BAD: Final = ("none", "wrong", "stale", "early", "short", "latin", "twice", "long", "words")
_SIGNED: Final = (GOOD,) * 30 + _BAD

_WEIRD: Final[tuple[object, ...]] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1e308,
    float("nan"),
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\u202e\u2066",
    "\N{ZERO WIDTH JOINER}" * 50,
    "e" + "\N{COMBINING ACUTE ACCENT}" * 500,
    "<!channel> <@U0BEN0001> *b* `c`",
    "'; DROP TABLE operations; --",
    "%00%ff%%",
    "x" * 5_000,
    "💥" * 700,
    _DEEP,
    [],
    [[]],
    [None],
    {},
    {"id": None},
    {"": ""},
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A request: its bytes, in how many pieces they come, and how it is signed."""

    kind: str
    body: bytes
    signed: str
    content_type: bytes
    method: str
    pieces: int
    hangs_up: bool


def shot(corpus: Corpus, seed: int, number: int) -> Shot:
    """Make the request with this number of a run; the same one for the same seed."""
    rng = random.Random(f"{seed}/{number}")
    group = corpus.strangers if rng.random() < 0.7 else corpus.operators
    chosen = rng.choice(group)
    body = _written(rng, chosen, group)
    if rng.random() < 0.25:
        body = _torn(rng, body)
    return Shot(
        chosen.kind,
        body,
        rng.choice(_SIGNED),
        _content_type(rng, chosen),
        "POST" if rng.random() < 0.98 else rng.choice(("GET", "PUT", "HEAD", "post", "")),
        rng.choice((1, 1, 1, 2, 7)),
        rng.random() < 0.01,
    )


def _written(rng: random.Random, seed: Seed, group: tuple[Seed, ...]) -> bytes:
    if seed.payload is None:
        return _form(rng, list(seed.fields)).encode("utf-8", "surrogatepass")
    tree: object = json.loads(json.dumps(seed.payload))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        tree = _changed(rng, tree, rng.choice(group).payload or {})
    text = _respelt(rng, json.dumps(tree, ensure_ascii=rng.random() < 0.7))
    if seed.bare:
        return text.encode("utf-8", "surrogatepass")
    return _form(rng, [("payload", text)], calm=0.9).encode("utf-8", "surrogatepass")


def _weird(rng: random.Random) -> object:
    return copy.deepcopy(rng.choice(_WEIRD))  # it may be changed in turn


def _places(tree: object) -> list[tuple[dict[str, object] | list[object], str | int]]:
    found: list[tuple[dict[str, object] | list[object], str | int]] = []
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            found += [(node, key) for key in node]
            left += node.values()
        elif isinstance(node, list):
            found += [(node, index) for index in range(len(node))]
            left += node
    return found


def _changed(rng: random.Random, tree: object, donor: Json) -> object:
    places = _places(tree)
    if not places or rng.random() < 0.02:
        return _weird(rng)
    # Half of the time near the root: that is what decides how a request is read.
    near = [place for place in places if place[0] is tree]
    holder, key = rng.choice(near if near and rng.random() < 0.5 else places)
    value = holder[key]  # type: ignore[index]  # the key is one of this holder's
    made = rng.choice(_CHANGES)(rng, value, donor)
    if made is _GONE:
        del holder[key]  # type: ignore[arg-type]  # likewise
    else:
        holder[key] = made  # type: ignore[index]  # likewise
    return tree


def _other_text(rng: random.Random, value: object, _donor: Json) -> object:
    if not isinstance(value, str) or not value:
        return _weird(rng)
    at = rng.randrange(len(value))
    piece = rng.choice(("", "\0", "\ud800", '"', "\\", "&", "“", value[at], value * 2, "\n", "é", "0"))
    return value[:at] + piece + value[at + rng.choice((0, 1)) :]


def _cut_text(rng: random.Random, value: object, _donor: Json) -> object:
    return value[: rng.randrange(len(value))] if isinstance(value, str) and value else [value]


def _from_elsewhere(rng: random.Random, _value: object, donor: Json) -> object:
    places = _places(donor)
    if not places:
        return None
    holder, key = rng.choice(places)
    return json.loads(json.dumps(holder[key]))  # type: ignore[index]  # as above


_GONE: Final = object()
_CHANGES: Final[tuple[Callable[[random.Random, object, Json], object], ...]] = (
    lambda rng, _value, _donor: _weird(rng),
    lambda rng, _value, _donor: _weird(rng),
    lambda _rng, _value, _donor: _GONE,
    lambda _rng, value, _donor: [value],
    lambda _rng, value, _donor: {"id": value},
    lambda _rng, value, _donor: str(value),
    _other_text,
    _other_text,
    _cut_text,
    _from_elsewhere,
)


def _respelt(rng: random.Random, text: str) -> str:
    if _DEEP in text:
        depth = rng.choice(_DEPTHS)
        opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
        text = text.replace(f'"{_DEEP}"', opening * depth + "1" + closing * depth, 1)
    if rng.random() < 0.05:  # a key twice: which one counts?
        at = rng.choice([index for index, letter in enumerate(text) if letter == "{"] or [0])
        key = rng.choice(("type", "user", "id", "view", "actions", "team", "event", "callback_id"))
        value = json.dumps(rng.choice(_WEIRD[:12]))
        text = f'{text[: at + 1]}"{key}":{value},{text[at + 1 :]}'
    return text


def _form(rng: random.Random, fields: list[tuple[str, str]], calm: float = 0.3) -> str:
    if rng.random() >= calm:
        index = rng.randrange(len(fields))
        name, value = fields[index]
        other = str(_other_text(rng, value, {}))
        match rng.randrange(7):
            case 0:
                del fields[index]
            case 1:
                fields.append((name, other))
            case 2:
                fields.append((rng.choice(("payload", "command", "ssl_check", "type", "")), other))
            case 3 if rng.random() < 0.1:
                return "&".join(f"f{number}=x" for number in range(2_000))
            case 4:
                weird = rng.choice(_WEIRD)
                fields[index] = (name, weird if isinstance(weird, str) else json.dumps(weird))
            case _:
                fields[index] = (name, other)
    return "&".join(f"{quote_plus(n)}={_escaped(rng, value)}" for n, value in fields)


def _escaped(rng: random.Random, value: str) -> str:
    if rng.random() < 0.02:
        return value  # as it is
    escaped = quote_plus(value.encode("utf-8", "surrogatepass"))
    return rng.choice(("%ff%fe", "%", "%u0041", "%c0%80")) + escaped if rng.random() < 0.02 else escaped


def _torn(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body) + 1)
    torn: tuple[bytes, ...] = (
        body[:at],
        body[at:],
        body[:at] + rng.randbytes(1) + body[at + 1 :],
        body[:at] + rng.randbytes(rng.choice((1, 8, 300))) + body[at:],
        b"\xef\xbb\xbf" + body,
        body.decode("utf-8", "replace").encode("utf-16"),
        body * 2,
    )
    return rng.choice(torn)


def _content_type(rng: random.Random, seed: Seed) -> bytes:
    if rng.random() < 0.9:
        return b"application/json" if seed.bare else FORM
    return rng.choice(
        (
            b"application/json",
            FORM,
            b"",
            b"text/plain",
            b"multipart/form-data",
            FORM + b"; charset=utf-16",
            b"\xff;",
        )
    )
