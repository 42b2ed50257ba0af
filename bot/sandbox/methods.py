"""What the Web API methods do to the workspace, and what they refuse.

Errors are named as on the methods' pages (docs.slack.dev/reference/methods).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.sandbox import people
from bot.sandbox.blockkit import ATTACHMENTS_MAX, TEXT_MAX, VIEW_BYTES_MAX, Surface, problems, size
from bot.sandbox.messages import Message, with_ids
from bot.sandbox.people import Channel
from bot.sandbox.shape import Json, items, mapping, text
from bot.sandbox.views import STACK_MAX, View
from bot.sandbox.workspace import Workspace

Args = Mapping[str, object]
RATE_LIMITED: Final = "ratelimited"


def refused(error: str, messages: list[str] | None = None) -> Json:
    """Return Slack's answer to what it does not do; `messages` say what is wrong with blocks or a view."""
    answer: Json = {"ok": False, "error": error}
    if messages:
        answer["response_metadata"] = {"messages": messages}
    return answer


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


def views_open(space: Workspace, args: Args) -> Json:
    """Open a modal as the only one of its person, for a fresh trigger."""
    return _show(space, args, space.views.open)


def views_push(space: Workspace, args: Args) -> Json:
    """Put a modal above the open one; at most three."""
    return _show(space, args, lambda user, view, place: _push(space, user, view, place))


def _push(space: Workspace, user: str, view: Args, place: Channel | None) -> View | str:
    stack = space.views.stack(user)
    if not stack:
        return "invalid_trigger_id"
    if len(stack) >= STACK_MAX:
        return "push_limit_reached"
    return space.views.push(user, view, place)


def _show(space: Workspace, args: Args, show: Callable[[str, Args, Channel | None], View | str]) -> Json:
    view = mapping(args.get("view"))
    refusal = _view_refusal(view, "modal")
    if refusal:
        return refusal
    trigger = space.triggers.look(text(args.get("trigger_id")))
    if isinstance(trigger, str):
        return refused(trigger)
    if _taken(space, view):
        return refused("duplicate_external_id")
    made = show(trigger.user, view, trigger.place)
    if isinstance(made, str):
        return refused(made)
    trigger.spend()
    space.changes.note()
    return {"ok": True, "view": made.payload()}


def views_update(space: Workspace, args: Args) -> Json:
    """Replace an open view, if its hash is still the one that the bot saw."""
    spec = mapping(args.get("view"))
    refusal = _view_refusal(spec, "modal")
    if refusal:
        return refusal
    view_id, external = text(args.get("view_id")), text(args.get("external_id"))
    if not view_id and not external:
        return refused(
            "invalid_arguments", ["[ERROR] missing required field: view_id [json-pointer:/view_id]"]
        )
    view = space.views.find(view_id) if view_id else space.views.external(external)
    if view is None:
        return refused("not_found")
    if args.get("hash") not in {None, "", view.hash}:
        return refused("hash_conflict")
    if _taken(space, spec, view):
        return refused("duplicate_external_id")
    space.views.update(view, spec)
    space.changes.note()
    return {"ok": True, "view": view.payload()}


def views_publish(space: Workspace, args: Args) -> Json:
    """Show a person the app's Home tab, if its hash is still the one that the bot saw."""
    spec = mapping(args.get("view"))
    refusal = _view_refusal(spec, "home")
    if refusal:
        return refusal
    user = text(args.get("user_id"))
    if user not in space.people:
        return refused("invalid_arguments", ["[ERROR] invalid `user_id` [json-pointer:/user_id]"])
    if not space.settings.home:
        return refused("not_enabled")
    view = space.homes.of(user)
    if args.get("hash") not in {None, "", view.hash if view else ""}:
        return refused("hash_conflict")
    if _taken(space, spec, view):
        return refused("duplicate_external_id")
    view = space.homes.publish(user, spec)
    space.changes.note()
    return {"ok": True, "view": view.payload()}


def _taken(space: Workspace, spec: Args, view: View | None = None) -> bool:
    """Say whether another view than this one has the spec's external_id."""
    wanted = text(spec.get("external_id"))
    found = {v.id for v in (space.views.external(wanted), space.homes.external(wanted)) if v is not None}
    return bool(found - {view.id if view else ""})


def _view_refusal(view: Args, surface: Surface) -> Json | None:
    if not view:
        return refused("invalid_arguments", ["[ERROR] missing required field: view [json-pointer:/view]"])
    if size(view) > VIEW_BYTES_MAX:
        return refused("view_too_large")
    found = problems(surface, view)
    return refused("invalid_arguments", found) if found else None


