"""What `/trunk list` shows: a table where Slack takes one, else the same as a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.blockkit.blocks import Block, wording
from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Act, Item, Report, Table, Tone
from bot.blockkit.text import Code, Line, Said, plain
from bot.kinds.trunks.kind import pick_line
from bot.vobiz.trunks import Trunk

SHOWN: Final = 100  # rows below the header that Slack's table takes, and options of its menu
_PAGE: Final = 10  # rows that Slack shows at once
_NAME: Final = 80
_OPTION: Final = 75
_HEAD: Final = ("Name", "Direction", "Concurrent calls", "New calls/s", "Status", "SIP domain", "ID")


@dataclass(frozen=True, slots=True)
class Listing:
    """The trunks that fit what was asked for, by name. `all_of_them` is how many the account has.

    `whole` says that all could be read; `numbers` that the phone numbers could, where they count (None: they
    do not). `words` is what was asked for.
    """

    trunks: tuple[Trunk, ...]
    all_of_them: int
    whole: bool
    words: str = ""
    numbers: bool | None = None


def list_message(listing: Listing, command: str) -> Message:
    """Show the trunks as a table, and as a list for where Slack refuses that."""
    told = lay_out(_report(listing, command))
    if not listing.trunks:
        return told
    menu = trunk_menu(listing.trunks[:SHOWN])
    return Message(told.text, (*told.blocks, menu), (*told.simpler, menu))


def unreadable_list_message(command: str) -> Message:
    """Say that the account could not be read."""
    return lay_out(
        Report(
            Tone.ERROR,
            ("I could not read the trunks",),
            (("Vobiz did not answer, or not with a list. Nothing was changed.",),),
            steps=(("Try again in a moment. ", Code(f"{command} doctor"), " says what is wrong."),),
        )
    )


def trunk_menu(trunks: Sequence[Trunk]) -> Block:
    """Let a person choose a trunk to be shown."""
    options: list[Block] = [
        {
            "text": wording(plain(trunk.name or trunk.id, _OPTION)),
            "description": wording(trunk.id),
            "value": trunk.id,
        }
        for trunk in trunks
    ]
    select: Block = {
        "type": "static_select",
        "action_id": Act.SHOW_TRUNK,
        "placeholder": wording("Show a trunk"),
        "options": options,
    }
    return {"type": "actions", "block_id": "trunks", "elements": [select]}


def _report(listing: Listing, command: str) -> Report:
    count, trunks = len(listing.trunks), listing.trunks[:SHOWN]
    body: list[Line] = []
    if not listing.whole:
        body.append(("I could not read all trunks: there may be more than these.",))
    if listing.numbers is False:
        body.append(("I could not read all phone numbers: what depends on them may be missing.",))
    if count > SHOWN:
        narrow = Code(f"{command} list <part of a name, id, domain or number>")
        body.append((f"The first {SHOWN} by name are shown; ", narrow, " shows fewer."))
    items = tuple(Item(pick_line(trunk)) for trunk in trunks)
    table = Table("SIP trunks of the account", _HEAD, tuple(map(_row, trunks)), _PAGE)
    return Report(Tone.INFO, _head(listing), tuple(body), items=items, table=table)


def _head(listing: Listing) -> Line:
    count, total = len(listing.trunks), listing.all_of_them
    trunks = f"{total} SIP {'trunk' if total == 1 else 'trunks'}"
    if not listing.words:
        return (trunks,)
    return (f"{count} of {trunks} {'matches' if count == 1 else 'match'} “", Said(listing.words, _NAME), "”")


def _row(trunk: Trunk) -> tuple[Line, ...]:
    status = {True: "active", False: "inactive", None: trunk.status}[trunk.on]
    known = (trunk.name, trunk.direction, trunk.calls, trunk.cps, status)
    said: list[Line] = [() if value is None else (Said(str(value), _NAME),) for value in known]
    return (*said, () if trunk.domain is None else (Code(trunk.domain),), (Code(trunk.id),))
