"""What the chat.* methods do to messages, and what they refuse."""

from bot.sandbox.shape import Json, items, mapping, text
from bot.sandbox.slack import people
from bot.sandbox.slack.messages import Message, with_ids
from bot.sandbox.slack.refusals import RATE_LIMITED, Args, content_refusal, refused
from bot.sandbox.slack.workspace import Workspace


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
    if thread is not None and space.messages.find(place.id, thread) is None:
        return refused("thread_not_found")
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


def permalink(space: Workspace, args: Args) -> Json:
    """Return the link of a message in a conversation that the bot can see; needs no scope."""
    place, ts = space.channels.get(text(args.get("channel"))), text(args.get("message_ts"))
    if place is None or (place.kind == "private" and not place.bot):
        return refused("channel_not_found")
    if space.messages.find(place.id, ts) is None:
        return refused("message_not_found")
    link = f"https://{people.TEAM_DOMAIN}.slack.com/archives/{place.id}/p{ts.replace('.', '')}"
    return {"ok": True, "channel": place.id, "permalink": link}
