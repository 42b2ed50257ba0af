"""Taking a route off a trunk, and if that is chosen deleting its origination URI for good."""

from collections.abc import Mapping
from typing import ClassVar, Final

from bot.kinds.attached.attach import Attach
from bot.kinds.attached.delete import DeleteRecord, DeleteWords
from bot.kinds.attached.fields import ROUTE
from bot.kinds.attached.place_removal import PlaceRemoval, PlaceRemovalWords
from bot.kinds.attached.removal import DETACH, RemovalWords
from bot.kinds.attached.route import RouteWords
from bot.kinds.stages import Stage
from bot.vobiz.lists import Part


class DeleteRouteWords(DeleteWords):
    """What is said while it is not known whether the origination URI was deleted."""

    noun: ClassVar[str] = RouteWords.noun
    record: ClassVar[str] = RouteWords.record


_STAGES: Final[Mapping[str, Stage]] = {
    DETACH: Attach("Detach the route from the trunk"),
    f"delete_{ROUTE}": DeleteRecord(ROUTE, Part.ROUTES, DeleteRouteWords()),
}


class RemoveRouteWords(PlaceRemovalWords):
    """How the bot speaks of removing a route."""

    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    one: ClassVar[str] = "a route"
    short: ClassVar[str] = "a route"
    none: ClassVar[str] = "The trunk has no route. There is nothing to remove."
    lost: ClassVar[str] = "Calls do not go there any more. If no route is left, they may go nowhere."


class RemoveRoute(PlaceRemoval):
    """Take a route off a trunk; deleting it takes it from all trunks that use it."""

    name, kind, way = "remove_route", ROUTE, "route"
    part: ClassVar[Part] = Part.ROUTES
    points: ClassVar[tuple[str, ...]] = ("route", "fallback")
    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    words: ClassVar[RemovalWords] = RemoveRouteWords()
