"""What an answer says of itself, beside what it names: that it failed, that it worked, that it comes later.

Nobody documents how Vobiz, or what stands before it, says that in a 2xx. So keys are read in any spelling
(`statusCode`, `status_code`), at the top, in the envelopes, and in what speaks about an answer (`meta`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.domain.outcome import Data
from bot.vobiz.bodies import layers
from bot.vobiz.trunks import read_integer

_FAULTS: Final = frozenset(
    {
        *("error", "errors", "err", "fault", "faults", "failure", "failures", "exception", "exceptions"),
        *("errorcode", "errormessage", "errormsg", "errordescription", "errordetail", "errordetails"),
    }
)
_SUCCESSES: Final = frozenset({"success", "ok", "succeeded", "successful", "issuccess", "issuccessful"})
_STATES: Final = frozenset({"status", "result", "state", "outcome", "type", "responsestatus"})
_CODES: Final = frozenset({"status", "statuscode", "code", "httpstatus", "httpcode", "httpstatuscode"})
_WORDS: Final = frozenset({"message", "msg", "detail", "reason", "title", "code"})
_ABOUT: Final = frozenset({"status", "meta", "metadata", "header", "response", "responsestatus", "result"})
_EACH: Final = frozenset({"results", "responses"})  # of several requests in one; ours is the only one
_EACH_MAX: Final = 10

_NO: Final = frozenset({"false", "no", "0"})
_YES: Final = frozenset({"true", "yes", "1"})
_NONE: Final = _NO | {"", "none", "null", "ok", "success"}
_FAILED: Final = frozenset(
    {"error", "errored", "fail", "failed", "failure", "rejected", "refused", "denied", "invalid"}
)
_WORKED: Final = frozenset(
    {"success", "successful", "succeeded", "ok", "created", "updated", "deleted", "done"}
)
_LATER: Final = frozenset(
    {
        *("pending", "queued", "enqueued", "scheduled", "processing", "in progress", "deferred", "accepted"),
        *("submitted", "initiated", "creating", "updating", "deleting", "provisioning"),
    }
)
_SAYS_FAILED: Final = re.compile(
    r"(?<!no )(?<!without )\berror\b"
    r"|\b(?:fail(?:ed|ure|s)?|denied|rejected|refused|insufficient|unable|forbidden|unauthori[sz]ed|invalid"
    r"|couldn't|(?:could|was|were|been) not"
    r"|(?:cannot|can't) (?:be )?(?:creat|updat|delet|chang|assign|process|complet)\w*"
    r"|not (?:created|updated|changed|deleted|saved|allowed|permitted|authori[sz]ed|found|enough))\b",
    re.IGNORECASE,
)
_SAYS_LATER: Final = re.compile(
    r"\b(?:will be|(?:is|are|been) being|to be|scheduled|queued|requested|pending|in progress"
    r"|shortly|soon)\b",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"(?<=[.!])\s")  # where a first sentence ends
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def speaks_of_failure(content: Data, *, complete: bool) -> bool:
    """Tell whether a body that came with a success says that it was none.

    Of one that is `complete`, so that it has all of what was made, what is said after the first sentence is
    about something else (“Trunk created. Failed calls: 0”).
    """
    return any(_failed(holder, first=complete) for holder in _speakers(content))


def speaks_of_success(content: Data) -> bool:
    """Tell whether a body says of itself, by a key that is for that, that it was carried out."""
    return any(map(_worked, _speakers(content)))


def speaks_of_later(content: Data) -> bool:
    """Tell whether a body says, by such a key, that it will be carried out."""
    return any(_state(value) in _LATER for layer in layers(content) for value in _under(layer, _STATES))


def says_later(content: Data) -> bool:
    """Tell whether a body that names nothing says in words that it will be carried out."""
    return any(_SAYS_LATER.search(text) for layer in layers(content) for text in _texts(layer))


def list_failed(layer: Data) -> bool:
    """Tell whether a body that has a list says that this was not read: then it is none, and not empty."""
    return any(map(_failed, _about(layer)))


def text_failed(text: str) -> bool:
    """Tell whether a body that is one text says that it was no success."""
    return _state(text) in _FAILED or says_failed(text)


def text_later(text: str) -> bool:
    """Tell whether a body that is one text says that it will be carried out."""
    return _state(text) in _LATER or _SAYS_LATER.search(text) is not None


def says_failed(text: str) -> bool:
    """Tell whether words, or a code in capitals, speak of a failure."""
    return _SAYS_FAILED.search(spaced(text)) is not None


def spaced(text: str) -> str:
    """Write a code as words: `ALREADY_EXISTS`, `AlreadyExists`, `already-exists`."""
    return _HUMP.sub(" ", text).replace("_", " ").replace("-", " ")


def _speakers(content: Data) -> Iterator[Data]:
    """Yield what may say how it went: the envelopes, and what is about the answer in each."""
    for layer in layers(content):
        yield from _about(layer)
        for value in _under(layer, _EACH):
            each = value[:_EACH_MAX] if isinstance(value, list) else ()
            yield from (one for one in each if isinstance(one, Mapping))


def _about(layer: Data) -> Iterator[Data]:
    yield layer
    yield from (value for value in _under(layer, _ABOUT) if isinstance(value, Mapping))


def _failed(holder: Data, *, first: bool = False) -> bool:
    if any(_is_fault(value) for value in _under(holder, _FAULTS)):
        return True
    if any(_state(value) in _NO for value in _under(holder, _SUCCESSES)):
        return True
    if any(value is False for value in _under(holder, {"status"})) and not {"id", "trunkid"} & _keys(holder):
        return True  # beside an id it may be the record's own: switched off
    if any(_state(value) in _FAILED for value in _under(holder, _STATES)):
        return True
    codes = (read_integer(value) for value in _under(holder, _CODES))
    if any(code is not None and (code >= 400 or code < 0) for code in codes):
        return True
    return any(says_failed(_FIRST.split(text, 1)[0] if first else text) for text in _texts(holder))


def _worked(holder: Data) -> bool:
    return any(_state(value) in _YES for value in _under(holder, _SUCCESSES)) or any(
        _state(value) in _WORKED for value in _under(holder, _STATES)
    )


def _is_fault(value: object) -> bool:
    return bool(value) and not (isinstance(value, str) and _state(value) in _NONE)


def _state(value: object) -> str:
    """Write a word or a truth value in one way; anything else is no word."""
    if isinstance(value, bool | int):
        return str(value).lower()
    return " ".join(spaced(value).lower().split()) if isinstance(value, str) else "-"


def _texts(holder: Data) -> Iterator[str]:
    yield from (value for value in _under(holder, _WORDS) if isinstance(value, str))


def _under(holder: Data, keys: frozenset[str] | set[str]) -> Iterator[object]:
    yield from (value for key, value in holder.items() if _key(key) in keys)


def _keys(holder: Data) -> set[str]:
    return {_key(key) for key in holder}


def _key(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
