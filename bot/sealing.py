"""Sealing what must leave the process but not be read or changed: the modal's metadata, reply addresses.

A `response_url` is a bearer secret (whoever has it can post), yet the submission of a modal brings none,
so the command's own has to travel with the form. Sealed, it is neither shown to the client nor usable
from a copy of the database, and a tampered form is told from a real one.
"""

import base64
import hashlib
import time
from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken
from pydantic import BaseModel, ConfigDict, ValidationError

REPLY_LIFETIME = 30 * 60  # seconds that Slack honours a response_url
FORM_VERSION = 1


class Form(BaseModel):
    """What a modal's submission needs to know about the command that opened it.

    `opened_at` is in seconds since the epoch; `reply` is the command's response_url, if it had one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = FORM_VERSION
    operation: str
    team: str
    user: str
    channel: str
    opened_at: int
    reply: str | None = None


class Reply(BaseModel):
    """A response_url and when it stops working, in seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    url: str
    until: int


class Sealer:
    """Authenticated encryption with a key derived from the bot token, which every instance has."""

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"trunk-bot seal").digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._now = now

    def seal_form(self, form: Form) -> str:
        """Seal a form for `private_metadata` (Slack's limit there is 3000 characters)."""
        return self._fernet.encrypt(form.model_dump_json(exclude_none=True).encode()).decode()

    def open_form(self, sealed: str) -> Form | None:
        """Open a form; None when it was changed, or comes from another version or another bot."""
        try:
            form = Form.model_validate_json(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValidationError, UnicodeEncodeError):
            return None
        return form if form.v == FORM_VERSION else None

    def seal_reply(self, form: Form) -> str | None:
        """Seal the command's response_url for the ledger, or None when there is none."""
        if form.reply is None:
            return None
        reply = Reply(url=form.reply, until=form.opened_at + REPLY_LIFETIME)
        return self._fernet.encrypt(reply.model_dump_json().encode()).decode()

    def open_reply(self, sealed: str | None) -> str | None:
        """Return the response_url while Slack still honours it."""
        if sealed is None:
            return None
        try:
            reply = Reply.model_validate_json(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValidationError):
            return None
        return reply.url if self._now() < reply.until else None
