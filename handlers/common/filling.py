"""What the form of a kind that changes something is filled with: which record is meant, and how it is."""

import asyncio

from bot.domain.history import last_known
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.domain.reference import normal_reference
from bot.kinds.base import Kind
from bot.runtime.tasks import Question
from bot.store.database import PASSING
from bot.vobiz.listing import Unreachable
from bot.vobiz.snapshot import Needs, Snapshot
from bot.workflow.stored import LEDGER_WITHIN, known_about
from handlers.services import Services


def reads_by_itself(kind: Kind) -> bool:
    """Tell whether the form of a kind is filled with what it reads, and not with the look that all share.

    A kind that makes a record needs that look: what it made is found beside what was there before.
    """
    return kind.guarded and kind.resource is None


async def known_of(services: Services, kind: Kind, known: Data) -> tuple[Data, Data]:
    """Return what is known once it was looked up what is meant, and what was seen of it."""
    now, ceiling = await asyncio.gather(_read(services, kind.needs(known)), _ceiling(services, kind))
    if now is not None or not kind.about(known, {}):
        meant = await meant_by(services, kind.texts(known)) if now is not None else {}
        narrowed = known if now is None else kind.narrowed(known, now, meant)
        if kind.needs(narrowed) != kind.needs(known):
            now = await _read(services, kind.needs(narrowed))
        known = narrowed
    seen = kind.seen(known, now, ceiling)
    if (about := kind.about(known, seen)) and kind.ready(seen):
        last = await _last(services, about)
        seen = seen if last is None else {**seen, **kind.since(seen, last)}
    return known, seen


async def _read(services: Services, needs: Needs) -> Snapshot | None:
    now = await services.readings.recent(needs)
    return None if isinstance(now, Unreachable) else now


async def _ceiling(services: Services, kind: Kind) -> int | None:
    return await services.preview.ceiling() if kind.sees_ceiling else None


async def meant_by(services: Services, texts: tuple[str, ...]) -> dict[str, str]:
    """Return the records of the operations whose references were typed."""
    found = {}
    for text in texts:
        if (ref := normal_reference(text)) is not None:
            identity = await record_of(services, ref)
            if identity is not None:
                found[text] = identity
    return found


async def record_of(services: Services, ref: str) -> str | None:
    """Return the id of the record that an operation made or changed, by its reference."""
    try:
        record = await Question(lambda: services.ledger.by_reference(ref)).ask(LEDGER_WITHIN)
    except (TimeoutError, *PASSING):
        return None
    return None if record is None else services.rules.kinds.target(record.operation)


async def _last(services: Services, target: str) -> Operation | None:
    return last_known(await known_about(services.ledger, services.rules.account, target))
