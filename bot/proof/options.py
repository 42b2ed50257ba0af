"""A SIP OPTIONS request, and which message answers it (RFC 3261, 11 and 17.1.3). No secret is in it."""

import secrets
from dataclasses import dataclass
from typing import Final

from sipmessage import URI, Address, CSeq, Message, Parameters, Request, Response, Via

METHOD: Final = "OPTIONS"
_COOKIE: Final = "z9hG4bK"  # RFC 3261, 8.1.1.7: how every branch begins
_PHRASE_MAX: Final = 60
# Nobody to call back: a domain that cannot exist (RFC 2606), as anonymous callers use it (RFC 3323).
_NOBODY: Final = URI(scheme="sip", host="anonymous.invalid", user="anonymous")


@dataclass(frozen=True, slots=True)
class Options:
    """One request as it is sent: `text` is the message, `branch` names its transaction."""

    text: bytes
    branch: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The final answer of a server, in its own words."""

    code: int
    phrase: str


def make_options(domain: str, transport: str, local: tuple[str, int]) -> Options:
    """Build the request for a domain; `local` is the socket's own address, to which the answer goes."""
    branch = _COOKIE + secrets.token_hex(12)
    host = f"[{local[0]}]" if ":" in local[0] else local[0]
    # `rport` has the answer sent to where the request came from, behind an address translator too (RFC 3581).
    via = Via(transport.upper(), host, local[1], Parameters(rport=None, branch=branch))
    target = URI(scheme="sip", host=domain)
    request = Request(METHOD, target)
    request.via = [via]
    request.max_forwards = 70
    request.from_address = Address(uri=_NOBODY, parameters=Parameters(tag=secrets.token_hex(6)))
    request.to_address = Address(uri=target)
    request.call_id = secrets.token_hex(16)
    request.cseq = CSeq(sequence=1, method=METHOD)
    request.headers.set("Accept", "application/sdp")
    request.content_length = 0
    return Options(bytes(request), branch)


def read_answer(text: bytes, options: Options) -> Answered | None:
    """Read a message as the answer to a request, provisional or final; None when it answers another.

    Raises ValueError when it is no SIP message.
    """
    message = Message.parse(text)
    try:
        ours = message.via[0].parameters.get("branch") == options.branch and message.cseq.method == METHOD
    except (KeyError, IndexError):
        raise ValueError("a header is missing that every SIP message has") from None
    if not isinstance(message, Response) or not ours:
        return None
    if not 100 <= message.code <= 699:
        raise ValueError("not a status code of SIP")
    return Answered(message.code, message.phrase[:_PHRASE_MAX])


def is_final(answer: Answered) -> bool:
    """Tell whether nothing more follows: 1xx says only that it is being worked on."""
    return answer.code >= 200


def read_length(head: bytes, most: int) -> int:
    """Return how many bytes of a stream follow the head of a message. Raises ValueError when it is none."""
    length = Message.parse(head).content_length or 0
    if not 0 <= length <= most:
        raise ValueError("a body of a length that cannot be")
    return length
