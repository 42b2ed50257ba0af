"""DBOS, in process: workflows that survive a crash, in the ledger's own database.

Decision and traps: docs/decisions/0001-durable-engine.md. It is launched inside the running loop (outside,
its workflows run on another one, where our clients break) and destroyed in a thread of its own, after which
the loop needs a new default executor.
"""

import asyncio
import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, WorkflowStatus
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.runtime.log import about
from bot.runtime.tasks import end
from bot.store.database import PASSING
from bot.workflow.workflow import Steps

# Constant: by default it is a hash of the code, and after a deploy the work of the old hash is stranded.
# The steps of a workflow are all alike (“do what is next”), so that their order cannot change with the code
# either (docs/decisions/0002-changing-workflows.md).
_VERSION: Final = "1"
_WORKFLOW: Final = "operate"
_POOL: Final = 3  # with the ledger's and the slot's two instances use 18 of a small Postgres' 20 connections
_ALIVE: Final = ("PENDING", "ENQUEUED", "DELAYED")
_ENDED: Final = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
# The isolation, too, may be set otherwise at a server.
_MANNERS: Final = "SET synchronous_commit = off; SET default_transaction_isolation = 'read committed'"
_AGAIN: Final = (0.2, 1.0, 5.0)  # seconds before a step is tried again after trouble with the database
_BATCH: Final = 500
_SELDOM: Final = 60.0  # seconds
_SELDOM_MAX: Final = 100  # kinds of lines that are remembered
_FINISH_WITHIN: Final = 22.0  # seconds
_BEGINS: Final = 1.0  # seconds from a workflow's row to its first line, which a thread of the engine delays

_log = structlog.get_logger("bot.durable")

Body = Callable[[str, Steps], Coroutine[None, None, None]]


