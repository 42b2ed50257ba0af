"""SIP logins (credentials): what one is made of, and what is refused. Pure.

Source: the pages on credentials. The user name is unique on the account and permanent; punctuation in it can
be refused. A password is never shown again, but the errors page echoes one that was refused.
"""

import re
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.errors import FieldProblem, Refusal, flat, refusal
from bot.sandbox.vobiz.listed import Listing, switched

PASSWORD_MIN: Final = 8
REDACTED: Final = "<redacted>"
_USERNAME: Final = re.compile("[A-Za-z0-9]{1,100}")
_PASSWORD_MAX: Final = 100


def _new(body: Json, auth_id: str) -> Json:
    realm = f"{auth_id}.sip.vobiz.ai"
    return {"username": body["username"], "password": REDACTED, "realm": realm} | switched(body)


def _refused(body: Json, rows: list[Json]) -> Refusal | None:
    username = body.get("username")
    if not _USERNAME.fullmatch(text(username)):
        return flat("Invalid username: use 1 to 100 letters and digits", 400)
    if (weak := _weak(body.get("password"))) is not None:
        return weak
    taken = any(row.get("username") == username for row in rows)
    return flat("Username already exists", 409) if taken else None


def _refused_later(body: Json) -> Refusal | None:
    return _weak(body["password"]) if "password" in body else None


def _weak(password: object) -> Refusal | None:
    words = f"Password must be at least {PASSWORD_MIN} characters"
    problem = FieldProblem("password", words, "MIN_LENGTH", password)
    if not isinstance(password, str):
        problem = FieldProblem("password", "Must be a string", "INVALID_TYPE", password)
    elif len(password) > _PASSWORD_MAX:
        words = f"Password must be at most {_PASSWORD_MAX} characters"
        problem = FieldProblem("password", words, "MAX_LENGTH", password)
    elif len(password) >= PASSWORD_MIN:
        return None
    return Refusal(422, refusal("E1", [problem]))


LOGINS: Final = Listing(
    "credentials",
    "Credential",
    "login",
    "username",
    "password",
    _new,
    switched,
    _refused,
    _refused_later,
    nameless=False,
)
