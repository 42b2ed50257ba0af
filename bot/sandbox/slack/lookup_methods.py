"""What the methods tell that only look: who the token is, people, groups and conversations."""

from bot.sandbox.shape import Json, text
from bot.sandbox.slack import people
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.refusals import Args, refused
from bot.sandbox.slack.workspace import Workspace


def auth_test(_space: Workspace, _args: Args) -> Json:
    """Say who the token is."""
    return {
        "ok": True,
        "url": f"https://{people.TEAM_DOMAIN}.slack.com/",
        "team": people.TEAM_NAME,
        "user": "trunkbot",
        "team_id": people.TEAM,
        "user_id": people.BOT_USER,
        "bot_id": people.BOT_ID,
        "is_enterprise_install": False,
    }


def users_info(space: Workspace, args: Args) -> Json:
    """Describe a person."""
    person = space.people.get(text(args.get("user")))
    if person is None:
        return refused("user_not_found")
    profile: Json = {"real_name": person.name, "display_name": person.name, "title": person.title}
    return {
        "ok": True,
        "user": {
            "id": person.id,
            "team_id": person.team,
            "name": person.handle,
            "real_name": person.name,
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_stranger": person.team != people.TEAM,
            "tz": "Asia/Kolkata",
            "profile": profile,
        },
    }


def usergroup_users(space: Workspace, args: Args) -> Json:
    """List the members of a user group."""
    members = space.groups.get(text(args.get("usergroup")))
    return refused("no_such_subteam") if members is None else {"ok": True, "users": list(members)}


def usergroups(space: Workspace, args: Args) -> Json:
    """List the user groups in use, with their members where that is asked for."""
    with_users = text(args.get("include_users")) in {"1", "true"} or args.get("include_users") is True
    listed: list[Json] = [
        {
            "id": group,
            "team_id": people.TEAM,
            "is_usergroup": True,
            "name": people.HANDLES.get(group, group),
            "handle": people.HANDLES.get(group, group.lower()),
            "date_delete": 0,
            **({"users": list(users), "user_count": len(users)} if with_users else {}),
        }
        for group, users in space.groups.items()
    ]
    return {"ok": True, "usergroups": listed}


def conversation_info(space: Workspace, args: Args) -> Json:
    """Describe a conversation that the bot can see."""
    place = space.channels.get(text(args.get("channel")))
    if place is None or (place.kind == "private" and not place.bot):
        return refused("channel_not_found")
    return {"ok": True, "channel": _described(place)}


def conversation_open(space: Workspace, args: Args) -> Json:
    """Return the DM with a person; it exists already."""
    users = text(args.get("users"))
    if users not in space.people:
        return refused("user_not_found")
    return {"ok": True, "no_op": True, "already_open": True, "channel": {"id": space.people[users].dm}}


def _described(place: Channel) -> Json:
    described: Json = {
        "id": place.id,
        "is_channel": place.kind == "public",
        "is_group": place.kind == "private",
        "is_im": place.kind == "dm",
        "is_private": place.kind != "public",
        "is_archived": place.archived,
        "is_member": place.bot,
        "is_ext_shared": place.shared,
    }
    if place.kind == "dm":
        described["user"] = next(iter(place.people))
    else:
        described["name"] = place.name
    return described
