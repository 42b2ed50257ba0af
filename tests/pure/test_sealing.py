"""What leaves the process sealed can be read by nobody else and changed by nobody at all."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.outcome import Data
from bot.slack.sealing import METADATA_MAX, REPLY_LIFETIME, Form, Sealer

URL = "https://hooks.slack.com/commands/T1/2/secret"
FORM = Form(
    kind="create_trunk",
    operation="a" * 32,
    team="T1",
    user="U0ASHA001",
    channel="C1",
    opened_at=1_800_000_000,
    reply=URL,
)
TRUNK: Data = {"id": "0b7e1c7e-5f0c-4f0e-9d2b-3f1f6f1c2b1a", "name": "Sales Ü" * 36, "sip": "a1b2.vobiz.ai"}


def test_a_form_comes_back_and_fits_into_private_metadata() -> None:
    seen = {"same_name": [TRUNK] * 5, "same_names": 7, "ceiling": None, "readable": True}
    form = FORM.model_copy(update={"reply": URL + "x" * 200, "seen": seen})
    sealed = Sealer("xoxb-1").seal_form(form)
    assert Sealer("xoxb-1").open_form(sealed) == form
    assert len(sealed) < METADATA_MAX


def test_what_was_seen_is_left_out_when_it_does_not_fit() -> None:
    sealed = Sealer("xoxb-1").seal_form(FORM.model_copy(update={"seen": {"x": secrets.token_hex(4000)}}))
    assert len(sealed) < METADATA_MAX
    assert Sealer("xoxb-1").open_form(sealed) == FORM


def test_a_sealed_form_shows_nothing() -> None:
    sealed = Sealer("xoxb-1").seal_form(FORM)
    assert not any(secret in sealed for secret in ("hooks", "secret", FORM.operation, "U0ASHA001"))


def test_another_bots_form_does_not_open() -> None:
    assert Sealer("xoxb-2").open_form(Sealer("xoxb-1").seal_form(FORM)) is None


def test_a_new_token_opens_what_an_older_one_sealed_and_seals_with_its_own() -> None:
    sealer = Sealer("xoxb-2", older=("xoxb-1",))
    assert sealer.open_form(Sealer("xoxb-1").seal_form(FORM)) == FORM
    assert Sealer("xoxb-2").open_form(sealer.seal_form(FORM)) == FORM


def test_a_form_of_another_version_does_not_open() -> None:
    sealer = Sealer("xoxb-1")
    assert sealer.open_form(sealer.seal_form(FORM.model_copy(update={"v": 1}))) is None


def test_one_seal_is_not_taken_for_another() -> None:
    sealer = Sealer("xoxb-1")
    password = sealer.seal_text("hunter2")
    assert sealer.open_text(password) == "hunter2"
    assert sealer.open_form(password) is None
    assert sealer.open_reply(password) is None
    assert sealer.open_text(sealer.seal_form(FORM)) is None


@given(st.data())
def test_a_changed_form_does_not_open(data: st.DataObject) -> None:
    sealer = Sealer("xoxb-1")
    sealed = sealer.seal_form(FORM)
    at = data.draw(st.integers(0, len(sealed) - 4))  # the last characters may be padding bits
    other = data.draw(st.sampled_from("ABCDwxyz0189-_").filter(lambda ch: ch != sealed[at]))
    assert sealer.open_form(sealed[:at] + other + sealed[at + 1 :]) is None


@given(st.text())
def test_opening_anything_never_raises(text: str) -> None:
    assert Sealer("xoxb-1").open_form(text) is None
    assert Sealer("xoxb-1").open_reply(text) is None
    assert Sealer("xoxb-1").open_text(text) is None


@pytest.mark.parametrize(("late", "url"), [(0, URL), (REPLY_LIFETIME - 1, URL), (REPLY_LIFETIME, None)])
def test_a_reply_works_for_thirty_minutes_from_the_command(late: int, url: str | None) -> None:
    sealed = Sealer("xoxb-1").seal_reply(FORM)
    assert Sealer("xoxb-1", lambda: FORM.opened_at + late).open_reply(sealed) == url


def test_without_a_reply_there_is_none() -> None:
    sealer = Sealer("xoxb-1")
    assert sealer.seal_reply(FORM.model_copy(update={"reply": None})) is None
    assert sealer.open_reply(None) is None
