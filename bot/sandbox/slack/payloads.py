"""The bodies that Slack sends to a bot: commands, interactions and events. Pure.

Sources: docs.slack.dev/interactivity/implementing-slash-commands and /reference/interaction-payloads.
"""

import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.sandbox.shape import Json, text
from bot.sandbox.slack import people
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.people import Channel, Person
from bot.sandbox.slack.views import View

# The deprecated verification token; a bot must not rely on it.
VERIFICATION_TOKEN = "sandboxVerificationToken"  # noqa: S105 (it opens nothing)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as it was typed; `enterprise` is the organisation of the person's workspace."""

    person: Person
    channel: Channel
    command: str
    text: str
    response_url: str
    trigger_id: str
    enterprise: str | None = None


def command_body(sent: Command) -> bytes:
    """Return the form of a slash command."""
    names = {"public": sent.channel.name, "private": "privategroup", "dm": "directmessage"}
    fields = {
        "token": VERIFICATION_TOKEN,
        "team_id": sent.person.team,
        "team_domain": people.TEAM_DOMAIN if sent.person.team == people.TEAM else "other",
        "channel_id": sent.channel.id,
        "channel_name": names[sent.channel.kind],
        "user_id": sent.person.id,
        "user_name": sent.person.handle,
        "command": sent.command,
        "text": sent.text,
        "api_app_id": people.APP_ID,
        "is_enterprise_install": "false",
        "response_url": sent.response_url,
        "trigger_id": sent.trigger_id,
        **({} if sent.enterprise is None else {"enterprise_id": sent.enterprise, "enterprise_name": "Acme"}),
    }
    return urlencode(fields).encode()


def home_opened(person: Person, tab: str, view: View | None, at: float) -> bytes:
    """Return the JSON of the event that a person opened the app's Home (or Messages) tab.

    Source: docs.slack.dev/reference/events/app_home_opened; the `view` is there once one was published.
    """
    event: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": person.dm,
        "tab": tab,
        "event_ts": f"{at:.6f}",
    }
    if view is not None and tab == "home":
        event["view"] = view.payload()
    authorization: Json = {
        "enterprise_id": None,
        "team_id": people.TEAM,
        "user_id": people.BOT_USER,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    envelope: Json = {
        "token": VERIFICATION_TOKEN,
        "team_id": people.TEAM,
        "api_app_id": people.APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(at),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }
    return json.dumps(envelope, ensure_ascii=False).encode()


def shortcut(person: Person, callback_id: str, trigger_id: str, at: float) -> Json:
    """Return what a global shortcut sends: no channel and no response_url."""
    common = _common("shortcut", person)
    del common["api_app_id"]
    return {**common, "callback_id": callback_id, "trigger_id": trigger_id, "action_ts": f"{at:.6f}"}


def interaction_body(payload: Json, enterprise: str | None = None) -> bytes:
    """Return the form of an interaction; `enterprise` is the organisation of the person's workspace."""
    if enterprise is not None:
        payload = {**payload, "enterprise": {"id": enterprise, "name": "Acme"}}
    return urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()


def _common(kind: str, person: Person) -> Json:
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": person.team,
        },
        "team": {"id": people.TEAM, "domain": people.TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "api_app_id": people.APP_ID,
        "token": VERIFICATION_TOKEN,
    }


def view_submission(person: Person, view: View, trigger_id: str, response_urls: list[Json]) -> Json:
    """Return what a pressed submit button sends; a conversations_select can ask for response URLs."""
    return {
        **_common("view_submission", person),
        "trigger_id": trigger_id,
        "view": view.payload(),
        "response_urls": response_urls,
    }


def view_closed(person: Person, view: View, *, cleared: bool) -> Json:
    """Return what closing sends for a view with `notify_on_close`; `cleared` means the x button."""
    return {**_common("view_closed", person), "view": view.payload(), "is_cleared": cleared}


def view_action(person: Person, view: View, action: Json, trigger_id: str) -> Json:
    """Return what a button in a modal or on the Home tab sends."""
    return {
        **_common("block_actions", person),
        "trigger_id": trigger_id,
        "container": {"type": "view", "view_id": view.id},
        "view": view.payload(),
        "actions": [action],
    }


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button pressed in a message."""

    person: Person
    channel: Channel
    message: Message
    action: Json
    trigger_id: str
    response_url: str


def message_action(pressed: Pressed) -> Json:
    """Return what a button in a message sends; an ephemeral message is not part of it."""
    message, channel = pressed.message, pressed.channel
    ephemeral = message.to is not None
    payload: Json = {
        **_common("block_actions", pressed.person),
        "trigger_id": pressed.trigger_id,
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        },
        "channel": {"id": channel.id, "name": "directmessage" if channel.kind == "dm" else channel.name},
        "state": {"values": {}},
        "response_url": pressed.response_url,
        "actions": [pressed.action],
    }
    if not ephemeral:
        payload["message"] = {**message.payload(), "team": people.TEAM}
    return payload


def choice(element: Json, block_id: str, state: Json, at: float) -> Json:
    """Return the `actions` entry of an input that tells what was chosen in it: its `state` in the view."""
    return {**state, **_made(element, block_id, at)}


def _made(element: Json, block_id: str, at: float) -> Json:
    return {
        "action_id": text(element.get("action_id")),
        "block_id": block_id,
        "type": text(element.get("type")),
        "action_ts": f"{at:.6f}",
    }


def action(element: Json, block_id: str, value: str | None, at: float) -> Json:
    """Return the `actions` entry of an element; `value` replaces a button's own or names an option."""
    made = _made(element, block_id, at)
    if element.get("type") == "conversations_select":
        return {**made, "selected_conversation": value}
    if element.get("type") == "users_select":
        return {**made, "selected_user": value}
    if element.get("type") != "button":
        options = element.get("options")
        chosen = [o for o in options if o.get("value") == value] if isinstance(options, list) else []
        return {**made, "selected_option": chosen[0] if chosen else None}
    made["text"] = element.get("text")
    held = element.get("value") if value is None else value
    return made if held is None else {**made, "value": held}