class Engine:
    """The engine of this process, and what its workflows see of it: recorded steps and durable waits.

    `slot` is its executor id: unique among the living, stable over restarts. `body` is the workflow.
    """

    def __init__(self, url: str, slot: str, body: Body) -> None:
        self._url = sa.make_url(url)
        self._slot = slot
        self._body = body
        self._resting: set[asyncio.Task[object]] = set()
        self._start: Callable[[str], Coroutine[None, None, None]] | None = None
        self._tasks: dict[asyncio.Task[object], str] = {}
        self._begun: dict[str, asyncio.Event] = {}

    async def prepare(self) -> None:
        """Make the engine's tables on Postgres, in a thread.

        That waits for each open transaction, and those of this process end only while its loop goes on.
        """
        if self._url.get_backend_name() != "sqlite":
            await asyncio.to_thread(DBOS.migrate, self._plain_url())

    def launch(self) -> None:
        """Start the engine and continue this slot's unfinished workflows. Call it inside the running loop."""
        logger = logging.getLogger("dbos")
        logger.addHandler(logging.NullHandler())  # else it brings a handler of its own
        if not any(isinstance(each, _Seldom) for each in logger.filters):
            logger.addFilter(_Seldom())
        if self._url.get_backend_name() == "sqlite":
            _write_ahead(self._url.database or "")
        config: DBOSConfig = {
            "name": "trunk-bot",
            "system_database_url": self._plain_url(),
            "application_version": _VERSION,
            "executor_id": self._slot,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "sys_db_pool_size": _POOL,
            "use_listen_notify": False,  # nothing here waits for messages; it would cost a connection
            # What polls for such messages all the same ends only when it wakes: with the default of a
            # second each stop took 0.7 s for nothing. 20 wake-ups of 10 µs a second are no cost.
            "notification_listener_polling_interval_sec": 0.05,
            "db_engine_kwargs": {"pool_events": [(self._hasten, "connect")]},
        }
        DBOS(config=config)

        async def operate(operation: str) -> None:
            workflow = DBOS.workflow_id or ""
            if (begun := self._begun.get(workflow)) is not None:
                begun.set()
            task = asyncio.current_task()
            if task is not None:
                self._tasks[task] = workflow
                task.add_done_callback(lambda done: self._tasks.pop(done, None))
            with about(operation):
                await self._body(operation, self)

        self._start = DBOS.workflow(name=_WORKFLOW)(operate)
        DBOS.launch()

    @property
    def slot(self) -> str:
        """Its executor id."""
        return self._slot

    @property
    def launched(self) -> bool:
        """Whether the engine was started; it stops with the process only."""
        return self._start is not None

    async def step(self, name: str, work: Callable[[], Awaitable[str]]) -> str:
        """Record what work returns. Trouble with the database is waited out; work may be run again."""

        async def run() -> str:
            tries = 0
            while True:
                try:
                    return str(await work())
                except PASSING as error:
                    _log.warning("a step waits for the database", step=name, error=type(error).__name__)
                    await asyncio.sleep(_AGAIN[min(tries, len(_AGAIN) - 1)])
                    tries += 1

        return await DBOS.run_step_async({"name": name}, run)

    async def sleep(self, seconds: float) -> None:
        """Wait; the wait counts on through a restart, and stopping cuts it."""
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("unreachable: workflows run in tasks")
        self._resting.add(task)
        try:
            await DBOS.sleep_async(seconds)
        finally:
            self._resting.discard(task)

    async def start(self, workflow_id: str, operation: str) -> None:
        """Start a workflow now, not by way of a polled queue. The same id starts nothing twice.

        Never cancel this: the row is written by a thread that cannot be cancelled, and without the rest
        of this coroutine nobody runs the workflow until the next start.
        """
        if self._start is None:
            raise AssertionError("unreachable: started before the launch")
        begun = self._begun[workflow_id] = asyncio.Event()
        try:
            with SetWorkflowID(workflow_id):
                await DBOS.start_workflow_async(self._start, operation)
            # destroy() waits for what has begun. An id that ran before does not begin.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(begun.wait(), _BEGINS)
        finally:
            self._begun.pop(workflow_id, None)

    async def runs(self, operation: str, prefix: str) -> tuple[int, bool]:
        """Return how many workflows of an operation have ids that begin so, and whether any of it is alive.

        One of another version of the code is not: it stays PENDING, but nobody here can run it.
        """
        found = await DBOS.list_workflows_async(
            workflow_id_prefix=operation, load_input=False, load_output=False
        )
        alive = any(workflow.status in _ALIVE and _runnable(workflow) for workflow in found)
        return sum(workflow.workflow_id.startswith(prefix) for workflow in found), alive

    async def unfinished(self) -> dict[str, list[WorkflowStatus]]:
        """Return the unfinished workflows that this process does not run, by slot.

        Of its own slot these are just beginning, or what they were about to record was refused by the
        database: then the engine lets them end as they are, and their rows stay as if they ran.
        """
        found: dict[str, list[WorkflowStatus]] = {}
        pending = await DBOS.list_workflows_async(status=["PENDING"], load_input=False, load_output=False)
        here = {*self._tasks.values(), *self._begun}
        for workflow in pending:
            slot = workflow.executor_id
            if slot is not None and _runnable(workflow) and workflow.workflow_id not in here:
                found.setdefault(slot, []).append(workflow)
        return found

    async def adopt(self, workflows: Sequence[WorkflowStatus]) -> None:
        """Continue workflows that nothing runs any more, on whichever process is free."""
        for workflow in workflows:
            await DBOS.resume_workflow_async(workflow.workflow_id, queue_name=workflow.queue_name)

    async def forget(self, before: str) -> int:
        """Delete the engine's rows of workflows that ended before an ISO time; the ledger keeps its own."""
        deleted = 0
        while ended := await DBOS.list_workflows_async(
            status=list(_ENDED), completed_before=before, limit=_BATCH, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([workflow.workflow_id for workflow in ended])
            deleted += len(ended)
        return deleted

    async def destroy(self, within: float = _FINISH_WITHIN) -> None:
        """Let what is under way finish, for `within` seconds, then stop.

        What waits goes on at the next launch of this slot. Without the database stopping may take 10 s more:
        it may be cancelled.
        """
        try:
            async with asyncio.timeout(within):
                while working := self._tasks.keys() - self._resting:
                    # A rest that begins ends no task, hence the short waits.
                    await asyncio.wait(working, timeout=0.05)
        except TimeoutError:
            _log.warning(
                "stopped before everything was finished", workflows=len(self._tasks.keys() - self._resting)
            )
        try:
            await end(self._tasks)
            await _in_a_thread(lambda: DBOS.destroy(destroy_registry=True))
        finally:
            # Also when this is cut: at its end the loop waits for the threads of the executor that it has.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())

    def _hasten(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        """Let the engine's commits not wait for the disk: they reach it with the ledger's next one.

        What the ledger promises it syncs by itself. Where a power cut takes rows of the engine, the sweep
        starts their workflows again from the ledger. That saves three of an operation's eight waits for the
        disk, one of them before it is sent.
        """
        sqlite = self._url.get_backend_name() == "sqlite"
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=NORMAL" if sqlite else _MANNERS)
        cursor.close()
        connection.commit()  # the pool rolls back what comes back to it, and a SET with it

    def _plain_url(self) -> str:
        backend = self._url.get_backend_name()
        url = self._url.set(drivername=backend)
        if backend != "sqlite":
            # SQLAlchemy asks for the version as it connects, and cannot read it in every encoding.
            url = url.update_query_dict({"client_encoding": "utf8"})
        return url.render_as_string(hide_password=False)


class _Seldom(logging.Filter):
    """Lets a line pass once a minute: without the database four loops say so each second, in stacks."""

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line that begins so has not passed for a minute."""
        words, now = str(record.msg).partition(":")[0][:80], time.monotonic()
        if now - self._passed.get(words, float("-inf")) < _SELDOM:
            return False
        if len(self._passed) > _SELDOM_MAX:
            self._passed.clear()
        self._passed[words] = now
        return True


def _runnable(workflow: WorkflowStatus) -> bool:
    return workflow.name == _WORKFLOW and workflow.app_version in {None, _VERSION}


async def _in_a_thread(work: Callable[[], None]) -> None:
    # Of its own, and a daemon: without the database this takes 10 s, and Python waits for executors' threads.
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def run() -> None:
        try:
            work()
        finally:
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=run, daemon=True).start()
    await ended.wait()


def _write_ahead(database: str) -> None:
    # The engine does not switch it on; it persists in the file. Five steps took 20 ms without, 13 ms with.
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
