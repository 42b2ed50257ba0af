"""The proxy that a call goes out through, by one rule for all: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY.

httpx follows it by itself. slack_sdk takes HTTPS_PROXY for everything and knows no NO_PROXY, aiohttp nothing
or, with `trust_env`, a variable WSS_PROXY that nobody sets: both are told.
"""

from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SCHEMES: Final = {"ws": "http", "wss": "https"}


def is_local(address: str) -> bool:
    """Tell whether an address is on this machine: a proxy stands before the internet, not before that."""
    return urlsplit(address).hostname in _LOCAL


def proxy_for(address: str) -> str | None:
    """Return the proxy for an address (http, https, ws or wss), or None to connect directly."""
    url = urlsplit(address)
    if is_local(address) or proxy_bypass(url.hostname or ""):
        return None
    proxies = getproxies()
    proxy = proxies.get(_SCHEMES.get(url.scheme, url.scheme)) or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy
