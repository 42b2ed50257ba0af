"""The SIP side as one part: its sockets, its certificates, and the faults that it has."""

import asyncio
import contextlib
import ssl
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bot.sandbox.faults import NONE, SIP, FaultSwitch
from bot.sandbox.sip.answerer import Answerer, Datagrams
from bot.sandbox.sip.certificates import Certificate, make_certificate
from bot.sandbox.sip.names import Names
from bot.sandbox.slack.workspace import Workspace

_DAY: Final = timedelta(days=1)
_HOST: Final = "127.0.0.1"


class SipSide:
    """DNS, and SIP over UDP, TCP and TLS. `knows` tells whether a trunk has a domain."""

    def __init__(self, space: Workspace, knows: Callable[[str], bool]) -> None:
        """Set it up; nothing listens before `start`."""
        self._space = space
        self.faults = FaultSwitch(SIP, space.changes.note)
        self._answerer = Answerer(knows, self._fault, lambda what: space.log.add("Bot", "Vobiz", what))
        self.ports: dict[str, int] = {}
        self._names = Names(knows, self.ports, self._fault)
        self._closing = contextlib.AsyncExitStack()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.dns = ""
        self.trust = Path()

    def _fault(self) -> str:
        return self.faults.current

    async def start(self) -> None:
        """Listen on free ports of the loopback address."""
        folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="trunk-sandbox-sip-")))
        self._certify(folder)
        loop = asyncio.get_running_loop()
        sip, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self._answerer), local_addr=(_HOST, 0))
        names, _ = await loop.create_datagram_endpoint(lambda: self._names, local_addr=(_HOST, 0))
        self.ports["udp"] = sip.get_extra_info("sockname")[1]
        self.dns = f"{_HOST}:{names.get_extra_info('sockname')[1]}"
        for transport in (sip, names):
            self._closing.callback(transport.close)
        for name, context in (("tcp", None), ("tls", self._contexts[NONE])):
            serve = partial(self._answerer.serve, transport=name.upper())
            server = await asyncio.start_server(serve, _HOST, 0, ssl=context)
            self.ports[name] = server.sockets[0].getsockname()[1]
            self._closing.callback(server.close)

    async def stop(self) -> None:
        """Close the sockets, and throw the certificates away."""
        await self._closing.aclose()

    def _certify(self, folder: Path) -> None:
        """Make the certificates of each fault, and write down which of them are to be trusted."""
        now = datetime.fromtimestamp(time.time(), UTC)
        good = make_certificate("*.sip.vobiz.ai", now - _DAY, now + 90 * _DAY)
        other = make_certificate("sip.example.org", now - _DAY, now + 90 * _DAY)
        ended = make_certificate("*.sip.vobiz.ai", now - 91 * _DAY, now - _DAY)
        alone = make_certificate("*.sip.vobiz.ai", now - _DAY, now + 90 * _DAY)
        made = {NONE: good, "other_name": other, "ended": ended, "untrusted": alone}
        self._contexts = {fault: _context(folder / fault, one) for fault, one in made.items()}
        self._contexts[NONE].sni_callback = self._choose
        self.trust = folder / "trust.pem"
        self.trust.write_text("".join(one.certificate for one in (good, other, ended)))

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._contexts.get(self._fault(), self._contexts[NONE])


def _context(path: Path, made: Certificate) -> ssl.SSLContext:
    path.write_text(made.key + made.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
