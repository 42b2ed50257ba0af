"""What is asked of Slack, Vobiz and the database, each within a deadline. What is written is taken back."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

import aiohttp
import sqlalchemy as sa
from pydantic import SecretStr
from pydantic_core import from_json
from sqlalchemy.exc import SQLAlchemyError

from bot.config.settings import Settings
from bot.doctor.database import filesystem_of
from bot.doctor.probe_answers import (
    Account,
    Database,
    Heard,
    NoFile,
    Silence,
    Stored,
    Unusable,
)
from bot.runtime.clock import Clock
from bot.runtime.proxies import proxy_for
from bot.store.database import open_engine, usable, version
from bot.store.fitness import Unfit, no_file, unfit
from bot.store.guards import ON_SQLITE, guarded
from bot.store.rehearsal import rehearse, rehearse_file, rehearse_in
from bot.store.trouble import DamagedDatabaseError, cure, in_words
from bot.vobiz.client import VobizClient, open_client

_BODY_MAX: Final = 1_000_000  # bytes; a group of 10,000 people takes 150,000
_NO_MESSAGE: Final = "1.000000"  # no message is that old

_KEY: Final = "SELECT key FROM events ORDER BY id DESC LIMIT 1"

T = TypeVar("T")


async def within(seconds: float, work: Callable[[], Awaitable[T]]) -> T | Silence:
    """Wait for an answer, but not longer; what breaks is an answer too."""
    try:
        async with asyncio.timeout(seconds):
            return await work()
    except TimeoutError:
        return Silence(f"did not answer within {seconds:g} s")
    except Exception as error:  # noqa: BLE001 - one defect must not hide what the other checks say
        return Silence(f"could not be asked ({type(error).__name__})")


class SlackProbe:
    """Questions to Slack over one session."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, clock: Clock) -> None:
        self._session = session
        self._base = base_url.rstrip("/")
        self._proxy = proxy_for(base_url)
        self._clock = clock

    async def token(self, token: SecretStr) -> Heard | Silence:
        """Ask whose the token is, and what it may (auth.test)."""
        return await self._ask("auth.test", token)

    async def connection(self, token: SecretStr) -> Heard | Silence:
        """Ask for a Socket Mode address, which is not used (apps.connections.open)."""
        return await self._ask("apps.connections.open", token)

    async def group(self, token: SecretStr, group: str) -> Heard | Silence:
        """Ask who is in a user group (usergroups.users.list)."""
        return await self._ask("usergroups.users.list", token, usergroup=group)

    async def channel(self, token: SecretStr, channel: str) -> Heard | Silence:
        """Ask for the link of a message that cannot exist (chat.getPermalink)."""
        return await self._ask("chat.getPermalink", token, channel=channel, message_ts=_NO_MESSAGE)

    async def _ask(self, method: str, token: SecretStr, **fields: str) -> Heard | Silence:
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
        try:
            async with self._session.post(
                f"{self._base}/{method}",
                data=fields,
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy,
            ) as response:
                text = await _whole(response.content)
                names = {name.lower(): value for name, value in response.headers.items()}
                body = _object(text)
        except (aiohttp.ClientError, OSError) as error:
            return Silence(f"could not be reached ({type(error).__name__})")
        if body is None:
            return Silence(f"answered with something that is not its own (HTTP {response.status})")
        return Heard(body, names, self._clock.now())


async def _whole(content: aiohttp.StreamReader) -> bytes:
    # One `read` returns what has come so far: a part, when the answer comes in several.
    text = bytearray()
    while len(text) < _BODY_MAX and (part := await content.read(_BODY_MAX - len(text))):
        text += part
    return bytes(text)


def _object(text: bytes) -> Mapping[str, object] | None:
    try:
        value: object = from_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


async def ask_vobiz(settings: Settings, clock: Clock) -> Account:
    """Ask whose the credentials are (`auth/me`)."""
    auth_id, token, timeout = settings.vobiz_auth_id, settings.vobiz_auth_token, settings.vobiz_timeout
    url = settings.vobiz_api_url
    # In a thread: reading the certificates takes 20 ms, and in a running bot people wait.
    make = partial(open_client, base_url=url, auth_id=auth_id, token=token, timeout=timeout)
    async with await asyncio.to_thread(make) as http:
        answer = await VobizClient(http, auth_id=auth_id, token=token, timeout=timeout).check()
        return Account(answer, clock.now())


async def ask_database(settings: Settings) -> Database:
    """Do what a start does with the database, beside a running bot: all is rolled back, no slot is taken."""
    url = sa.make_url(settings.database_url.get_secret_value())
    if url.get_backend_name() == "sqlite":
        return await asyncio.to_thread(_look_at_file, url.database or "")
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        wrong = await unfit(engine)
        if wrong is not None:
            return Stored(None, unfit=wrong)
        await rehearse(engine)
        stored = await version(engine)
        if not usable(stored):
            return Stored(stored)
        async with engine.connect() as connection:
            key = await connection.scalar(sa.text(_KEY))
            return Stored(stored, key=key, guarded=await guarded(connection))
    except (SQLAlchemyError, OSError) as error:
        return Unusable(f"cannot be used: {in_words(error)}", cure(error))
    finally:
        await engine.dispose()


def _look_at_file(database: str) -> Database:
    path = Path(database).absolute()
    try:
        path = path.resolve()  # as SQLite follows links, and the lock does
        if no_file(path):
            return Stored(None, unfit=Unfit.NO_FILE)
        return _look_at(path) if path.exists() else _to_be_made(path)
    except RuntimeError:
        return Unusable(f"{path} cannot be a file: its links lead in a circle", "Check DATABASE_URL.")
    except OSError as error:  # as of a name that is too long
        return Unusable(f"{path} cannot be a file: {in_words(error)}", cure(error))


def _look_at(path: Path) -> Database:
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return Unusable(f"{path} cannot be written", "Let the bot's user write the file and its folder.")
    try:
        rehearse_in(path.parent)
        _open_lock(path)
        stored = rehearse_file(path)
        key, safe = _record_in(path) if usable(stored) else (None, True)
    except (sqlite3.Error, DamagedDatabaseError) as error:
        return Unusable(f"{path} cannot be used: {in_words(error)}", cure(error))
    except OSError as error:
        return Unusable(f"nothing can be written beside {path}: {in_words(error)}", cure(error))
    return Stored(stored, filesystem=_filesystem(path), key=key, guarded=safe)


def _record_in(path: Path) -> tuple[str | None, bool]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)) as connection:
        head = connection.execute(_KEY).fetchone()
        return head[0] if head else None, bool(connection.execute(ON_SQLITE).fetchone()[0])


def _to_be_made(path: Path) -> Database:
    if not os.access(path.parent, os.W_OK):
        return NoFile(str(path), possible=False)
    try:
        rehearse_in(path.parent)
    except OSError as error:
        return Unusable(f"{path} is not there and cannot be made: {in_words(error)}", cure(error))
    return NoFile(str(path), possible=True)


def _open_lock(path: Path) -> None:
    lock = path.with_name(path.name + ".lock")
    if lock.exists():
        os.close(os.open(lock, os.O_RDWR | os.O_CLOEXEC))


def _filesystem(path: Path) -> str | None:
    try:
        return filesystem_of(str(path.resolve()), Path("/proc/mounts").read_text(errors="replace"))
    except OSError:  # not Linux
        return None
