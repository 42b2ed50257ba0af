"""Asking the sandbox's Vobiz as its account does."""

import httpx

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json


async def ask(
    sandbox: Sandbox, http: httpx.AsyncClient, method: str, path: str, body: Json | None = None
) -> httpx.Response:
    url = f"{sandbox.vobiz_api_url}/api/v1/Account/{sandbox.vobiz_auth_id}/{path}"
    headers = {"X-Auth-ID": sandbox.vobiz_auth_id, "X-Auth-Token": sandbox.vobiz_auth_token}
    return await http.request(method, url, json=body, headers=headers)
