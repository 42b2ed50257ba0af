"""`/trunk test` through Slack: from the command, a choice of several, and the button under a trunk."""

import asyncio

import pytest

from bot.domain.outcome import Data
from bot.kinds.registry import KINDS, Kinds
from bot.sandbox.slack.messages import Message
from bot.workflow.first_calls import EVERY
from tests.flow.conftest import ASHA, BEN, RIA, VOICE, House, SkippingClock
from tests.kinds.examples import newest, submits
from tests.kinds.toy import PrintBadge


async def asked(house: House, command: str, words: str = "checks", user: str = ASHA) -> Message:
    """Type a command, and wait for the answer that only the person sees."""
    await house.sandbox.command(user, VOICE, command)
    return await house.heard(words, user=user)


@pytest.fixture
def tested(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose bot looks at the sandbox's SIP side."""
    sip = empty_house.sandbox.sip
    monkeypatch.setenv("SSL_CERT_FILE", str(sip.trust))
    changes = {"trunk_probe": True, "trunk_probe_sandbox": sip.dns}
    empty_house.settings = empty_house.settings.model_copy(update=changes)
    return empty_house


async def test_a_trunk_that_works_is_told_so_with_what_the_pbx_needs(tested: House) -> None:
    trunk = tested.sandbox.add_trunk("Sales")
    tested.sandbox.vobiz.account.attach(
        trunk, "credential_uuid", {"username": "sales", "realm": "MA_SANDBOX1.sip.vobiz.ai"}
    )
    async with tested.bot():
        result = await tested.sandbox.command(ASHA, VOICE, 'test "Sales"')
        assert (result.status, result.failed) == (200, False)
        message = await tested.heard("checks")
    assert "all 6 checks are OK" in message.text
    assert "Transport: UDP" in message.text
    assert "Realm: MA" in message.text
    assert message.to == ASHA


@pytest.mark.parametrize(
    ("side", "fault", "changes", "words"),
    [
        ("sip", "forbidden", {}, "answered 403 Forbidden"),
        ("sip", "no_name", {}, "there is no such name"),
        ("sip", "other_name", {"transport": "tls", "secure": True}, "for another name"),
        ("sip", "none", {"transport": "tls"}, "are silent"),
        ("vobiz", "no_balance", {}, "no money for calls"),
        (
            "vobiz",
            "lists_fail",
            {"credential_uuid": "aabbccdd-1234-5678-90ab-cdef12345678"},
            "did not say whether",
        ),
        ("sip", "none", {"trunk_status": "inactive"}, "/trunk enable"),
    ],
)
async def test_what_is_not_ok_or_not_known_is_told_with_what_to_do(
    tested: House, side: str, fault: str, changes: dict[str, object], words: str
) -> None:
    tested.sandbox.add_trunk("Sales").update(changes)
    await tested.sandbox.fault(side, fault)
    async with tested.bot():
        assert words in (await asked(tested, "test Sales")).text


async def test_what_was_enabled_is_examined_and_its_message_says_what_it_lacks(tested: House) -> None:
    trunk = tested.sandbox.add_trunk("Sales")
    trunk["trunk_status"] = "inactive"
    await tested.sandbox.fault("sip", "forbidden")
    async with tested.bot():
        await tested.sandbox.command(ASHA, VOICE, "enable Sales")
        await tested.sandbox.wait_for(lambda: submits(tested))
        assert (await tested.sandbox.submit_form(ASHA)).ok
        message = await tested.heard("checks")
    (said,) = tested.said()
    assert said == message.text
    assert "Trunk “Sales” enabled" in said
    assert "1 of 6 checks is not OK" in said
    assert "so it takes no outbound call" in said
    assert "OK · Status, Balance, Calls at once, SIP domain in DNS, Answer to SIP" in said
    # The answer quotes no server and no balance to the whole channel.
    assert "403" not in said
    assert "INR" not in said


async def test_what_waits_for_an_approval_is_pointed_to_and_not_asked_for_once_more(tested: House) -> None:
    trunk = tested.sandbox.add_trunk("Sales")
    trunk["trunk_status"] = "inactive"
    async with tested.bot():
        await tested.sandbox.command(RIA, VOICE, "credential Sales")
        await tested.sandbox.wait_for(lambda: submits(tested, RIA))
        assert (await tested.sandbox.submit_form(RIA)).ok
        waiting = await tested.heard("Waiting for approval", user=RIA)
        status = f"/trunk status {tested.reference(waiting.words)}"
        told = (await asked(tested, "test Sales")).words
        assert f"Wait for the open request: {status}" in told
        assert "/trunk credential" not in told
        await tested.sandbox.command(ASHA, VOICE, "enable Sales")
        await tested.sandbox.wait_for(lambda: submits(tested))
        assert (await tested.sandbox.submit_form(ASHA)).ok
        enabled = await tested.heard("1 of 6 checks")
    # That stays, and is read when the request may have ended otherwise.
    assert f"A request for that was open then: {status}" in enabled.words


class SetUpBadge(PrintBadge):
    """A kind that makes a trunk which shall carry calls."""

    proves, watched = True, True

    def about(self, known: Data, seen: Data) -> str:
        del known, seen
        return ""


async def test_the_first_call_after_a_set_up_is_told_once_in_the_thread(tested: House) -> None:
    tested.kinds, clock = Kinds((*KINDS, SetUpBadge())), SkippingClock()
    async with tested.bot(clock):
        await tested.sandbox.command(ASHA, VOICE, "badge Sales 1")
        await tested.sandbox.wait_for(lambda: submits(tested))
        assert (await tested.sandbox.submit_form(ASHA)).ok
        result = await tested.heard("checks")
        (trunk,) = tested.sandbox.trunks
        # An inbound trunk, as badges are.
        tested.sandbox.vobiz.account.attach(trunk, "primary_uri_uuid", {"uri": "sip:pbx.example.com"})
        tested.sandbox.vobiz.account.add_number("+14155550100", trunk)
        tested.sandbox.place_call(str(trunk["trunk_id"]), 34)
        tested.sandbox.place_call(str(trunk["trunk_id"]), 5)

        def replies() -> list[Message]:
            return [one for one in tested.sandbox.messages(VOICE, ASHA) if one.thread_ts == result.ts]

        async with asyncio.timeout(15):
            while not replies():
                clock.skip(EVERY)
                await asyncio.sleep(0.02)
        (call,) = replies()
        assert (await newest(tested)).watch_until is None
    assert "First call carried at" in call.text
    assert "UTC: answered, 34 s" in call.text
    assert not any(number in str(call) for number in ("+1415", "5550100", "5550123"))


async def test_of_several_trunks_of_a_name_one_is_chosen(tested: House) -> None:
    first, second = tested.sandbox.add_trunk("Sales"), tested.sandbox.add_trunk("Sales")
    async with tested.bot():
        await asked(tested, "test Sales", "It may be any of these 2")
        await tested.sandbox.action(ASHA, "trunk.test", value=str(second["trunk_id"]))
        message = await tested.heard("checks")
    assert str(second["trunk_domain"]) in message.text
    assert str(first["trunk_domain"]) not in message.text


async def test_who_may_not_ask_for_trunks_may_not_test_them(tested: House) -> None:
    tested.sandbox.add_trunk("Sales")
    async with tested.bot():
        result = await tested.sandbox.command(BEN, VOICE, "test Sales")
        assert "checks" not in (result.seen or "")
        assert "checks" in (await asked(tested, "test Sales", user=RIA)).text
    assert not [entry for entry in tested.sandbox.deliveries if entry.what.startswith("POST trunks")]


async def test_a_trunk_that_is_gone_since_it_was_listed_is_not_judged(tested: House) -> None:
    trunk = tested.sandbox.add_trunk("Sales")
    async with tested.bot():
        await asked(tested, "list", "1 SIP trunk")
        tested.sandbox.vobiz.account.trunks.remove(trunk)
        message = await asked(tested, "test Sales", "There is no trunk")
    assert str(trunk["trunk_id"]) in message.text