def content_refusal(args: Args) -> Json | None:
    """Name what is wrong with a message's text and blocks, or return None."""
    if args.get("blocks") is not None and not isinstance(args["blocks"], list):
        return refused("invalid_blocks_format")
    if not args.get("text") and not items(args.get("blocks")) and not items(args.get("attachments")):
        return refused("no_text")
    if len(text(args.get("text"))) > TEXT_MAX:
        return refused("msg_too_long")
    if len(items(args.get("attachments"))) > ATTACHMENTS_MAX:
        return refused("too_many_attachments")
    found = problems("message", args)
    return refused("invalid_blocks", found) if found else None


def blocks_of(args: Args) -> list[Json]:
    """Return the blocks of a message."""
    return [mapping(block) for block in items(args.get("blocks"))]


def post_message(space: Workspace, args: Args) -> Json:
    """Post to a channel that the bot may post to, or to a person's DM."""
    place = space.target(text(args.get("channel")))
    if isinstance(place, str):
        return refused(place)
    refusal = content_refusal(args)
    if refusal:
        return refusal
    if space.too_fast(place.id):
        return refused(RATE_LIMITED)
    thread = text(args.get("thread_ts")) or None
    message = space.messages.add(
        place.id, people.BOT_USER, text(args.get("text")), blocks_of(args), thread_ts=thread
    )
    space.changes.note()
    return {"ok": True, "channel": place.id, "ts": message.ts, "message": message.payload()}


def post_ephemeral(space: Workspace, args: Args) -> Json:
    """Show something to one member of a channel."""
    place = space.target(text(args.get("channel")))
    if isinstance(place, str):
        return refused(place)
    user = text(args.get("user"))
    if user not in place.people:
        return refused("user_not_in_channel")
    refusal = content_refusal(args)
    if refusal:
        return refusal
    message = space.messages.add(
        place.id, people.BOT_USER, text(args.get("text")), blocks_of(args), kind="ephemeral", to=user
    )
    space.changes.note()
    return {"ok": True, "message_ts": message.ts}


def chat_update(space: Workspace, args: Args) -> Json:
    """Change a message of the bot."""
    message = _own(space, args)
    if isinstance(message, str):
        return refused(message)
    refusal = content_refusal(args)
    if refusal:
        return refusal
    rewrite(space, message, args)
    return {
        "ok": True,
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": message.payload(),
    }


def rewrite(space: Workspace, message: Message, args: Args) -> None:
    """Replace the content of a message; who sees it never changes."""
    message.text, message.blocks = text(args.get("text")), with_ids(blocks_of(args))
    message.edited = True
    space.changes.note()


def _own(space: Workspace, args: Args) -> Message | str:
    channel = text(args.get("channel"))
    if channel not in space.channels:
        return "channel_not_found"
    message = space.messages.find(channel, text(args.get("ts")))
    # An ephemeral message has no ts that chat.update knows.
    if message is None or message.to is not None:
        return "message_not_found"
    return message if message.bot else "cant_update_message"


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


def conversation_info(space: Workspace, args: Args) -> Json:
    """Describe a conversation that the bot can see."""
    place = space.channels.get(text(args.get("channel")))
    if place is None or (place.kind == "private" and not place.bot):
        return refused("channel_not_found")
    return {"ok": True, "channel": _described(place)}


def permalink(space: Workspace, args: Args) -> Json:
    """Return the link of a message in a conversation that the bot can see; needs no scope."""
    place, ts = space.channels.get(text(args.get("channel"))), text(args.get("message_ts"))
    if place is None or (place.kind == "private" and not place.bot):
        return refused("channel_not_found")
    if space.messages.find(place.id, ts) is None:
        return refused("message_not_found")
    link = f"https://{people.TEAM_DOMAIN}.slack.com/archives/{place.id}/p{ts.replace('.', '')}"
    return {"ok": True, "channel": place.id, "permalink": link}


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


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method; one of `scopes` is needed, or none when it is empty."""

    run: Callable[[Workspace, Args], Json]
    scopes: tuple[str, ...] = ()


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "auth.test": Method(auth_test),
        "views.open": Method(views_open),
        "views.push": Method(views_push),
        "views.update": Method(views_update),
        "views.publish": Method(views_publish),
        "chat.postMessage": Method(post_message, ("chat:write",)),
        "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
        "chat.update": Method(chat_update, ("chat:write",)),
        "chat.getPermalink": Method(permalink),
        "users.info": Method(users_info, ("users:read",)),
        "usergroups.users.list": Method(usergroup_users, ("usergroups:read",)),
        "conversations.info": Method(
            conversation_info, ("channels:read", "groups:read", "im:read", "mpim:read")
        ),
        "conversations.open": Method(
            conversation_open, ("im:write", "channels:manage", "groups:write", "mpim:write")
        ),
    }
)
