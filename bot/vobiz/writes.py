"""A write to Vobiz: one method, path and body. No other method and path than these is ever sent.

An id that Vobiz gave is part of a path, and may be none that a path can have: that is no defect, so what is
not on the list is a value, which `VobizClient.write` does not send.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.domain.outcome import Data
from bot.vobiz.trunks import UUID

Method = Literal["POST", "PUT", "DELETE"]

_E164: Final = r"\+[1-9][0-9]{6,14}"
# Below /api/v1/Account/{auth_id}. Ids are checked as UUIDs: GET trunks/credentials is a list, not a trunk.
# `DELETE numbers/{e164}` without /assign is not here: it gives the number back for a fee (facts of the API).
_ALLOWED: Final = tuple(
    (method, re.compile(path))
    for method, path in (
        ("POST", "trunks"),
        ("PUT", f"trunks/{UUID.pattern}"),
        ("DELETE", f"trunks/{UUID.pattern}"),
        ("POST", "(?:credentials|ip-acl|origination-uris)"),
        ("PUT", f"(?:credentials|ip-acl|origination-uris)/{UUID.pattern}"),
        ("DELETE", f"(?:credentials|ip-acl|origination-uris)/{UUID.pattern}"),
        ("POST", f"numbers/{_E164}/assign"),
        ("DELETE", f"numbers/{_E164}/assign"),
    )
)


@dataclass(frozen=True, slots=True)
class Write:
    """One request that changes the account. `call` is what metrics name it; `path` is below the account's.

    `secret` is the password that the body holds, if it holds one: an answer that repeats it is redacted.
    """

    call: str
    method: Method
    path: str
    body: Data | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of records that it is about, in small letters: a refusal may repeat them."""
        return frozenset(re.findall(UUID.pattern, f"{self.path} {dict(self.body or {})}".lower()))

    @property
    def allowed(self) -> bool:
        """Whether it is on the list: a path that was put together wrongly could give a number back."""
        return any(self.method == method and path.fullmatch(self.path) for method, path in _ALLOWED)
