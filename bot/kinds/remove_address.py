"""Taking the allowed address off a trunk, and if that is chosen deleting its IP ACL record for good."""

from collections.abc import Mapping
from typing import ClassVar, Final

from bot.kinds.attached.address import AddressWords
from bot.kinds.attached.attach import Attach
from bot.kinds.attached.delete import DeleteRecord, DeleteWords
from bot.kinds.attached.fields import ADDRESS
from bot.kinds.attached.place_removal import PlaceRemoval, PlaceRemovalWords
from bot.kinds.attached.removal import DETACH, RemovalWords
from bot.kinds.stages import Stage
from bot.vobiz.lists import Part


class DeleteAddressWords(DeleteWords):
    """What is said while it is not known whether the IP ACL record was deleted."""

    noun: ClassVar[str] = AddressWords.noun
    record: ClassVar[str] = AddressWords.record


_STAGES: Final[Mapping[str, Stage]] = {
    DETACH: Attach("Detach the address from the trunk"),
    f"delete_{ADDRESS}": DeleteRecord(ADDRESS, Part.ADDRESSES, DeleteAddressWords()),
}


class RemoveAddressWords(PlaceRemovalWords):
    """How the bot speaks of removing an address."""

    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    one: ClassVar[str] = "the allowed address"
    short: ClassVar[str] = "the address"
    none: ClassVar[str] = "The trunk has no allowed address. There is nothing to remove."
    lost: ClassVar[str] = (
        "Without it the trunk takes no calls from this address, unless they sign in with a login."
    )


class RemoveAddress(PlaceRemoval):
    """Take the allowed address off a trunk; deleting it takes it from all trunks that use it."""

    name, kind, way = "remove_address", ADDRESS, "allow"
    part: ClassVar[Part] = Part.ADDRESSES
    points: ClassVar[tuple[str, ...]] = ("acl",)
    stages: ClassVar[Mapping[str, Stage]] = _STAGES
    words: ClassVar[RemovalWords] = RemoveAddressWords()
