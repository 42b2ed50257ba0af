"""The Vobiz account: its trunks, and what it refuses. Pure but for ids and the clock.

Source: the "Create a Trunk" page (narrative dialect), the errors page and the vendor's OpenAPI.
"""

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.addresses import ADDRESSES
from bot.sandbox.vobiz.calls import called, new_call, way, written
from bot.sandbox.vobiz.listed import ATTACHED, users
from bot.sandbox.vobiz.logins import LOGINS, REDACTED
from bot.sandbox.vobiz.numbers import new_number
from bot.sandbox.vobiz.routes import ROUTES

LISTINGS: Final = {each.name: each for each in (LOGINS, ADDRESSES, ROUTES)}


@dataclass(frozen=True, slots=True)
class VobizPost:
    """A write that arrived, whatever became of it; `trunk_id` is None when nothing was changed.

    Else it is the id of what was changed: a trunk, a record, or a number in E.164. `about` is what its path
    names, `path` the path below the account's. A password is in `body` as it came: nothing shows it.
    """

    at: float
    body: Json
    status: int | None
    trunk_id: str | None
    fault: str
    method: str = "POST"
    about: str = ""
    path: str = "trunks"


@dataclass(slots=True)
class Account:
    """One account: its trunks, newest first, and what they point to.

    `ceiling` is the account's own limit of live calls. `lists` are the credentials, IP ACL entries and
    origination URIs by the last segment of the path that lists them; `passwords` belong to the credentials,
    by id, and are told to nobody. `calls` are newest first. `released` are the numbers that were given back
    for a fee, which no bot may ever do.
    """

    auth_id: str
    clock: Callable[[], float] = time.time
    ceiling: int = 50
    trunks: list[Json] = field(default_factory=list)
    posts: list[VobizPost] = field(default_factory=list)
    lists: dict[str, list[Json]] = field(default_factory=lambda: {name: [] for name in LISTINGS})
    numbers: list[Json] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)

    def create(self, name: str, direction: str, calls: int, description: str = "") -> Json:
        """Add a trunk with what the page says a new one comes with, and return it."""
        trunk_id = str(uuid.uuid4())
        at = self._now()
        trunk: Json = {
            "trunk_id": trunk_id,
            "account_id": self.auth_id,
            "name": name,
            "trunk_domain": f"{trunk_id[:8]}.sip.vobiz.ai",
            "trunk_status": "active",
            "secure": False,
            "trunk_direction": direction,
            "concurrent_calls_limit": calls,
            "cps_limit": 2,
            "description": description,
            "transport": "udp",
            "recording": False,
            "enable_transcription": False,
            "pii_redaction": False,
            "webhook_method": "POST",
            "recording_webhook_enabled": False,
            "created_at": at,
            "updated_at": at,
        }
        self.trunks.insert(0, trunk)
        return trunk

    def find(self, trunk_id: str) -> Json | None:
        """Find a trunk by its id."""
        return next((trunk for trunk in self.trunks if trunk["trunk_id"] == trunk_id), None)

    def change(self, trunk: Json, after: Json) -> Json:
        """Have a trunk be as it is after a PUT, and return it."""
        trunk.clear()
        trunk.update(after | {"updated_at": self._now()})
        return trunk

    def delete(self, trunk: Json, *, cascades: bool = True) -> None:
        """Remove a trunk for good; its numbers stay, without a route.

        The page says that what it points to goes with it, while those records belong to the account: with
        `cascades` they go, as far as no other trunk points to them.
        """
        self.trunks.remove(trunk)
        for number in called(trunk, self.numbers):
            del number["trunk_group_id"]
        used = {str(each.get(key)) for each in self.trunks for key in ATTACHED}
        gone = {str(trunk.get(key)) for key in ATTACHED} - used if cascades else set[str]()
        for name, rows in self.lists.items():
            self.lists[name] = [row for row in rows if row["id"] not in gone]
        self.passwords = {row: kept for row, kept in self.passwords.items() if row not in gone}

    def add(self, name: str, body: Json) -> Json:
        """Add a record to a list from the body of a POST, and return it."""
        at = self._now()
        base: Json = {"id": str(uuid.uuid4()), "account_id": self.auth_id, "enabled": True}
        made = base | LISTINGS[name].new(body, self.auth_id) | {"created_at": at, "updated_at": at}
        self.lists[name].append(made)
        self._keep(made, body)
        return made

    def record(self, name: str, identity: str) -> Json | None:
        """Find a record of a list by its id."""
        return next((row for row in self.lists[name] if row["id"] == identity), None)

    def alter(self, name: str, row: Json, body: Json) -> Json:
        """Have a record be as it is after a PUT, and return it."""
        self._keep(row, body)
        return self.touch(row, LISTINGS[name].later(body))

    def touch(self, row: Json, fields: Json) -> Json:
        """Set fields of a record or a number as of now, and return it."""
        row.update(fields | {"updated_at": self._now()})
        return row

    def remove(self, name: str, row: Json, *, detaches: bool = True) -> None:
        """Remove a record for good; the trunks that pointed to it point to nothing."""
        self.lists[name].remove(row)
        self.passwords.pop(text(row["id"]), None)
        for trunk, key in users(self.trunks, text(row["id"])) if detaches else []:
            del trunk[key]

    def opens(self, username: str, password: str) -> bool:
        """Tell whether a password is the one that a login has now."""
        rows = (row for row in self.lists["credentials"] if row.get("username") == username)
        return any(self.passwords.get(text(row["id"])) == password for row in rows)

    def _keep(self, row: Json, body: Json) -> None:
        if "password" in body:
            self.passwords[text(row["id"])] = text(body["password"])

    def attach(self, trunk: Json, key: str, row: Json) -> Json:
        """Have a trunk point to a record of the account, which is added, as it would be listed, where new."""
        listed = self.lists[ATTACHED[key]]
        made = {"id": str(uuid.uuid4()), "account_id": self.auth_id, "enabled": True} | row
        if all(each["id"] != made["id"] for each in listed):
            self._keep(made, row)
            hidden: Json = {"password": REDACTED} if "password" in row else {}
            listed.append(made | hidden | {"created_at": self._now(), "updated_at": self._now()})
        trunk[key] = made["id"]
        return made

    def add_number(self, e164: str, trunk: Json | None = None) -> Json:
        """Put a phone number into the account, routed to a trunk or to nothing."""
        number = new_number(str(uuid.uuid4()), e164, self.auth_id, self._now())
        self.numbers.append(number)
        if trunk is not None:
            self.assign(number, text(trunk["trunk_id"]))
        return number

    def assign(self, number: Json, trunk_id: str) -> None:
        """Route a number to a trunk; what it was routed to before, an application too, is forgotten."""
        number.pop("application_id", None)
        self.touch(number, {"trunk_group_id": trunk_id})

    def unassign(self, number: Json) -> None:
        """Have a number lead to nothing."""
        number.pop("trunk_group_id", None)
        self.touch(number, {})

    def release(self, number: Json) -> None:
        """Give a number back to Vobiz, for a fee: it is gone."""
        self.numbers.remove(number)
        self.released.append(text(number["e164"]))

    def place_call(self, trunk: Json, seconds: int = 34) -> Json:
        """Place a call on a trunk, and return its record; `seconds` of talk, 0 is a call nobody answers.

        Raises ValueError with what the trunk is missing when it cannot carry one.
        """
        direction = way(trunk, self.lists, self.numbers)
        ended = datetime.fromtimestamp(self.clock(), UTC)
        call = new_call(trunk, self.numbers, direction, ended, seconds)
        self.calls.insert(0, call)
        return call

    def _now(self) -> str:
        return written(datetime.fromtimestamp(self.clock(), UTC))

    def me(self) -> Json:
        """Return what `auth/me` says, as far as a bot may rely on it."""
        return {
            "type": "account",
            "id": "500000",
            "name": "Acme Telecom",
            "auth_id": self.auth_id,
            "auth_secret": "<redacted>",
            "cps_limit": 11,
            "concurrent_calls_limit": self.ceiling,
            "enabled": True,
            "is_active": True,
            "is_verified": True,
            "is_trial_account": False,
            "description": None,
        }

    def balance(self, currency: str, available: float) -> Json:
        """Return what is left to spend in a currency."""
        return {
            "account_id": self.auth_id,
            "currency": currency,
            "balance": available,
            "reserved_funds": 0,
            "available_balance": available,
            "credit_limit": 0,
            "is_postpaid": False,
            "credit_limit_type": "hard",
            "status": "active",
        }

    def concurrency(self) -> Json:
        """Return the account's ceiling and how much of it is in use."""
        return {
            "account_id": self.auth_id,
            "concurrent_calls": 0,
            "max_concurrent": self.ceiling,
            "utilization_pct": 0,
            "request_id": secrets.token_hex(16),
        }
