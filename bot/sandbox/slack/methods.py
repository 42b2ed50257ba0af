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
    users_info,
)
from bot.sandbox.slack.refusals import Args
from bot.sandbox.slack.view_methods import views_open, views_publish, views_push, views_update
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method; one of `scopes` is needed, or none when it is empty."""

    run: Callable[[Workspace, Args], Json]
    scopes: tuple[str, ...] = ()


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "auth.test": Method(auth_test),
        "views.open": Method(views_open),
        "views.push": Method(views_push),
        "views.update": Method(views_update),
        "views.publish": Method(views_publish),
        "chat.postMessage": Method(post_message, ("chat:write",)),
        "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
        "chat.update": Method(chat_update, ("chat:write",)),
        "chat.getPermalink": Method(permalink),
        "users.info": Method(users_info, ("users:read",)),
        "usergroups.users.list": Method(usergroup_users, ("usergroups:read",)),
        "conversations.info": Method(
            conversation_info, ("channels:read", "groups:read", "im:read", "mpim:read")
        ),
        "conversations.open": Method(
            conversation_open, ("im:write", "channels:manage", "groups:write", "mpim:write")
        ),
    }
)
