"""No secret and no body in what is logged, stored or shown, whatever happens."""

import io
import logging
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.database import open_engine
from bot.log import configure
from tests.flow.conftest import ASHA, SALES, VOICE, WARROOM, House
from tests.flow.test_trouble import UNCONFIRMED

NAME = "Hush-hush-name"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that the bot and its libraries log, at DEBUG, as JSON."""
    root = logging.getLogger()
    before = root.handlers
    configure("DEBUG", "json")
    stream = io.StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers = before


async def test_nothing_secret_leaves_through_logs_ledger_or_views(logged: io.StringIO, house: House) -> None:
    sandbox = house.sandbox
    for fault in ("none", "refuse", "bad_token", "created_then_reset", "garbage", "unreachable"):
        await sandbox.fault("vobiz", fault)
        await house.confirmed(command=f"create {NAME}-{fault} outbound 1")
    await house.heard(UNCONFIRMED)
    await sandbox.fault("vobiz", "none")
    await sandbox.fault("slack", "post_not_in_channel")
    await house.confirmed(channel=WARROOM, command=f"create {NAME} in 2")
    await sandbox.fault("slack", "views_open_error")
    await sandbox.command(ASHA, VOICE, SALES)
    await sandbox.interaction({"type": "block_actions", "user": {"id": ASHA}, "actions": [{"value": NAME}]})
    body = f"command=%2Ftrunk&text={NAME}".encode()
    await sandbox.raw(body, {"x-slack-signature": "v0=0", "x-slack-request-timestamp": "1"})

    secrets = {
        sandbox.bot_token,
        sandbox.signing_secret,
        sandbox.vobiz_auth_token,
        "/slack/response/",
        *(str(call.args.get("trigger_id", "-" * 9)) for call in sandbox.slack_calls),
    }
    assert logged.getvalue().count("\n") >= 3
    views = "".join(str(call.args) for call in sandbox.slack_calls if call.method.startswith("views."))
    engine = open_engine(house.settings.database_url.get_secret_value())
    async with engine.connect() as connection:
        rows = [
            str(row)
            for table in ("operations", "events")
            for row in (await connection.execute(sa.text(f"SELECT * FROM {table}"))).all()
        ]
    await engine.dispose()
    assert len(rows) > 10
    for secret in secrets:
        assert secret not in logged.getvalue()
        assert secret not in "".join(rows)
        assert secret not in views
    for line in logged.getvalue().splitlines():
        assert NAME not in line, line[:3000]
