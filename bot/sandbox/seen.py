"""What one person sees of the sandbox, as the page reads it. Pure."""

from typing import Final

from bot.sandbox.faults import FaultSwitch
from bot.sandbox.shape import Json, items, mapping
from bot.sandbox.slack import people
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.vobiz.http import VobizServer
from bot.slack.manifest import manifest

CALLS_SHOWN: Final = 20


def seen(
    space: Workspace, vobiz: VobizServer, sip: FaultSwitch, sockets: Sockets, user: str, *, reachable: bool
) -> Json:
    """Return what a person sees, and the sandbox's switches; `reachable` is about Vobiz."""
    view, home = space.views.top(user), space.homes.of(user)
    places = [place for place in space.channels.values() if user in place.people]
    open_to = {place.id for place in places}
    ours = user in space.people and space.people[user].team == people.TEAM
    return {
        "version": space.changes.version,
        "team": {"id": people.TEAM, "name": people.TEAM_NAME},
        "command": _command(space.settings.command),
        "shortcuts": [
            {"callback_id": each.callback_id, "name": each.name, "description": each.description}
            for each in space.settings.shortcuts
        ],
        "me": user,
        "people": [
            {"id": p.id, "name": p.name, "title": p.title, "team": p.team, "about": p.about}
            for p in space.people.values()
        ],
        "groups": people.HANDLES,
        "channels": [_channel(space, place) for place in places],
        # A link to a channel is read by who is in it, and by everybody of the workspace if it is public.
        "channel_names": {
            place.id: place.name
            for place in space.channels.values()
            if place.id in open_to or (ours and place.kind == "public")
        },
        "messages": [
            message.json(space.name(message.user))
            for message in space.messages.all
            if message.channel in open_to and message.visible(user)
        ],
        "view": view.json() if view else None,
        "home": home.json() if home else None,
        "home_enabled": space.settings.home,
        "vobiz": _vobiz(vobiz, reachable=reachable),
        "sip": {"fault": sip.current, "faults": sip.json()},
        "slack": {"fault": space.faults.current, "faults": space.faults.json()},
        "socket": _socket(sockets) if space.settings.socket_mode else None,
        "keyboard": space.keyboard,
        "deliveries": [entry.json() for entry in space.log.entries],
    }


def _command(name: str) -> Json:
    """Return what the composer says of the command: what the manifest declares."""
    declared = mapping(items(mapping(manifest(name, None)["features"])["slash_commands"])[0])
    return {"name": name, "hint": declared["usage_hint"], "description": declared["description"]}


def _channel(space: Workspace, place: Channel) -> Json:
    return {
        "id": place.id,
        "name": place.name,
        "kind": place.kind,
        "member": place.bot,
        "archived": place.archived,
        "shared": place.shared,
        "read_only": place.kind == "dm" and space.settings.messages_read_only,
        "about": place.about,
    }


def _socket(sockets: Sockets) -> Json:
    return {
        "connections": len(sockets.lines),
        "fault": sockets.faults.current,
        "faults": sockets.faults.json(),
    }


def _vobiz(vobiz: VobizServer, *, reachable: bool) -> Json:
    account = vobiz.account
    return {
        "account": account.auth_id,
        "trunks": account.trunks,
        "lists": account.lists,
        "numbers": account.numbers,
        "calls": account.calls[:CALLS_SHOWN],
        "released": account.released,
        "writes": len(account.posts),
        "fault": vobiz.faults.current,
        "faults": vobiz.faults.json(),
        "reachable": reachable,
    }
