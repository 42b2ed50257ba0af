"""What the account's read endpoints say: the trunks, page by page, and whose the credentials are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.resources import Refusal, Trunk
from bot.vobiz.outcome import usable_trunk


@dataclass(frozen=True, slots=True)
class Listing:
    """The account's trunks, each id once, in the order of the answers.

    Nothing may be concluded from the absence of a trunk unless `complete`. `now` is Vobiz's clock when the
    first page was made (its `Date` header, whole seconds).
    """

    trunks: tuple[Trunk, ...]
    complete: bool
    now: datetime | None


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
    """One page of the trunk list; `rows` counts the unreadable ones too, `total` is what Vobiz claims."""

    trunks: tuple[Trunk, ...]
    rows: int
    total: int | None


@dataclass(slots=True)
class Pages:
    """The pages read so far: in no documented order, and rows move between them while trunks are made."""

    found: dict[str, Trunk]
    rows: int = 0
    readable: bool = True
    complete: bool = False

    def take(self, page: Page) -> bool:
        """Add a page; tell whether to ask for the next one, which starts at `rows`."""
        new = {trunk.id: trunk for trunk in page.trunks if trunk.id not in self.found}
        self.found |= new
        self.rows += page.rows
        self.readable = self.readable and len(page.trunks) == page.rows
        if new and (page.total is None or self.rows < page.total):
            return True
        # Fewer than claimed: one slipped from page to page unseen, or the server ignores `offset`.
        whole = page.rows == 0 if page.total is None else len(self.found) >= page.total
        self.complete = self.readable and whole
        return False


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

    The older site has `total_count`; one integrator also met `items` and `results`.
    """
    if body is None:
        return None
    rows = next(
        (body[key] for key in ("objects", "items", "results") if isinstance(body.get(key), list)), None
    )
    if not isinstance(rows, list):
        return None
    meta = body.get("meta")
    totals = [meta.get("total"), meta.get("total_count")] if isinstance(meta, dict) else []
    total = next(
        (count for count in totals if (read := read_count(count)) is not None and read == count), None
    )
    trunks = (usable_trunk(row) for row in rows if isinstance(row, dict))
    return Page(tuple(trunk for trunk in trunks if trunk is not None), len(rows), total)


def read_count(value: object) -> int | None:
    """Read a count, or None when it is not a whole number of zero or more."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
