"""What the page does in the sandbox, also for tests from outside: the control API."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from aiohttp import web

from bot.sandbox.answers import answer
from bot.sandbox.process import BotProcess
from bot.sandbox.shape import Json, items, mapping, parsed, text
from bot.sandbox.slack.client import Client
from bot.sandbox.slack.composer import Composer
from bot.sandbox.slack.entrances import Entrances
from bot.sandbox.slack.forms import Values
from bot.sandbox.slack.workspace import Workspace

TALK_MAX: Final = 86_400  # seconds


class Switches(Protocol):
    """What the control API turns on the sandbox as a whole."""

    async def fault(self, side: str, fault: str, times: int | None = None) -> None:
        """Switch a fault on, or with `none` off."""

    def change_trunk(self, trunk_id: str, act: str, value: str) -> None:
        """Change a trunk as somebody would in Vobiz's console."""

    def change_listed(self, name: str, identity: str, act: str, value: str) -> None:
        """Change a record of a list, or a number, likewise."""

    def place_call(self, trunk_id: str, seconds: int) -> Json:
        """Place a call on a trunk."""

    async def reset(self) -> None:
        """Forget all that happened."""

    @property
    def bot(self) -> BotProcess | None:
        """The bot, if it is a process of the sandbox."""


Handler = Callable[[Json], Awaitable[Json]]


class Control:
    """The routes below `/sandbox` that do something."""

    def __init__(
        self,
        space: Workspace,
        composer: Composer,
        client: Client,
        entrances: Entrances,
        switches: Switches,
    ) -> None:
        """Control one sandbox."""
        self._space = space
        self._composer = composer
        self._client = client
        self._entrances = entrances
        self._switches = switches

    def routes(self) -> list[web.RouteDef]:
        """Return what to put into the web application."""
        acts: dict[str, Handler] = {
            "command": self._command,
            "submit": self._submit,
            "close": self._close,
            "action": self._action,
            "home": self._home,
            "shortcut": self._shortcut,
            "fault": self._fault,
            "console": self._console,
            "call": self._call,
            "keyboard": self._keyboard,
            "bot": self._bot,
            "reset": self._reset,
        }
        return [web.post(f"/sandbox/{name}", _guarded(act)) for name, act in acts.items()]

    async def _command(self, body: Json) -> Json:
        user, channel, words = text(body.get("as")), text(body.get("channel")), text(body.get("text"))
        name = self._space.settings.command
        if not words.startswith("/"):
            error = self._composer.say(user, channel, words)
        elif words.split(maxsplit=1)[0] == name:
            result = await self._composer.command(user, channel, words)
            error = result.seen if result.failed else None
        else:
            error = f"{words.split(maxsplit=1)[0]} is not a valid command."
        return {"ok": True} if error is None else {"ok": False, "error": error}

    async def _submit(self, body: Json) -> Json:
        values = _values(body)
        result = await self._client.submit(text(body.get("as")), text(body.get("view_id")), values)
        if result.ok:
            return {"ok": True}
        return {"ok": False, "errors": result.errors, **({"error": result.seen} if result.seen else {})}

    async def _close(self, body: Json) -> Json:
        everything = body.get("everything") is True
        await self._client.close(text(body.get("as")), text(body.get("view_id")), everything=everything)
        return {"ok": True}

    async def _action(self, body: Json) -> Json:
        user, block, action = text(body.get("as")), text(body.get("block_id")), text(body.get("action_id"))
        value = body.get("value")
        given = value if isinstance(value, str) else None
        if body.get("view_id"):
            view = self._space.view(user, text(body.get("view_id")))
            if view is None:
                message = "the view is closed"
                raise LookupError(message)
            if "values" in body:
                view.values = _values(body)
            several = [text(one) for one in items(value)] if isinstance(value, list) else None
            result = await self._client.press(
                user, view, block, action, given if several is None else several
            )
        else:
            message_ = self._space.messages.find(text(body.get("channel")), text(body.get("ts")))
            if message_ is None or not message_.visible(user):
                message = "the message is gone"
                raise LookupError(message)
            result = await self._client.press_in(user, message_, block, action, given)
        return {"ok": True} if result.seen is None else {"ok": False, "error": result.seen}

    async def _home(self, body: Json) -> Json:
        # Slack shows nobody that an event was not answered; the log does.
        await self._entrances.open_home(text(body.get("as")))
        return {"ok": True}

    async def _shortcut(self, body: Json) -> Json:
        channel = text(body.get("channel")) or None
        result = await self._entrances.shortcut(text(body.get("as")), text(body.get("callback_id")), channel)
        return {"ok": True} if result.ok else {"ok": False, "error": result.seen}

    async def _fault(self, body: Json) -> Json:
        times = body.get("times")
        hits = times if isinstance(times, int) and not isinstance(times, bool) and times > 0 else None
        await self._switches.fault(text(body.get("side")), text(body.get("fault")), hits)
        return {"ok": True}

    async def _console(self, body: Json) -> Json:
        act, value = text(body.get("act")), text(body.get("value"))
        if "list" in body:
            self._switches.change_listed(text(body["list"]), text(body.get("id")), act, value)
        else:
            self._switches.change_trunk(text(body.get("trunk")), act, value)
        return {"ok": True}

    async def _call(self, body: Json) -> Json:
        seconds = body.get("seconds")
        talk = seconds if isinstance(seconds, int) and 0 <= seconds <= TALK_MAX else 0
        return {"ok": True, "call": self._switches.place_call(text(body.get("trunk")), talk)}

    async def _keyboard(self, body: Json) -> Json:
        self._space.keyboard = "phone" if body.get("keyboard") == "phone" else "plain"
        self._space.changes.note()
        return {"ok": True}

    async def _bot(self, body: Json) -> Json:
        bot, act = self._switches.bot, text(body.get("do"))
        acts = {} if bot is None else {"kill": bot.kill, "start": bot.start, "restart": bot.restart}
        if act not in acts:
            message = f"there is no bot to {act}"
            raise LookupError(message)
        await acts[act]()
        return {"ok": True}

    async def _reset(self, _body: Json) -> Json:
        await self._switches.reset()
        return {"ok": True}


def _values(body: Json) -> Values:
    """Read what stands in a form on the page."""
    return {
        block: {action: mapping(state) for action, state in mapping(actions).items()}
        for block, actions in mapping(body.get("values")).items()
    }


def _guarded(act: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        # Asking for JSON keeps other sites' forms out: a browser asks before it sends that across origins.
        body = parsed(await request.read()) if request.content_type == "application/json" else None
        if not isinstance(body, dict):
            return answer({"ok": False, "error": "send a JSON object"}, 400)
        try:
            return answer(await act(body))
        except (LookupError, ValueError) as error:
            return answer({"ok": False, "error": str(error)}, 404)

    return handle
