"""What the faults of the directory do to what Slack says of people and user groups."""

from typing import Final

from bot.sandbox.shape import Json, items, mapping
from bot.sandbox.slack.people import ENTERPRISE
from bot.sandbox.slack.refusals import refused

_LEFT: Final = "U0OMAR001"  # who is deactivated by the fault `member_left`
_LEFT_REACHED_BY: Final = frozenset({_LEFT, "D0OMAR001"})


def altered(fault: str, method: str, reply: Json) -> Json:
    """Return the answer to a method as the fault changes it."""
    groups = [mapping(each) for each in items(reply.get("usergroups"))]
    changed = reply
    match fault, method:
        case "group_gone", "usergroups.list":
            changed = {**reply, "usergroups": []}
        case "group_disabled", "usergroups.list":
            changed = {**reply, "usergroups": [{**group, "date_delete": 1} for group in groups]}
        case "group_gone" | "group_disabled", "usergroups.users.list":
            changed = refused("no_such_subteam")
        case "member_left", "usergroups.list":
            changed = {**reply, "usergroups": [_without(group) for group in groups]}
        case "member_left", "usergroups.users.list":
            changed = _without(reply)
        case "organisation", "auth.test":
            changed = {**reply, "enterprise_id": ENTERPRISE}
    return changed if reply["ok"] else reply


def unreachable(fault: str, method: str, target: str) -> bool:
    """Tell whether somebody cannot be written to, because they were deactivated."""
    return fault == "member_left" and method == "chat.postMessage" and target in _LEFT_REACHED_BY


def _without(group: Json) -> Json:
    return {**group, "users": [user for user in items(group.get("users")) if user != _LEFT]}
