"""Examining the trunk of an operation that has ended: its result says how ready the trunk is, once."""

import asyncio
import time
from functools import partial
from typing import Final

import structlog

from bot.domain.outcome import Data
from bot.domain.proof import Noted, Pending, Ready
from bot.domain.records import Record
from bot.domain.transitions.proofs import examined
from bot.kinds.registry import Kinds
from bot.proof.account import parts_of
from bot.proof.addresses import WITHIN
from bot.proof.checklist import Checklist, Point, Value
from bot.proof.examination import Examiner
from bot.runtime.clock import Clock, milliseconds
from bot.store.ledger import Ledger
from bot.vobiz.client import VobizClient
from bot.vobiz.details import Detail
from bot.vobiz.listing import Unreachable
from bot.vobiz.looking import Gone, look, read_trunk_alone
from bot.vobiz.snapshot import Needs
from bot.workflow.schedule import next_examination
from bot.workflow.stored import changed, known_about

_TRUNK_WITHIN: Final = 1.5  # seconds of WITHIN that reading the trunk itself may take
_HUNG: Final = WITHIN + 1  # seconds after which an examination that keeps to no time is cut
_VALUE_MAX: Final = 200  # characters of a value that is kept

_log = structlog.get_logger("bot.examination")


class Prover:
    """Examines trunks, in WITHIN seconds each. It only reads, so that a run may be repeated.

    `command` is what people type, `patience` after how many seconds one that keeps to no time is cut.

    What is at another account than the operation's says nothing of its trunk: it is not looked at.
    """

    def __init__(
        self,
        ledger: Ledger,
        vobiz: VobizClient,
        examiner: Examiner,
        clock: Clock,
        kinds: Kinds,
        *,
        command: str,
        patience: float = _HUNG,
    ) -> None:
        self._ledger = ledger
        self._vobiz = vobiz
        self._examiner = examiner
        self._clock = clock
        self._kinds = kinds
        self._command = command
        self._patience = patience

    async def examine(self, record: Record) -> Record | None:
        """Examine the trunk and write down what was seen; where it was nothing, a few times in all."""
        trunk = record.trunk or ""
        if record.operation.account != self._vobiz.auth_id:
            seen: Checklist | str = "other_account"
        else:
            seen = await self._look(trunk)
        now = milliseconds(self._clock)
        ready = Ready(trunk=trunk, at=now, command=self._command, pending=await self._pending(record))
        if isinstance(seen, Checklist):
            ready = ready.model_copy(update={"points": _noted(seen)})
            return await self._write(record, ready, _evidence(seen), None)
        settled = seen in {"other_account", "gone"}
        again = None if settled else next_examination(now, record.operation.updated_at)
        return await self._write(record, ready.model_copy(update={"unseen": seen}), {"reason": seen}, again)

    async def _pending(self, record: Record) -> tuple[Pending, ...]:
        """Return the other requests about the trunk that have not ended, as far as the record says so now."""
        ops = await known_about(self._ledger, record.operation.account, record.trunk or "")
        return self._kinds.pending(op for op in ops if op.id != record.operation.id)

    async def _write(self, record: Record, ready: Ready, evidence: Data, again: int | None) -> Record | None:
        says = partial(examined, ready=ready, evidence=evidence, wake_at=again)
        return await changed(self._ledger, record, says)

    async def _look(self, trunk: str) -> Checklist | str:
        """Return what was found, or in a word why nothing was."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._found(trunk)
        except TimeoutError:
            return "timeout"
        except Exception as error:  # noqa: BLE001 - a result must not be lost for what is said beside it
            _log.error("an examination failed", error=type(error).__name__)
            return "failed"

    async def _found(self, trunk: str) -> Checklist | str:
        began = time.monotonic()
        detail = await self._trunk(trunk)
        if not isinstance(detail, Detail):
            return "gone" if isinstance(detail, Gone) else detail.reason
        destination = detail.fields.get("inbound_destination")
        needs = Needs(trunks=False, parts=parts_of(detail.trunk))
        examined = await self._examiner.examine(
            detail.trunk,
            lambda: look(self._vobiz, needs),
            None,  # the result itself says what is not as it was asked for
            destination if isinstance(destination, str) else None,
            WITHIN - (time.monotonic() - began),
        )
        return examined.found

    async def _trunk(self, trunk: str) -> Detail | Gone | Unreachable:
        try:
            async with asyncio.timeout(_TRUNK_WITHIN):
                return await read_trunk_alone(self._vobiz, trunk)
        except TimeoutError:
            return Unreachable("timeout")


def _noted(seen: Checklist) -> tuple[Noted, ...]:
    """Keep a checklist; of what is ok only that it is."""
    return tuple(Noted(finding=point.finding.value, data=_kept(point)) for point in seen.points)


def _kept(point: Point) -> dict[str, str]:
    well = point.value is Value.OK
    return {} if well else {key: text[:_VALUE_MAX] for key, text in point.data.items()}


def _evidence(seen: Checklist) -> Data:
    found = {value.value: [point.finding.value for point in seen.of(value)] for value in Value}
    return {value: findings for value, findings in found.items() if findings}
