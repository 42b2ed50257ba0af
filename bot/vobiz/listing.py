"""What the account's read endpoints say: the trunks, page by page, and whose the credentials are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.outcome import Refusal
from bot.vobiz.bodies import layers
from bot.vobiz.trunks import Trunk, read_integer, usable_trunk
from bot.vobiz.verdicts import list_failed

_LISTS: Final = ("objects", "items", "results", "trunks")
PAGE: Final = 100  # rows; the documented most


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Vobiz could not be asked, or did not answer the question. `reason` is a word, as in an outcome."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The credentials work and are those of the account that was configured.

    `ceiling` is the account's most concurrent calls. None is what Vobiz did not say. `now` is its clock.
    """

    auth_id: str
    name: str | None
    ceiling: int | None
    active: bool | None = None
    trial: bool | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The credentials do not work: refused by Vobiz, or those of another account, `owner`."""

    refusal: Refusal | None
    owner: str | None
    now: datetime | None = None

    @property
    def reason(self) -> str:
        """A word for logs, where Vobiz's own words have no place."""
        return "another_account" if self.refusal is None else f"http_{self.refusal.status}"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the trunk list: None for a row that cannot be read. `total` is what Vobiz claims."""

    rows: tuple[Trunk | None, ...]
    total: int | None


@dataclass(slots=True)
class Pages:
    """The pages of one reading so far, in no documented order.

    Rows move between pages while trunks are made and deleted, and one may slip through. So each page begins
    with the last row of the page before, and what does not fit shows in `moved`. `began` is when the reading
    did, by our clock, and `ahead` Vobiz's clock minus ours (ms).
    """

    began: int
    ahead: int | None = None
    found: dict[str, Trunk] = field(default_factory=dict)  # by id, without case
    rows: int = 0
    moved: bool = False
    _total: int | None = None
    _last: str | None = None
    _readable: bool = True
    _ended: bool = False

    @property
    def offset(self) -> int:
        """Where the next page starts."""
        return max(0, self.rows - 1)

    def coming(self, size: int, most: int) -> list[int]:
        """Where the next pages start, of `size` rows each, as far as that is known: `most` of them.

        Only the first, unless all pages so far were full and it was said how many rows there are.
        """
        full = self.rows % (size - 1) == 1
        if self._total is None or not full:
            return [self.offset]
        return list(range(self.offset, self._total - 1, size - 1))[:most] or [self.offset]

    @property
    def whole(self) -> bool:
        """Whether these are all trunks, as far as anybody can see."""
        return self._ended and self._readable and not self.moved

    def take(self, page: Page) -> bool:
        """Add a page; tell whether there should be another one."""
        rows, known = page.rows, len(self.found)
        if self.rows:
            again = _key(rows[0]) if rows else None
            self.moved |= not rows or again != self._last or page.total != self._total
            rows = rows[1:]
        for row in rows:
            if row is None:
                self._readable = False
                continue
            key = row.id.casefold()
            self.moved |= key in self.found
            self.found[key] = row
        self.rows += len(rows)
        self._total, self._last = page.total, _key(rows[-1]) if rows else self._last
        new = len(self.found) > known
        # A total of one full page may be that of the page: it is believed when there is nothing more.
        if new and (page.total is None or self.rows < page.total or self.rows == PAGE):
            return True
        # More or fewer than claimed: some slipped from page to page, or the server ignores `offset`.
        self.moved |= self._readable and page.total is not None and self.rows != page.total
        self._ended = True
        return False


def _key(row: Trunk | None) -> str | None:
    return None if row is None else row.id.casefold()


def read_account(body: Mapping[str, object], configured: str, now: datetime | None) -> Ready | Refused | None:
    """Read what `auth/me` says, for the `configured` account; None when it names no account."""
    owner = body.get("auth_id")
    if not isinstance(owner, str) or not owner:
        return None
    if owner != configured:
        return Refused(None, owner[:64], now)
    name, trial = body.get("name"), body.get("is_trial_account")
    # One says whether the account is switched on, the other whether it may be used.
    stated = [value for key in ("enabled", "is_active") if isinstance(value := body.get(key), bool)]
    return Ready(
        owner,
        name if isinstance(name, str) else None,
        read_count(body.get("concurrent_calls_limit")),
        all(stated) if stated else None,
        trial if isinstance(trial, bool) else None,
        now,
    )


def read_page(body: Mapping[str, object] | None) -> Page | None:
    """Read one page, `{"meta": {"total"}, "objects": [...]}`; None when there is no list in it.

    The older site has `total_count`; one integrator also met `items` and `results`. All of it may be in an
    envelope. A list that comes with an error is no list.
    """
    found = find_rows(body, _LISTS)
    if found is None:
        return None
    rows, layer = found
    return Page(
        tuple(usable_trunk(row) if isinstance(row, dict) else None for row in rows), read_total(layer)
    )


def find_rows(
    body: Mapping[str, object] | None, keys: Sequence[str]
) -> tuple[list[object], Mapping[str, object]] | None:
    """Find a list under one of these keys, and what it is in; None where there is none, or it was not read.

    `null` is an empty list where it is said that there are 0.
    """
    for layer in layers(body or {}):
        if list_failed(layer):
            return None
        for key in keys:
            if isinstance(rows := layer.get(key), list):
                return rows, layer
            if key in layer and rows is None and read_total(layer) == 0:
                return [], layer
    return None


def read_total(layer: Mapping[str, object]) -> int | None:
    """Read how many rows there are, beside a list."""
    meta = layer.get("meta")
    told = [
        layer.get("total"),
        *((meta.get("total"), meta.get("total_count")) if isinstance(meta, dict) else ()),
    ]
    return next((count for count in map(read_count, told) if count is not None), None)


def read_count(value: object) -> int | None:
    """Read a count, or None when it is not a whole number of zero or more."""
    count = read_integer(value)
    return count if count is not None and count >= 0 else None
