"""The Home tab: what it holds for whom, that Slack takes it however much there is, that nothing pings."""

from dataclasses import replace

import pytest

from bot.blockkit.blocks import Block
from bot.domain.history import Overview
from bot.domain.operation import Operation
from bot.domain.policy import (
    Allowed,
    Decision,
    Denial,
    Denied,
    Members,
    NeedsApproval,
    Undetermined,
    Unverified,
)
from bot.domain.records import Post
from bot.kinds.registry import KINDS
from bot.sandbox.blockkit.validation import problems, size
from bot.words.home import Manner, home_view
from tests.wording_samples import (
    HOSTILE_NAMES,
    OPERATION,
    OPERATIONS,
    TRUNK,
    created,
    dictionaries,
    named,
    readable,
)

AWAITING = OPERATIONS["awaiting, in full"]
CREATED = OPERATIONS["created"]
UNKNOWN = OPERATIONS["unknown"]
STARTS = ["home.create", "home.list"]
MAY: tuple[Decision, ...] = (Allowed(), NeedsApproval("U0BEN0001", Members()))
MAY_NOT: tuple[Decision, ...] = (
    Denied(Denial.NOT_OPERATOR, "U0BEN0001"),
    Denied(Denial.OTHER_TEAM, "U0ZOE0001"),
    Undetermined("U0BEN0001", frozenset({"S0ONCALL1"})),
)
Ops = tuple[Operation, ...]


PLAIN = Manner(tables=False)


def home_of(
    person: str, decision: Decision | Unverified, seen: Overview | None = None, manner: Manner = PLAIN
) -> Block:
    seen = seen or Overview((), (), (), (), ())
    return home_view(person, seen, decision=decision, kinds=KINDS, manner=manner)


def view(
    waiting: Ops = (),
    mine: Ops = (),
    unknown: Ops = (),
    last: Ops = (),
    ended: Ops = (),
    *,
    manner: Manner = PLAIN,
) -> Block:
    seen = Overview(waiting=waiting, mine=mine, ended=ended, unknown=unknown, last=last)
    return home_of("U0ASHA001", Allowed(), seen, manner)


def action_ids(home: Block) -> list[str]:
    return [str(part["action_id"]) for part in dictionaries(home) if "action_id" in part]


def test_slack_takes_every_home_however_much_there_is() -> None:
    # What a state shows does not depend on the name: each name with one state, each state with the longest.
    longest = max(HOSTILE_NAMES, key=lambda kind: len(HOSTILE_NAMES[kind].encode()))
    pairs = {(kind, "created") for kind in HOSTILE_NAMES} | {(longest, state) for state in OPERATIONS}
    for kind, state in sorted(pairs):
        name, op = HOSTILE_NAMES[kind], OPERATIONS[state]
        many = (named(op, name),) * 60
        home = view(many, many, many, many, many, manner=Manner(tables=state.startswith("created")))
        assert problems("home", home) == [], (kind, state)
        assert size(home) < 250_000, (kind, state)
        blocks = home["blocks"]
        assert isinstance(blocks, list)
        assert len(blocks) <= 100, (kind, state)
        kinds = {part.get("type") for part in dictionaries(home)}
        assert not kinds & {"mrkdwn", "link", "broadcast", "emoji"}, (kind, state)


@pytest.mark.parametrize("decision", [*MAY, *MAY_NOT], ids=lambda decision: type(decision).__name__)
def test_an_empty_home_says_so_and_offers_what_the_person_may_do(decision: Decision) -> None:
    home = home_of("U0BEN0001", decision, manner=Manner("/voice"))
    assert problems("home", home) == []
    mine = "None of your requests has been carried out yet."
    none = "No changes yet." if isinstance(decision, Allowed) else mine
    for words in ("You have no open requests.", none):
        assert words in readable(home)
    # Who can never approve is not shown that nothing is waiting for them.
    assert ("Nothing is waiting for your approval." in readable(home)) == isinstance(decision, Allowed)
    assert "Nothing was done" not in readable(home)
    assert "do not request them again" not in readable(home)
    assert action_ids(home) == (STARTS if decision in MAY else [])


def test_who_is_of_no_known_workspace_sees_their_own_and_can_say_who_they_are() -> None:
    home = home_of("U0ZOE0001", Unverified(), Overview((), (AWAITING,), (), (), ()))
    assert problems("home", home) == []
    assert action_ids(home) == ["home.show", "approval.withdraw"]
    assert "approval." not in readable(home_of("U0ZOE0001", Unverified()))


