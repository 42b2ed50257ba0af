"""A deploy: work of an older version of the code that waits in the database is not stranded."""

import json

import pytest
import sqlalchemy as sa

from bot.domain.operation import Standing
from bot.domain.transitions.sendings import begin
from bot.store.database import HEAD, open_engine, version
from bot.workflow.engine import Engine
from bot.workflow.workflow import Steps
from tests.durable.parts import left, record_of
from tests.durable.processes import Fleet
from tests.flow.conftest import House


@pytest.mark.parametrize(
    ("url", "old"),
    [
        pytest.param("sqlite", {"application_version": "0"}, id="version"),
        pytest.param("sqlite", {"name": "operate_v0"}, id="workflow"),
        pytest.param("postgres", {"name": "operate_v0", "executor_id": "slot-7"}, id="workflow-dead-slot"),
    ],
    indirect=["url"],
)
async def test_the_operation_behind_an_old_row_is_continued(house: House, old: dict[str, str]) -> None:
    record = await left(house, "Sales", begin, ago=60)
    made = house.sandbox.add_trunk("Sales")
    await old_row(house, record.operation.id, old)
    async with house.bot():
        assert str(made["trunk_id"]) in (await house.heard("created: outbound")).words
        await house.confirmed(command='create "New" inbound 5')
        await house.heard("New")
    assert [post.body["name"] for post in house.sandbox.vobiz_posts] == ["New"]
    assert (await record_of(house, record.operation.id)).operation.standing is Standing.DONE


async def test_a_schema_that_a_newer_version_added_to_is_worked_with(fleet: Fleet) -> None:
    """As after going back to the version before, or when an old instance restarts in a rolling deploy."""
    house, newer = fleet.house, f"{int(HEAD) + 1:04}"
    engine = open_engine(house.settings.database_url.get_secret_value())
    async with engine.begin() as connection:
        await connection.execute(sa.text("ALTER TABLE operations ADD COLUMN colour VARCHAR"))
        await connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{newer}'"))
    process = await fleet.started()
    await house.confirmed()
    await house.heard("created: outbound")
    lines = [json.loads(line) for line in process.said.splitlines()]
    (line,) = (line for line in lines if line["event"] == "a newer version of the bot made the database")
    assert (line["level"], line["version"], line["known"]) == ("warning", newer, HEAD)
    assert await version(engine) == newer
    await engine.dispose()


async def old_row(house: House, operation: str, values: dict[str, str]) -> None:
    """Leave an unfinished workflow behind as an older version of the bot would have."""

    async def wait(_operation: str, steps: Steps) -> None:
        await steps.sleep(600)

    url = house.settings.database_url.get_secret_value()
    engine = Engine(url, "slot-0", wait)
    engine.launch()
    await engine.start(operation, operation)
    assert await engine.runs(operation, operation) == (1, True)
    await engine.destroy()
    database = open_engine(url)
    schema = None if database.dialect.name == "sqlite" else "dbos"
    rows = sa.table(
        "workflow_status", *(sa.column(name) for name in ("workflow_uuid", *values)), schema=schema
    )
    async with database.begin() as connection:
        changed = await connection.execute(
            rows.update().where(rows.c.workflow_uuid == operation).values(values)
        )
        assert changed.rowcount == 1
    await database.dispose()
