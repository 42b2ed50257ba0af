"""The Slack app's manifest, for HTTP or Socket Mode: what the code listens to and calls. Pure.

Schema and limits: docs.slack.dev/reference/app-manifest, slackapi/manifest-schema 2.0.0.
"""

import re
from typing import Final
from urllib.parse import urlsplit

EVENTS_PATH: Final = "/slack/events"
PLACEHOLDER: Final = "https://YOUR-HOST"  # what manifest.yml is made for
URL_MAX: Final = 3000  # characters; the schema's limit for a command, the least of the three
# Each is needed by a method that the code calls; a test compares. A new one makes every workspace reinstall.
SCOPES: Final = (
    "commands",  # the slash command and the shortcut
    "chat:write",  # results in channels the bot is in, and in direct messages
    "usergroups:read",  # members of the groups in TRUNK_OPERATORS and TRUNK_REQUESTERS
)

_URL: Final = re.compile(r"https://[!-~]+", re.IGNORECASE)

Manifest = dict[str, object]


def request_url(given: str) -> str | None:
    """Return where Slack is to send everything, or None when `given` is no https address of a host.

    Without a path it is `EVENTS_PATH`; a path stays as it is, for a proxy that has its own.
    """
    if not _URL.fullmatch(given):
        return None
    try:
        parts = urlsplit(given)
        plain = parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # a port or an IPv6 address that is none
        return None
    if not plain or "?" in given or "#" in given:
        return None
    url = f"https://{parts.netloc}{parts.path.rstrip('/') or EVENTS_PATH}"
    return url if len(url) <= URL_MAX else None


def manifest(command: str, url: str | None) -> Manifest:
    """Return the manifest for a command's name and a request URL, or for Socket Mode without one."""
    where: Manifest = {} if url is None else {"request_url": url}
    slash: Manifest = {
        "command": command,
        **({} if url is None else {"url": url}),
        "description": "See, create and change Vobiz SIP trunks",
        "usage_hint": (
            'create "Sales" outbound 10 | list | show Sales | test Sales | edit Sales | enable Sales'
            " | disable Sales | credential Sales | allow Sales | route Sales | number Sales | delete Sales"
            " | status XXXX-XXXX | history | help"
        ),
        "should_escape": False,
    }
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Trunk",
            "description": "Creates and changes Vobiz SIP trunks. One confirmation, at most one change.",
            "background_color": "#12343b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "trunk", "always_online": True},
            "slash_commands": [slash],
            "shortcuts": [
                {
                    "name": "Create a SIP trunk",
                    "type": "global",
                    "callback_id": "create_trunk_shortcut",
                    "description": "Opens the form, and asks where to post the result",
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": ["app_home_opened"]},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(made: Manifest) -> str:
    """Write a manifest as YAML, with a line that says what to do with it."""
    import yaml  # noqa: PLC0415 - serving never writes one

    text: str = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=1000)
    return (
        f"# api.slack.com/apps > Create New App > From a manifest, or your app's App Manifest page.\n{text}"
    )
