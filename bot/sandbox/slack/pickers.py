"""Which conversations a `conversations_select` offers and starts with. Pure.

Source: docs.slack.dev/reference/block-kit/block-elements/select-menu-element#conversations_select and
/reference/block-kit/composition-objects/conversation-filter-object.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.sandbox.shape import Json, items, mapping, text
from bot.sandbox.slack.people import Channel

SELECT: Final = "conversations_select"
_KINDS: Final = {"public": "public", "private": "private", "dm": "im"}


def offers(element: Json, place: Channel) -> bool:
    """Say whether the element's filter lets a conversation through; every DM here is one with the bot."""
    rule = mapping(element.get("filter"))
    if "include" in rule and _KINDS[place.kind] not in items(rule["include"]):
        return False
    if rule.get("exclude_external_shared_channels") is True and place.shared:
        return False
    return not (rule.get("exclude_bot_users") is True and place.kind == "dm")


def starting(element: Json, place: Channel | None) -> str | None:
    """Return the id that is chosen before the person chooses; `initial_conversation` takes precedence."""
    named = text(element.get("initial_conversation"))
    if named:
        return named
    here = element.get("default_to_current_conversation") is True and place is not None
    return place.id if here and place is not None and offers(element, place) else None


def chosen(element: Json, value: object, places: Iterable[Channel]) -> str | None:
    """Return the id that a person chose, None for nothing; raises LookupError for what is not offered."""
    offered = [place.id for place in places if offers(element, place)]
    if value is None:
        return None
    if value not in offered:
        message = f"there is no conversation {value!r}, only {offered}"
        raise LookupError(message)
    return text(value)


def response_channels(
    blocks: list[Json], values: Mapping[str, Mapping[str, Json]]
) -> Iterator[tuple[str, str, str]]:
    """Yield (block_id, action_id, channel) for each choice that the bot wants a response URL for."""
    for block in blocks:
        element = mapping(block.get("element"))
        if element.get("type") == SELECT and element.get("response_url_enabled") is True:
            block_id, action_id = text(block.get("block_id")), text(element.get("action_id"))
            channel = text(values.get(block_id, {}).get(action_id, {}).get("selected_conversation"))
            if channel:
                yield block_id, action_id, channel
