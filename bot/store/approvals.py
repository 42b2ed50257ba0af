"""The ledger's requests: what waits for an approval, how it is decided, reminded of and announced.

Every decision is one conditional write, so that the first one counts whatever the handlers checked.
"""

import json
from typing import Final

import sqlalchemy as sa

from bot.domain.operation import TRANSITIONS, Operation, State
from bot.domain.records import Post, Record, read_record
from bot.store.events import BOT, Entry, Limit, Writer
from bot.store.schema import events, operations

_BATCH: Final = 200
_DECISIONS: Final = TRANSITIONS[State.AWAITING_APPROVAL]
# As the partial index of the same name has it.
_UNANNOUNCED: Final = sa.text("(break_glass AND NOT reminded)")
_HALF: Final = (operations.c.expires_at + operations.c.created_at) / 2
_OTHER: Final = operations.alias("other")


class Requests:
    """Requests over the ledger's tables."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def approve(self, op: Operation, bound: str, actor: str, known: int = 0) -> Record | None:
        """Accept what was asked for; None when it does not wait (any more), has expired or was changed.

        None as well when not just as many identical requests as the approver was told of (`known`) have made
        a trunk meanwhile. `bound` is the digest that the approver saw. Nobody approves what they asked for:
        that is in the condition too, not only in the policy.
        """
        made = sa.select(sa.func.count()).select_from(_OTHER).where(*_made_meanwhile(op)).scalar_subquery()
        values = self._writer.moved(told=True) | {
            "state": State.ACCEPTED,
            "approved_by": actor,
            "round": operations.c.round + 1,
        }
        where = [
            operations.c.state == State.AWAITING_APPROVAL,
            operations.c.digest == bound,
            operations.c.expires_at > self._writer.now,
            operations.c.requester != actor,
            made == known,
        ]
        entry = Entry(actor, State.ACCEPTED, {"digest": bound}, State.ACCEPTED)
        return await self._writer.update(op.id, where, values, entry)

    async def close(
        self,
        operation: str,
        after: State,
        *,
        actor: str,
        denial: str | None = None,
        limit: Limit | None = None,
    ) -> Record | None:
        """End a request without a trunk: `denied`, `expired` or `withdrawn`. None when it does not wait.

        None as well when the `limit` is over before the commit.
        """
        if after not in TRANSITIONS[State.AWAITING_APPROVAL] - {State.ACCEPTED}:
            raise AssertionError(f"unreachable: a request does not end as {after}")
        values = self._writer.moved(told=False) | {
            "state": after,
            "denial": denial,
            "decided_by": actor,
            "round": operations.c.round + 1,
        }
        where = [operations.c.state == State.AWAITING_APPROVAL]
        if after is State.EXPIRED:
            where.append(operations.c.expires_at <= self._writer.now)
        entry = Entry(actor, after, {"reason": denial}, after)
        return await self._writer.update(operation, where, values, entry, limit)

    async def remind(
        self, operation: str, post: Post | None = None, *, reached: bool = True
    ) -> Record | None:
        """Mark that approvers were reminded of it, or not `reached`; None when it was or does not wait.

        `post` is the message that reminds, where it can be brought up to date.
        """
        where = [
            operations.c.state == State.AWAITING_APPROVAL,
            operations.c.reminded.is_(False),
        ]
        kind = "reminded" if reached else "not_reminded"
        evidence = {"channel": post.channel, "message": post.ts} if post else {}
        return await self._writer.update(operation, where, {"reminded": True}, Entry(BOT, kind, evidence))

    async def reminder(self, operation: str) -> Post | None:
        """Return the message that reminds of a request, if there is one."""
        query = sa.select(events.c.evidence).where(
            events.c.operation == operation, events.c.kind == "reminded"
        )
        async with self._writer.reader.connect() as connection:
            text = (await connection.execute(query)).scalar_one_or_none()
        said: dict[str, object] = json.loads(text) if text else {}
        return Post(str(said["channel"]), str(said["message"])) if said else None

    async def announced(self, operation: str, post: Post | None = None) -> Record | None:
        """Mark that everyone was told of a create without a second person; None when it was marked.

        `post` is the message that told, where it can be brought up to date.
        """
        where = [operations.c.reminded.is_(False)]
        values = {"reminded": True} | (_approval_in(post) if post else {})
        return await self._writer.update(operation, where, values, Entry(BOT, "announced", {}))

    async def expired(self) -> list[Record]:
        """Return the requests whose time is over."""
        return await self._waiting(operations.c.expires_at <= self._writer.now)

    async def half_expired(self) -> list[Record]:
        """Return the requests that have waited half of their time and were not reminded of."""
        return await self._waiting(operations.c.reminded.is_(False), self._writer.now >= _HALF)

    async def asked(self, operation: str, post: Post) -> Record | None:
        """Remember the message that asks for an approval; returns how the request stands by then."""
        query = operations.update().where(operations.c.id == operation).values(_approval_in(post))
        async with self._writer.writing() as connection:
            row = (await connection.execute(query.returning(*operations.c))).mappings().first()
        return read_record(dict(row)) if row else None

    async def created_meanwhile(self, op: Operation) -> tuple[int, Record | None]:
        """Return how many identical requests made a trunk while this one waited, and the latest of them.

        They do not become fewer, and no two of them end at once: who knows their number knows of them all.
        """
        number = sa.func.count().over().label("number")
        query = sa.select(*_OTHER.c, number).where(*_made_meanwhile(op))
        query = query.order_by(_OTHER.c.updated_at.desc()).limit(1)
        async with self._writer.reader.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return (row["number"], read_record(dict(row))) if row else (0, None)

    async def decided_at(self, operation: str) -> int | None:
        """Return when a request was decided, in milliseconds; None while it waits."""
        query = (
            sa.select(events.c.at)
            .where(events.c.operation == operation, events.c.state.in_(_DECISIONS))
            .order_by(events.c.id)
            .limit(1)
        )
        async with self._writer.reader.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def unannounced(self) -> list[Record]:
        """Return the creates without a second person that were told of, but to no operator."""
        begun = operations.c.state.in_((State.ACCEPTED, State.SENDING))  # told when there is an outcome
        return await self._read(_UNANNOUNCED, operations.c.told.is_(True), sa.not_(begun))

    async def _waiting(self, *where: sa.ColumnElement[bool]) -> list[Record]:
        return await self._read(operations.c.state == State.AWAITING_APPROVAL, *where)

    async def _read(self, *where: sa.ColumnElement[bool] | sa.TextClause) -> list[Record]:
        query = operations.select().where(*where).limit(_BATCH)
        async with self._writer.reader.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [read_record(dict(row)) for row in rows]


def _approval_in(post: Post) -> dict[str, object]:
    return {"approval_channel": post.channel, "approval_ts": post.ts}


def _made_meanwhile(op: Operation) -> tuple[sa.ColumnElement[bool], ...]:
    lifetime = (op.expires_at or op.created_at) - op.created_at
    return (
        _OTHER.c.state == State.CREATED,
        # By index: what was asked for before a request's lifetime had ended when this one began.
        _OTHER.c.created_at >= op.created_at - lifetime,
        _OTHER.c.updated_at >= op.created_at,
        _OTHER.c.account == op.account,
        _OTHER.c.name == op.request.name,
        _OTHER.c.direction == op.request.direction,
        _OTHER.c.calls == op.request.calls,
        _OTHER.c.id != op.id,
    )
