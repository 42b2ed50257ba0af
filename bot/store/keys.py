"""The keys that seal the record (TRUNK_AUDIT_KEY): with the database alone nobody can make a seal.

A seal is HMAC-SHA256 over the ids of the keys that were set and the hash of the event. The first key seals,
all of them verify. A key's id is 8 hex digits of a hash of it, so that an event says which key it needs.
"""

import hashlib
import hmac
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final, TypedDict

_ID_LENGTH: Final = 8


class Sealed(TypedDict):
    """What is stored of a seal, by column; NULL where there is none."""

    key: str | None
    seal: str | None


class Keys:
    """The keys of a deployment, the one that seals first; none where the record is not sealed.

    `name` is what events say of them, their ids: `1a2b3c4d`, or `1a2b3c4d,5e6f7a8b` while they are rotated.
    """

    def __init__(self, secrets: Iterable[bytes] = ()) -> None:
        self._secrets = MappingProxyType({key_id(secret): secret for secret in secrets})
        self.ids = tuple(self._secrets)
        self.name = ",".join(self.ids) or None

    def know(self, name: str) -> bool:
        """Whether any of the keys that were set for a seal is one of these."""
        return any(one in self._secrets for one in name.split(","))

    def seal(self, sealed: str) -> Sealed:
        """Seal an event's hash; without keys nothing is."""
        if self.name is None:
            return {"key": None, "seal": None}
        return {"key": self.name, "seal": _made(self._secrets[self.ids[0]], self.name, sealed)}

    def fits(self, name: str, sealed: str, seal: str) -> bool | None:
        """Whether a seal is the one of this hash; None when it was made with a key that is not known."""
        secret = self._secrets.get(name.partition(",")[0])
        return (
            None
            if secret is None
            else hmac.compare_digest(_made(secret, name, sealed).encode(), seal.encode())
        )


NO_KEYS: Final = Keys()


def key_id(secret: bytes) -> str:
    """Return what events call a key."""
    return hashlib.sha256(b"trunk-bot audit key " + secret).hexdigest()[:_ID_LENGTH]


def _made(secret: bytes, name: str, sealed: str) -> str:
    return hmac.digest(secret, f"{name}:{sealed}".encode(), "sha256").hex()
