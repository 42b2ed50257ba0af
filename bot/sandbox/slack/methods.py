"""The Web API methods that the sandbox knows, and which scopes each needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.sandbox.shape import Json
from bot.sandbox.slack.chat_methods import chat_update, permalink, post_ephemeral, post_message
from bot.sandbox.slack.lookup_methods import (
    auth_test,
    conversation_info,
    conversation_open,
    usergroup_users,
    usergroups,
    users_info,
)
from bot.sandbox.slack.refusals import Args
from bot.sandbox.slack.view_methods import views_open, views_publish, views_push, views_update
from bot.sandbox.slack.workspace import Workspace

TIER_2: Final = 20
TIER_3: Final = 50
TIER_4: Final = 100


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method; one of `scopes` is needed, or none when it is empty.

    `a_minute` is what its tier takes at least (docs.slack.dev/apis/web-api/rate-limits); None where Slack
    states no tier.
    """

    run: Callable[[Workspace, Args], Json]
    scopes: tuple[str, ...] = ()
    a_minute: int | None = TIER_4


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "auth.test": Method(auth_test, a_minute=None),
        "views.open": Method(views_open),
        "views.push": Method(views_push),
        "views.update": Method(views_update),
        "views.publish": Method(views_publish),
        "chat.postMessage": Method(post_message, ("chat:write",), None),
        "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
        "chat.update": Method(chat_update, ("chat:write",), TIER_3),
        "chat.getPermalink": Method(permalink, a_minute=None),
        "users.info": Method(users_info, ("users:read",)),
        "usergroups.list": Method(usergroups, ("usergroups:read",), TIER_2),
        "usergroups.users.list": Method(usergroup_users, ("usergroups:read",), TIER_2),
        "conversations.info": Method(
            conversation_info, ("channels:read", "groups:read", "im:read", "mpim:read")
        ),
        "conversations.open": Method(
            conversation_open, ("im:write", "channels:manage", "groups:write", "mpim:write")
        ),
    }
)
