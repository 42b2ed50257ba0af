"""Reads of the account that are put together from what is needed, all at once."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from bot.vobiz.bodies import layers, read_object
from bot.vobiz.client import VobizClient
from bot.vobiz.details import Detail, read_detail
from bot.vobiz.errors import read_refusal, speaks_of
from bot.vobiz.listing import PAGE, Unreachable
from bot.vobiz.lists import PAGES_MAX, Item, Listed, Part, path, read_rows, search_path
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import Trunk, is_uuid
from bot.vobiz.verdicts import speaks_of_failure

LIST_WITHIN: Final = 20.0  # seconds that one list may take, with all its pages


class Gone:
    """Vobiz says that there is no trunk of that id."""


async def look(vobiz: VobizClient, needs: Needs) -> Snapshot | Unreachable:
    """Read what is needed now. Where the trunks or the one trunk cannot be read, that is the answer.

    A further list that cannot be read is not whole, a number is missing, and the rest holds.
    """
    parts = sorted(needs.parts)
    trunks, one, lists, numbers = await asyncio.gather(
        vobiz.snapshot() if needs.trunks else nothing(vobiz),
        no_trunk() if needs.trunk is None else read_trunk_alone(vobiz, needs.trunk),
        asyncio.gather(*(read_part(vobiz, part) for part in parts)),
        read_numbers(vobiz, needs.numbers),
    )
    return combined(trunks, one, dict(zip(parts, lists, strict=True)), numbers)


def combined(
    trunks: Snapshot | Unreachable,
    one: Detail | Gone | Unreachable | None,
    lists: Mapping[Part, Listed],
    numbers: Mapping[str, Item | None],
) -> Snapshot | Unreachable:
    """Put together what was read."""
    if isinstance(trunks, Unreachable):
        return trunks
    if isinstance(one, Unreachable):
        return one
    detail = one if isinstance(one, Detail) else None
    return replace(trunks, detail=detail, gone=isinstance(one, Gone), parts=lists, numbers=numbers)


async def read_trunk_alone(vobiz: VobizClient, trunk: str) -> Detail | Gone | Unreachable:
    """Read one trunk.

    A 404 says that there is none where its words are about a trunk. Else it may be that of a gateway which
    does not know the path: then the list of all trunks has to lack it.
    """
    if not is_uuid(trunk):
        return Unreachable("not_allowed")
    answer = await vobiz.read("trunk", f"trunks/{trunk.lower()}", refusals=(404,))
    if isinstance(answer, Unreachable):
        return answer
    body = read_object(answer.body)
    if answer.status == HTTPStatus.NOT_FOUND:
        if speaks_of(read_refusal(answer.status, {}, body), "trunk"):
            return Gone()
        return await _missed(vobiz, trunk)
    if body is None or speaks_of_failure(body, complete=True):
        return Unreachable("unreadable")
    details = map(read_detail, layers(body))
    found = (one for one in details if one is not None and one.trunk.id.casefold() == trunk.casefold())
    return next(found, None) or Unreachable("unreadable")


async def _missed(vobiz: VobizClient, trunk: str) -> Gone | Unreachable:
    listed = await vobiz.snapshot()
    if isinstance(listed, Unreachable) or not listed.whole or trunk.casefold() in listed.ids:
        return Unreachable("http_404")
    return Gone()


async def find_trunk(vobiz: VobizClient, trunk: str) -> Trunk | None:
    """Read one trunk, in the list where a path may not have its id; None when it could not be read."""
    alone = is_uuid(trunk)
    now = await look(vobiz, Needs(trunks=not alone, trunk=trunk if alone else None))
    if isinstance(now, Unreachable):
        return None
    read = now.trunks if now.detail is None else (now.detail.trunk,)
    return next((one for one in read if one.id.casefold() == trunk.casefold()), None)


async def read_part(vobiz: VobizClient, part: Part, ticks: Callable[[], float] = time.monotonic) -> Listed:
    """Read a list, as many as `PAGES_MAX` pages and `LIST_WITHIN` seconds allow."""
    found: dict[str, Item] = {}
    rows, until, steady, first = 0, ticks() + LIST_WITHIN, True, None
    for number in range(PAGES_MAX):
        answer = await vobiz.read(part.value, path(part, number), until=until)
        if isinstance(answer, Unreachable):
            # Some servers have no page after the last one.
            whole = steady and first == rows == PAGE and answer.reason == "http_404"
            return Listed(tuple(found.values()), whole=whole, why="" if whole else answer.reason)
        page = read_rows(part, read_object(answer.body))
        if page is None:
            return Listed(tuple(found.values()), why="unreadable")
        items, total = page
        first = total if number == 0 else first
        known = len(found)
        found |= {item.id.casefold(): item for item in items if item is not None}
        rows += len(items)
        # An id that comes twice, a count that moves, a row that cannot be read: something may be missing.
        steady &= len(found) == known + len(items) and total == first
        # A total of one full page may be that of the page: it is believed when there is nothing more.
        if len(found) == known or (total is not None and rows >= total and rows != PAGE):
            whole = steady and (total is None or rows == total)
            return Listed(tuple(found.values()), whole=whole, why="" if whole else "moved")
    return Listed(tuple(found.values()), why="too_many")


async def read_numbers(vobiz: VobizClient, numbers: Sequence[str]) -> dict[str, Item | None]:
    """Look up numbers by themselves, all at once; one that could not be looked up is missing."""
    found = await asyncio.gather(*(_read_number(vobiz, number) for number in numbers))
    pairs = zip(numbers, found, strict=True)
    return {number: item for number, item in pairs if not isinstance(item, Unreachable)}


async def _read_number(vobiz: VobizClient, number: str) -> Item | Unreachable | None:
    answer = await vobiz.read(Part.NUMBERS.value, search_path(number))
    if isinstance(answer, Unreachable):
        return answer
    page = read_rows(Part.NUMBERS, read_object(answer.body))
    if page is None or None in page[0]:
        return Unreachable("unreadable")
    rows, total = page
    found = [item for item in rows if item is not None and item.text == number]
    more = len(rows) >= PAGE if total is None else total > len(rows)
    if not found and more:
        return Unreachable("too_many")  # the search was not heeded, and it may be on another page
    own = (item for item in found if item.account in {None, vobiz.auth_id})
    return next(own, found[0] if found else None)


async def nothing(vobiz: VobizClient) -> Snapshot:
    """Return a snapshot for which no trunk was asked."""
    return Snapshot(vobiz.auth_id, vobiz.now, (), whole=False)


async def no_trunk() -> None:
    """Return what is read where no trunk is asked for by itself."""
