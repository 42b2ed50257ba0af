"""Deliveries open to what went over the wire, and nothing in them opens anything."""

import pytest

from bot.sandbox.exchange import HIDDEN, TEXT_MAX, written
from bot.sandbox.shape import items, mapping, text
from tests.sandbox.standin import VIEW, Bot

ASHA, VOICE = "U0ASHA001", "C0VOICE01"


async def opened(bot: Bot) -> dict[str, str]:
    """Open every delivery on the page: by what it is, request and response in one text."""
    page = bot.sandbox.page_url
    state = mapping((await bot.http.get(f"{page}sandbox/state", params={"as": ASHA})).json())
    made = {}
    for entry in map(mapping, items(state["deliveries"])):
        shown = mapping((await bot.http.get(f"{page}sandbox/delivery/{entry['id']}")).json())
        made[text(entry["what"])] = f"{shown['request']}\n=>\n{shown['response']}"
    return made


async def test_both_sides_of_every_way_are_shown_without_secrets(bot: Bot) -> None:
    bot.opens(VIEW)
    await bot.sandbox.command(ASHA, VOICE, 'create "Sales"')
    bot.react = None
    view = bot.sandbox.view_of(ASHA)
    assert view is not None
    await bot.sandbox.submit(ASHA, view.id, view.values)
    address = text(bot.got[0]["response_url"])
    await bot.http.post(address, json={"text": "done"})
    await bot.http.get(
        f"{bot.sandbox.vobiz_api_url}/api/v1/auth/me",
        headers={"X-Auth-ID": bot.sandbox.vobiz_auth_id, "X-Auth-Token": bot.sandbox.vobiz_auth_token},
    )
    shown = await opened(bot)
    assert '"text": "create \\"Sales\\""' in shown["slash command /trunk"]
    assert '"type": "view_submission"' in shown["view_submission form"]
    assert '"title"' in shown["views.open"]
    assert '"ok": true' in shown["views.open"]
    assert '"text": "done"' in shown["response_url"]
    assert '"is_active": true' in shown["GET me"]
    everything = "\n".join(shown.values())
    for secret in (
        bot.sandbox.bot_token,
        bot.sandbox.vobiz_auth_token,
        address.rpartition("/")[2],
        *(text(got["trigger_id"]) for got in bot.got),
        *(text(got["token"]) for got in bot.got),
        "v0=",
    ):
        assert secret not in everything
    assert everything.count(HIDDEN) > len(shown)


async def test_a_delivery_that_is_no_longer_kept_is_gone(bot: Bot) -> None:
    response = await bot.http.get(f"{bot.sandbox.page_url}sandbox/delivery/77")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("body", "kind", "shown"),
    [
        (b'{"password":"s3cret","username":"a"}', "application/json", '"username": "a"'),
        (b'{"url":"wss://x/?ticket=s3cret&a=1"}', "application/json", "&a=1"),
        (b"see http://x/slack/response/s3cret now", "text/plain", " now"),
        (b"payload=%7B%22response_urls%22%3A%5B%7B%22response_url%22%3A%22s3cret%22%7D%5D%7D",
         "application/x-www-form-urlencoded", '"response_urls"'),
        (b"{broken s", "application/json", "{broken s"),
        (b"\xff\xfe", "application/json", "\N{REPLACEMENT CHARACTER}"),
    ],
)  # fmt: skip
def test_a_body_of_any_shape_is_written_without_its_secrets(body: bytes, kind: str, shown: str) -> None:
    made = written("POST /x", {"Authorization": "Bearer s3cret", "Cookie": "s3cret"}, body, kind)
    assert shown in made
    assert "s3cret" not in made


def test_a_body_without_end_is_cut() -> None:
    made = written("POST /x", {}, b"x" * (TEXT_MAX + 1), "text/plain")
    assert made.endswith("(cut here)")
