"""Routes (origination URIs): what one is made of, and what is refused. Pure.

Source: the pages on origination URIs. They are asked for as `sip_uri` and shown as `uri`; an update takes
the name and the priority only.
"""

import re
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.errors import Refusal, flat
from bot.sandbox.vobiz.listed import Listing

_PORT_MAX: Final = 65_535
_URI: Final = re.compile(
    r"sip:(?:[\w.+*#~-]+@)?"
    r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
    r"(?::(?P<port>\d{1,6}))?"
    r"(?:;transport=(?P<transport>udp|tcp|tls))?",
    re.ASCII,
)


def _new(body: Json, _auth_id: str) -> Json:
    found = _URI.fullmatch(text(body["sip_uri"]))
    transport = found["transport"] if found is not None else None
    return {
        "uri": body["sip_uri"],
        "priority": body.get("priority", 1),
        "weight": 10,
        "transport": transport or "udp",
        "description": text(body.get("name")),
    }


def _later(body: Json) -> Json:
    named: Json = {"description": text(body["name"])} if "name" in body else {}
    return named | {key: body[key] for key in ("priority",) if key in body}


def _refused(body: Json, _rows: list[Json]) -> Refusal | None:
    found = _URI.fullmatch(text(body.get("sip_uri")))
    if found is None or not 1 <= int(found["port"] or 1) <= _PORT_MAX:
        return flat("Invalid SIP URI format. Expected: sip:user@host:port", 400)
    return _refused_later(body)


def _refused_later(body: Json) -> Refusal | None:
    priority = body.get("priority", 1)
    if not isinstance(priority, int) or isinstance(priority, bool) or priority < 0:
        return flat("Invalid priority", 400)
    return None


ROUTES: Final = Listing(
    "origination-uris", "Origination URI", "route", "uri", "sip_uri", _new, _later, _refused, _refused_later
)
