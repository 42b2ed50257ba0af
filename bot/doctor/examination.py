"""All checks at once: what can be asked is asked together, then judged in the order of the report."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Final, TypeVar

import structlog

from bot.config.settings import Partial
from bot.doctor.configuration import (
    configuration_checks,
    makes_no_difference,
    policy_check,
    record_check,
    secret_check,
    settings_naming,
)
from bot.doctor.database import database_check
from bot.doctor.machine import certificates_checks
from bot.doctor.probe_answers import Answers, Silence
from bot.doctor.probes import SlackProbe, ask_database, ask_vobiz, within
from bot.doctor.slack import app_check, channel_check, group_check, members, scopes_check, token_check
from bot.doctor.vobiz import clock_check, vobiz_checks
from bot.domain.check import Check, Verdict
from bot.runtime.clock import Clock
from bot.slack.transport import open_session

WITHIN: Final = 5.0  # seconds for each question; all are asked at once
_START: Final = 2.0  # seconds; most starts take less than one

T = TypeVar("T")

_log = structlog.get_logger("bot.doctor")


async def examine(known: Partial, clock: Clock, seconds: float = WITHIN) -> tuple[Check, ...]:
    """Ask everything that the settings allow to ask, each within `seconds`, and judge it."""
    return (*judge(known, await _ask(known, clock, seconds)), *certificates_checks(os.environ))


def judge(known: Partial, answers: Answers) -> tuple[Check, ...]:
    """Make the report, from the configuration to the policy."""
    settings = known.settings
    groups = {group: members(answer) for group, answer in answers.groups.items()}
    wrong_channel = "trunk_approvals_channel" in known.wrong
    return (
        *configuration_checks(known),
        database_check(answers.database),
        record_check(known, answers.database),
        token_check(answers.token),
        scopes_check(answers.token),
        secret_check(known),
        app_check(answers.app, configured=_has_app_token(known)),
        clock_check(answers.token, answers.vobiz),
        *vobiz_checks(answers.vobiz, settings.vobiz_auth_id, settings.trunk_max_calls),
        *(() if wrong_channel else (channel_check(settings.trunk_approvals_channel, answers.channel),)),
        *(
            group_check(
                group,
                settings_naming(group, settings),
                answers.groups[group],
                moot=makes_no_difference(group, settings),
            )
            for group in sorted(answers.groups)
        ),
        policy_check(known, groups),
    )


def _has_app_token(known: Partial) -> bool:
    return known.settings.slack_app_token is not None or "slack_app_token" in known.wrong


async def _ask(known: Partial, clock: Clock, seconds: float) -> Answers:
    settings = known.settings
    bot, app, channel = settings.slack_bot_token, settings.slack_app_token, settings.trunk_approvals_channel
    async with open_session() as session, asyncio.TaskGroup() as together:

        def ask(work: Callable[[], Awaitable[T]], *needs: str) -> asyncio.Task[T | Silence] | None:
            return None if known.wrong & set(needs) else together.create_task(within(seconds, work))

        slack = SlackProbe(session, settings.slack_api_url, clock)
        needs = ("slack_bot_token", "slack_api_url")
        token = ask(lambda: slack.token(bot), *needs)
        opened = app and ask(lambda: slack.connection(app), "slack_app_token", "slack_api_url")
        place = channel and ask(lambda: slack.channel(bot, channel), *needs)
        groups = {
            group: ask(partial(slack.group, bot, group), *needs)
            for group in settings.trunk_operators.groups | settings.trunk_requesters.groups
        }
        vobiz = ask(lambda: ask_vobiz(settings, clock), "vobiz_auth_id", "vobiz_auth_token", "vobiz_api_url")
        database = ask(lambda: ask_database(settings), "database_url")
    return Answers(
        token=_said(token),
        app=_said(opened or None),
        channel=_said(place or None),
        groups={group: _said(task) for group, task in groups.items()},
        vobiz=_said(vobiz),
        database=_said(database),
    )


def _said(task: asyncio.Task[T] | None) -> T | None:
    return None if task is None else task.result()


class Doctor:
    """Examinations in a running bot: whoever asks while one is under way gets its result."""

    def __init__(self, examine: Callable[[], Coroutine[None, None, tuple[Check, ...]]]) -> None:
        self._examine = examine
        self._under_way: asyncio.Task[tuple[Check, ...]] | None = None

    async def examine(self) -> tuple[Check, ...]:
        """Examine the deployment, in WITHIN seconds and a little."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._examine())
        # Who stops waiting, as a start that is stopped, stops it for nobody else.
        return await asyncio.shield(self._under_way)

    async def warn(self, ready: asyncio.Event) -> None:
        """Log each check that fails, once in a start: when it is ready, or takes longer than it should.

        What was found is for people: it may quote Vobiz or a driver, whose words have no place in a log.
        """
        # Not before, so that the start has the machine to itself; but a start in trouble may never be ready.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ready.wait(), _START)
        for check in await self.examine():
            if check.verdict is Verdict.FAILURE:
                _log.warning("a check failed", check=check.name, todo=check.todo)
