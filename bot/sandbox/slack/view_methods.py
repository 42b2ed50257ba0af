"""What the views.* methods do to the modals and Home tabs of people, and what they refuse."""

from collections.abc import Callable

from bot.sandbox.shape import Json, mapping, text
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.refusals import Args, refused, view_refusal
from bot.sandbox.slack.views import STACK_MAX, View
from bot.sandbox.slack.workspace import Workspace


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
    refusal = view_refusal(view, "modal")
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
    refusal = view_refusal(spec, "modal")
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
    refusal = view_refusal(spec, "home")
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
