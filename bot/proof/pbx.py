"""What the other side (the PBX) has to be set to, as far as the account says it. Pure; never a password."""

from dataclasses import dataclass

from bot.proof.account import Reading, numbers_of, record_of
from bot.vobiz.lists import Part
from bot.vobiz.trunks import Trunk


@dataclass(frozen=True, slots=True)
class Pbx:
    """Settings to copy; None is what does not apply, or was not said.

    `address` is where calls may come from without a login. `route` is where inbound calls are sent.
    """

    domain: str | None
    transport: str | None
    secure: bool | None
    user: str | None = None
    realm: str | None = None
    address: str | None = None
    route: str | None = None
    numbers: tuple[str, ...] = ()


def pbx(trunk: Trunk, reading: Reading) -> Pbx:
    """Collect what the other side has to be set to."""
    now = reading.now
    login = record_of(trunk.credential, Part.CREDENTIALS, now)
    address = record_of(trunk.acl, Part.ADDRESSES, now)
    route = record_of(trunk.route or trunk.fallback, Part.ROUTES, now)
    return Pbx(
        domain=trunk.domain,
        transport=trunk.transport,
        secure=trunk.secure,
        user=login.text if login else None,
        realm=login.realm if login else None,
        address=address.text if address else None,
        route=route.text if route else reading.destination,
        numbers=tuple(number.text for number in numbers_of(trunk, now)),
    )
