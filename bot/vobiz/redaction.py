"""Takes what was sent in confidence out of an answer that repeats it: the bot's token, a password."""

import html
import json
import re
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from bot.vobiz.bodies import read_object
from bot.vobiz.outcome import BODY_MAX
from bot.vobiz.transport import Answer

_REDACTED: Final = "[redacted]"


def redacted(answer: Answer, token: str, password: str | None = None) -> Answer:
    """Return an answer without them, however its JSON is escaped.

    A password is found in any case as well, and as HTML or a URL would have it: it is in the bodies of
    writes only, which are small. The token is sought in every page of every list.
    """
    body = answer.body
    if b"\\" in body and len(body) <= BODY_MAX and (content := read_object(body)) is not None:
        body = json.dumps(content).encode()
    headers = dict(answer.headers)
    if token:
        body = body.replace(json.dumps(token)[1:-1].encode(), _REDACTED.encode())
        headers = {name: value.replace(token, _REDACTED) for name, value in headers.items()}
    if password is not None:
        spelled = (password, html.escape(password), quote(password, safe=""))
        found = re.compile("|".join(re.escape(one) for one in spelled), re.IGNORECASE)
        body = found.sub(_REDACTED, body.decode("latin-1")).encode("latin-1")
        headers = {name: found.sub(_REDACTED, value) for name, value in headers.items()}
    return replace(answer, headers=headers, body=body)
