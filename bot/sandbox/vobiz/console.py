"""What somebody can do in Vobiz's console, past the bot: to a trunk, to what it points to, to a number."""

import secrets
from collections.abc import Callable
from typing import Final

from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.account import LISTINGS, Account
from bot.sandbox.vobiz.listed import ATTACHED

NUMBERS: Final = "numbers"
# The field of a POST in which the console's one line is.
_TYPED: Final = {"credentials": "username", "ip-acl": "ip_address", "origination-uris": "sip_uri"}


def change_trunk(account: Account, trunk: Json, act: str, value: str) -> None:
    """Change a trunk; raises ValueError for what cannot be done.

    `act` is `status` (switch it over), `calls` (the limit is `value`), `delete`, or a field that points to a
    record: `value` is the record's id, or empty for none.
    """
    if act == "delete":
        account.delete(trunk)
    elif act == "calls":
        account.change(trunk, trunk | {"concurrent_calls_limit": int(value)})
    elif act == "status":
        now = "inactive" if trunk["trunk_status"] == "active" else "active"
        account.change(trunk, trunk | {"trunk_status": now})
    elif act in ATTACHED:
        if value and account.record(ATTACHED[act], value) is None:
            raise _cannot(f"find {value!r}")
        rest = {key: kept for key, kept in trunk.items() if key != act}
        account.change(trunk, rest | ({act: value} if value else {}))
    else:
        raise _cannot(f"{act!r} a trunk")


def change_listed(account: Account, name: str, identity: str, act: str, value: str) -> None:
    """Change a record of a list or a number; raises LookupError, ValueError.

    A record is added (`add`: `value` is its user name, address or URI), switched over (`status`) or deleted;
    a number is routed (`route`: `value` is a trunk's id, or empty for none).
    """
    if name not in {*LISTINGS, NUMBERS}:
        raise _cannot(f"show {name!r}")
    if act == "add" and name in LISTINGS:
        _add(account, name, value)
        return
    rows = account.numbers if name == NUMBERS else account.lists[name]
    row = next((each for each in rows if each["id"] == identity), None)
    if row is None:
        words = f"there is no {identity!r} in {name}"
        raise LookupError(words)
    if name == NUMBERS and act == "route":
        _route(account, row, value)
    elif name != NUMBERS and act in _ACTS:
        _ACTS[act](account, name, row)
    else:
        raise _cannot(f"{act!r} this")


def _add(account: Account, name: str, value: str) -> None:
    # The console makes up the password of a login and shows it once.
    body: Json = {_TYPED[name]: value, "password": secrets.token_hex(8)}
    if (refused := LISTINGS[name].refused(body, account.lists[name])) is not None:
        raise ValueError(text(refused.body.get("error")))
    account.add(name, body)


def _route(account: Account, number: Json, trunk: str) -> None:
    if not trunk:
        account.unassign(number)
        return
    if account.find(trunk) is None:
        raise _cannot(f"find {trunk!r}")
    account.assign(number, trunk)


def _switch(account: Account, _name: str, row: Json) -> None:
    account.touch(row, {"enabled": row.get("enabled") is False})


_ACTS: Final[dict[str, Callable[[Account, str, Json], None]]] = {
    "status": _switch,
    "delete": lambda account, name, row: account.remove(name, row),
}


def _cannot(what: str) -> ValueError:
    return ValueError(f"the console cannot {what}")
