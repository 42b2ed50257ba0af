"""Sealing what leaves the process and must not be read or changed: a form's metadata, addresses, passwords.

A `response_url` is a bearer secret (anyone who has it can post), yet the submission of a modal brings none,
so the command's own has to travel with the form. Sealed, it is neither shown to the client nor usable
from a copy of the database, and a tampered form is told from a real one.
"""

import hashlib
import time
import zlib
from collections.abc import Callable
from typing import Final, TypeVar

from nacl.encoding import URLSafeBase64Encoder
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from pydantic import BaseModel, ConfigDict

from bot.domain.outcome import Data

REPLY_LIFETIME = 30 * 60  # seconds that Slack honours a response_url
FORM_VERSION: Final = 2
METADATA_MAX: Final = 3000  # characters of `private_metadata`
_LONG: Final = 1000  # bytes from which compressing pays: it takes 40 µs, and most forms are 300
_UNREADABLE: Final = (CryptoError, ValueError, zlib.error)  # changed, cut, not ours, or of another version

Shape = TypeVar("Shape", bound=BaseModel)


class Form(BaseModel):
    """What a modal's submission needs to know about the command that opened it.

    `opened_at` is in seconds since the epoch; `reply` is the command's response_url, if it had one. `asks`
    says that the form has the button “Ask for approval”, or with `alone` the one that goes without. An empty
    `channel` is chosen in the form. `account` is the one that the form names. `seen` is what the form showed
    of it, as the kind wrote it; None while nothing was shown, or when it is too long. `showed` is a digest of
    what of it had to be seen, and `twin` the operation of which it said that it had done the same. `about`
    names what was seen, and `known` is what was known before that, in the form of a kind that changes what
    exists.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = FORM_VERSION
    kind: str
    operation: str
    team: str
    user: str
    channel: str
    opened_at: int
    reply: str | None = None
    asks: bool = False
    account: str = ""
    alone: bool = False
    seen: Data | None = None
    showed: str = ""
    twin: str = ""
    about: str | None = None
    known: Data | None = None


class Reply(BaseModel):
    """A response_url and when it stops working, in seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    url: str
    until: int


class _Text(BaseModel):
    text: str


class Sealer:
    """Secret boxes (libsodium) with keys derived from `secret`, the bot's token, which every instance has.

    What was sealed with one of `older` still opens, so that a new token closes no form.
    """

    def __init__(
        self, secret: str, now: Callable[[], float] = time.time, *, older: tuple[str, ...] = ()
    ) -> None:
        self._boxes = [SecretBox(_key(one)) for one in (secret, *older)]
        self._now = now

    def seal_form(self, form: Form) -> str:
        """Seal a form for `private_metadata`. What was seen is left out when it would not fit."""
        sealed = self._seal(form)
        return sealed if len(sealed) <= METADATA_MAX else self._seal(form.model_copy(update={"seen": None}))

    def open_form(self, sealed: str) -> Form | None:
        """Open a form; None when it was changed, or comes from another version or another bot."""
        form = self._open(sealed, Form)
        return form if form is not None and form.v == FORM_VERSION else None

    def seal_reply(self, form: Form) -> str | None:
        """Seal the command's response_url for the ledger, or None when there is none."""
        if form.reply is None:
            return None
        return self._seal(Reply(url=form.reply, until=form.opened_at + REPLY_LIFETIME))

    def open_reply(self, sealed: str | None) -> str | None:
        """Return the response_url while Slack still honours it."""
        reply = None if sealed is None else self._open(sealed, Reply)
        return reply.url if reply is not None and self._now() < reply.until else None

    def seal_text(self, text: str) -> str:
        """Seal a password for the ledger."""
        return self._seal(_Text(text=text))

    def open_text(self, sealed: str) -> str | None:
        """Open a password; None when it was changed, or the token that sealed it is gone."""
        opened = self._open(sealed, _Text)
        return None if opened is None else opened.text

    def _seal(self, content: BaseModel) -> str:
        text = content.model_dump_json(exclude_none=True).encode()
        packed = zlib.compress(text) if len(text) > _LONG else text
        return self._boxes[0].encrypt(packed, encoder=URLSafeBase64Encoder).decode()

    def _open(self, sealed: str, shape: type[Shape]) -> Shape | None:
        for box in self._boxes:
            try:
                text = box.decrypt(sealed.encode(), encoder=URLSafeBase64Encoder)
                return shape.model_validate_json(text if text.startswith(b"{") else zlib.decompress(text))
            except _UNREADABLE:
                continue
        return None


def _key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"trunk-bot seal").digest()
