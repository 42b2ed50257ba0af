"""Where each kind of block may stand, and which fields it has.

Sources: docs.slack.dev/reference/block-kit/blocks and slack_sdk/models/blocks (3.47).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ALL: Final = frozenset({"message", "modal", "home"})
_WIDE: Final = frozenset({"message", "home"})
_MESSAGE: Final = frozenset({"message"})

# Where each block may stand (the "surfaces" line of each block's page).
SURFACES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "section",
                "header",
                "context",
                "actions",
                "input",
                "rich_text",
                "divider",
                "image",
                "video",
                "card",
            ),
            _ALL,
        ),
        **dict.fromkeys(("table", "data_table", "data_visualization", "container", "carousel"), _WIDE),
        **dict.fromkeys(("markdown", "file", "task_card", "plan", "context_actions"), _MESSAGE),
        "alert": frozenset({"modal"}),
    }
)

FIELDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "section": frozenset({"text", "fields", "accessory", "expand"}),
        "header": frozenset({"text", "level"}),
        "context": frozenset({"elements"}),
        "actions": frozenset({"elements"}),
        "input": frozenset({"label", "element", "hint", "optional", "dispatch_action"}),
        "rich_text": frozenset({"elements"}),
        "divider": frozenset(),
        "image": frozenset({"image_url", "alt_text", "title", "slack_file"}),
        "alert": frozenset({"text", "level"}),
        "card": frozenset({"hero_image", "icon", "title", "subtitle", "body", "actions"}),
        "table": frozenset({"rows", "column_settings"}),
        "data_table": frozenset({"rows", "caption", "page_size", "row_header_column_index"}),
        "container": frozenset(
            {"title", "rich_text_title", "subtitle", "child_blocks", "is_collapsible", "default_collapsed"}
            | {"width", "icon"}
        ),
        "markdown": frozenset({"text"}),
        "plan": frozenset({"title", "tasks"}),
        "task_card": frozenset({"task_id", "title", "status", "details", "output", "sources"}),
    }
)