def test_unknown_outcomes_come_first() -> None:
    asking = OPERATIONS["asking, nothing found"]
    text = readable(view(unknown=(UNKNOWN, asking)))
    assert text.startswith("Vobiz did not confirm these: do not request them again")
    assert "I am looking for the trunk in the account." in text
    assert f"/trunk status {asking.ref}" in text


def test_what_must_be_decided_has_its_buttons_for_those_who_may_and_a_link_where_the_message_is_known() -> (
    None
):
    asking, several = OPERATIONS["asking, nothing found"], OPERATIONS["asking, candidates"]
    seen = Overview((), (asking,), (), (asking,), (), {asking.id: Post("C0VOICE01", "1.2")})
    manner = Manner(link=lambda post: f"https://acme.slack.com/archives/{post.channel}/p12")
    home = home_of("U0ASHA001", Allowed(), seen, manner)
    assert action_ids(home) == ["trunk.check_again", "trunk.send_again", "trunk.give_up", *STARTS]
    (link,) = [part for part in dictionaries(home) if part.get("type") == "link"]
    assert link["url"] == "https://acme.slack.com/archives/C0VOICE01/p12"
    assert readable(home).count(asking.ref) == 2, "once, and in the command"
    requester = home_of("U0ASHA001", NeedsApproval("U0ASHA001", Members()), seen, manner)
    assert action_ids(requester) == STARTS
    # What was found is listed in the message alone, with a button beside each.
    assert action_ids(view(unknown=(several,))) == STARTS


def test_the_last_changes_are_a_table_where_slack_takes_one() -> None:
    home = view(last=(CREATED,), manner=Manner())
    (table,) = [part for part in dictionaries(home) if part.get("type") == "data_table"]
    assert table["row_header_column_index"] == 0
    for words in ("Sales", "Trunk created: outbound, 10 calls", TRUNK.id, OPERATION.ref, "you"):
        assert words in readable(table)
        assert words in readable(view(last=(CREATED,)))


def test_what_waits_can_be_decided_and_is_bound_to_what_is_shown() -> None:
    home = view(waiting=(AWAITING, replace(AWAITING, id="ff" * 16)))
    assert action_ids(home) == [*STARTS, *["approval.approve", "approval.deny"] * 2]
    values = [part["value"] for part in dictionaries(home) if "value" in part]
    assert values[2:4] == [f"{AWAITING.id} {AWAITING.bound}"] * 2
    for words in ("Launch on Monday", "MA_SANDBOX1", AWAITING.ref, "Sales", "10 calls"):
        assert words in readable(home)


def test_only_what_still_waits_can_be_withdrawn() -> None:
    home = view(mine=(AWAITING, OPERATION), ended=(OPERATIONS["denied, in full"],))
    assert action_ids(home) == [*STARTS, "approval.withdraw"]
    assert "It was denied\n by \nU0OMAR001" in readable(home)
    assert "Use the old one" in readable(home)


def test_what_ended_is_apart_from_what_is_open() -> None:
    text = readable(view(ended=(OPERATIONS["denied, in full"],)))
    assert (
        text.index("You have no open requests.") < text.index("recently closed") < text.index("It was denied")
    )
    assert "recently closed" not in readable(view())


def test_the_last_trunks_show_their_ids_ready_to_copy_and_whose_they_are() -> None:
    home = view(last=(CREATED, replace(CREATED, requester="U0OMAR001")))
    codes = [part["text"] for part in dictionaries(home) if part.get("style") == {"code": True}]
    assert codes == [TRUNK.id, OPERATION.ref] * 2
    assert "you" in readable(home).splitlines()
    assert "U0OMAR001" in readable(home)
    assert "U0ASHA001" not in readable(home)


@pytest.mark.parametrize("shown", [11, 60])
def test_each_list_says_that_there_is_more_and_not_how_much(shown: int) -> None:
    many, unknown = (AWAITING,) * shown, (replace(UNKNOWN, id="ab" * 16),) * shown
    text = readable(view(many, many, unknown, (CREATED,) * shown, many))
    assert text.count("There are more: \n/trunk history\n shows them.") == 5
    assert "There are more" not in readable(view(many[:10]))


def test_what_was_done_is_named_with_what_it_is_about() -> None:
    shown = readable(view(last=(CREATED,))).replace("\n", "")
    assert f"“Sales” · Trunk created: outbound, 10 calls · {TRUNK.id} · you · " in shown
    assert OPERATION.ref in readable(view(last=(created(None),)))


def test_an_operation_of_an_unknown_kind_is_listed() -> None:
    op = OPERATIONS["unheard_of: awaiting, in full"]
    shown = readable(view((op,), (op,), (replace(op, id="ab" * 16),), (op,), (op,)))
    assert shown.count(op.ref) == 4
