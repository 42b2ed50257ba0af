"""What only this machine can say: whether certificates can be read, and the address can be listened on."""

import errno
import socket
import ssl
from collections.abc import Mapping
from typing import Final

from bot.domain.check import Check, Verdict
from bot.store.trouble import in_words

_FILE: Final = "SSL_CERT_FILE"


def certificates_checks(environment: Mapping[str, str]) -> tuple[Check, ...]:
    """Say why the certificates of SSL_CERT_FILE cannot be read, if they cannot: no start gets past that."""
    file = environment.get(_FILE)
    if not file:
        return ()
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ValueError) as error:
        why = in_words(error)
        todo = "Name a file of certificates (PEM) that the bot's user may read, or leave it out."
        return (Check(_FILE, Verdict.FAILURE, f"holds no certificates that can be read: {why}", todo),)
    return ()


def address_checks(host: str, port: int) -> tuple[Check, ...]:
    """Say why HOST cannot be listened on, if it cannot; `host` is empty for all addresses.

    A port that is taken is no fault here: it may be the bot itself that has it.
    """
    try:
        for family, kind, number, _, where in socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, number) as listening:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listening.bind(where)
    except (OSError, UnicodeError) as error:
        if not host or getattr(error, "errno", None) == errno.EADDRINUSE:
            return ()
        found = f"{host}, port {port} cannot be listened on: {in_words(error)}"
        return (Check("HOST and PORT", Verdict.FAILURE, found, "Correct HOST and PORT."),)
    return ()
