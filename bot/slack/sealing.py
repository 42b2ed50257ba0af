"""Sealing what must leave the process but not be read or changed: the modal's metadata, reply addresses.

A `response_url` is a bearer secret (whoever has it can post), yet the submission of a modal brings none,
so the command's own has to travel with the form. Sealed, it is neither shown to the client nor usable
from a copy of the database, and a tampered form is told from a real one.
"""

import base64
import hashlib
import os
import time
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

REPLY_LIFETIME = 30 * 60  # seconds that Slack honours a response_url
FORM_VERSION = 1
_NONCE: Final = 12  # bytes
_UNREADABLE: Final = (InvalidTag, ValueError)  # changed, cut, not ours, or of another version


class Form(BaseModel):
    """What a modal's submission needs to know about the command that opened it.

    `opened_at` is in seconds since the epoch; `reply` is the command's response_url, if it had one. `asks`
    says that the form has the button “Ask for approval”, or with `alone` the one that goes without. An empty
    `channel` is chosen in the form. `account` is the one that the form names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = FORM_VERSION
    operation: str
    team: str
    user: str
    channel: str
    opened_at: int
    reply: str | None = None
    asks: bool = False
    account: str = ""
    alone: bool = False


class Reply(BaseModel):
    """A response_url and when it stops working, in seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    url: str
    until: int


class Sealer:
    """AES-256-GCM with a key derived from the bot token, which every instance has.

    A random nonce of 96 bits is good for 2^32 seals under one key (NIST SP 800-38D 8.3).
    """

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"trunk-bot seal").digest()
        self._cipher = AESGCM(key)
        self._now = now

    def seal_form(self, form: Form) -> str:
        """Seal a form for `private_metadata` (Slack's limit there is 3000 characters)."""
        return self._seal(form)

    def open_form(self, sealed: str) -> Form | None:
        """Open a form; None when it was changed, or comes from another version or another bot."""
        try:
            form = Form.model_validate_json(self._open(sealed))
        except _UNREADABLE:
            return None
        return form if form.v == FORM_VERSION else None

    def seal_reply(self, form: Form) -> str | None:
        """Seal the command's response_url for the ledger, or None when there is none."""
        if form.reply is None:
            return None
        reply = Reply(url=form.reply, until=form.opened_at + REPLY_LIFETIME)
        return self._seal(reply)

    def open_reply(self, sealed: str | None) -> str | None:
        """Return the response_url while Slack still honours it."""
        if sealed is None:
            return None
        try:
            reply = Reply.model_validate_json(self._open(sealed))
        except _UNREADABLE:
            return None
        return reply.url if self._now() < reply.until else None

    def _seal(self, content: BaseModel) -> str:
        nonce = os.urandom(_NONCE)
        text = content.model_dump_json(exclude_none=True).encode()
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text, None)).decode()

    def _open(self, sealed: str) -> bytes:
        raw = base64.b64decode(sealed.encode("ascii"), altchars=b"-_", validate=True)
        return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None)
