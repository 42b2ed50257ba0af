"""What DNS and the servers of a SIP domain show, as points of the checklist: within WITHIN seconds in all."""

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import httpx

from bot.proof.addresses import WITHIN, Server, Subject, is_host
from bot.proof.asking import Ask, Seen, look_at
from bot.proof.checklist import Finding, Point
from bot.proof.names import SERVICES, find_servers
from bot.runtime.tasks import end


async def network_points(subject: Subject, within: float = WITHIN) -> tuple[Point, ...]:
    """Look at the names and the servers of a SIP domain."""
    until = asyncio.get_running_loop().time() + within
    domain, transport = subject.domain, subject.transport
    if domain is None or not is_host(domain):
        return (Point(Finding.DOMAIN_UNSAID) if domain is None else Point(Finding.ODD_DOMAIN),)
    known = transport if transport in SERVICES else None
    try:
        async with asyncio.timeout_at(until):
            place = await find_servers(domain, known or "udp", subject.sandbox)
    except TimeoutError:
        return (Point(Finding.NAME_UNREAD, {"domain": domain}),)
    if known is None:
        return place.point, Point(Finding.ODD_TRANSPORT, {"transport": transport or ""})
    unasked = () if subject.probe else (Point(Finding.UNASKED),)
    if not place.servers or not (subject.probe or known == "tls"):
        return place.point, *(unasked if place.servers else ())
    trust = await asyncio.to_thread(_trust) if known == "tls" else None
    seen = await _look(place.servers, Ask(domain, known, trust, subject.probe), until)
    certificate = () if trust is None else (_certificate(seen),)
    return place.point, *certificate, *(unasked or (_answer(seen, known),))


def _trust() -> ssl.SSLContext:
    """Say whose certificates count: those of the authorities that count for Vobiz's API."""
    trust = httpx.create_ssl_context()
    # Where Python switches it on, a certificate of odd form is refused, which PBXs take.
    trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return trust


async def _look(servers: Iterable[Server], ask: Ask, until: float) -> Sequence[Seen]:
    """Look at all servers at once; one answer is enough, but each certificate counts."""
    seen = [Seen(server) for server in servers]
    tasks = {asyncio.create_task(look_at(one, ask)) for one in seen}
    left = tasks
    try:
        while left and (ask.trust is not None or all(one.answer is None for one in seen)):
            rest = until - asyncio.get_running_loop().time()
            done, left = await asyncio.wait(left, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                break
    finally:
        await end(tasks)
    return seen


def _certificate(seen: Sequence[Seen]) -> Point:
    wrong = next((one for one in seen if one.mistrust is not None), None)
    if wrong is not None and wrong.mistrust is not None:
        return Point(wrong.mistrust, {"server": str(wrong.server)})
    ends = [one.certified for one in seen if one.certified is not None]
    if not ends:
        return Point(Finding.CERTIFICATE_UNSEEN, {"server": _named(seen)})
    return Point(Finding.CERTIFIED, {"until": f"{datetime.fromtimestamp(min(ends), UTC):%Y-%m-%d}"})


def _answer(seen: Sequence[Seen], transport: str) -> Point:
    data = {"server": _named(seen), "transport": transport.upper()}
    for one in seen:
        if one.answer is not None:
            said = {
                "code": str(one.answer.code),
                "phrase": one.answer.phrase,
                "took": f"{one.took * 1000:.0f}",
            }
            return Point(Finding.ANSWERED, data | said | {"server": str(one.server)})
    if any(one.mistrust is not None for one in seen):
        return Point(Finding.NOT_TRUSTED, data)
    troubles = [one.trouble for one in seen]
    if Finding.BROKEN in troubles:
        return Point(Finding.BROKEN, data)
    return Point(Finding.SILENT if None in troubles else Finding.REFUSED, data)


def _named(seen: Sequence[Seen]) -> str:
    return ", ".join(str(one.server) for one in seen)
