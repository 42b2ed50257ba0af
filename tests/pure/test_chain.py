"""The chain: whatever is changed, removed, moved or put in between is found, and where."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.store.chain import GENESIS, START, Broken, Intact, Link, Misfit, seal, verify

Said = tuple[str, int, str, str, str | None, str]

TEXTS = st.text(max_size=12)
EVENTS = st.tuples(TEXTS, st.integers(0, 2**53), TEXTS, TEXTS, st.none() | TEXTS, TEXTS)
RECORDS = st.lists(EVENTS, min_size=2, max_size=8)


def chained(events: Sequence[Said]) -> list[Link]:
    links: list[Link] = []
    head = GENESIS
    for number, (operation, at, actor, kind, state, evidence) in enumerate(events, 1):
        link = Link(number, operation, at, actor, kind, state, evidence, head, "")
        links.append(resealed(link))
        head = links[-1].hash
    return links


def resealed(link: Link) -> Link:
    said = {name: getattr(link, name) for name in ("operation", "at", "actor", "kind", "state", "evidence")}
    return replace(link, hash=seal(link.previous, said))


def broken(links: Sequence[Link]) -> Broken:
    found = verify(links)
    assert isinstance(found, Broken)
    return found


@given(RECORDS)
def test_an_untouched_record_is_whole(events: list[Said]) -> None:
    links = chained(events)
    assert verify(links) == Intact(len(links), links[-1].hash)
    assert verify([]) == START


@given(RECORDS)
def test_ids_are_the_databases_business(events: list[Said]) -> None:
    links = [replace(link, id=link.id * 7) for link in chained(events)]
    assert verify(links) == Intact(len(links), links[-1].hash)


@given(RECORDS, st.integers(0, 5))
def test_a_record_can_be_followed_in_batches(events: list[Said], cut: int) -> None:
    links = chained(events)
    first = verify(links[:cut])
    assert isinstance(first, Intact)
    assert verify(links[cut:], first) == verify(links)


@pytest.mark.parametrize("field", ["operation", "at", "actor", "kind", "state", "evidence"])
@given(events=RECORDS, data=st.data())
def test_a_change_of_any_field_is_found_where_it_is(
    field: str, events: list[Said], data: st.DataObject
) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 1))
    value = data.draw(st.integers(0, 2**53) if field == "at" else TEXTS)
    assume(getattr(links[at], field) != value)
    links[at] = replace(links[at], **{field: value})  # type: ignore[arg-type] # one field, by its name
    found = broken(links)
    assert (found.link, found.misfit, found.after) == (links[at], Misfit.CONTENT, at)


@given(events=RECORDS, data=st.data())
def test_a_changed_event_with_a_hash_made_to_fit_is_found_at_the_next(
    events: list[Said], data: st.DataObject
) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 2))
    links[at] = resealed(replace(links[at], actor=links[at].actor + "x"))
    found = broken(links)
    assert (found.link.id, found.misfit) == (links[at + 1].id, Misfit.ORDER)


@given(events=RECORDS, data=st.data())
def test_a_removed_event_is_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 2))
    found = broken(links[:at] + links[at + 1 :])
    assert (found.link.id, found.misfit, found.after) == (links[at + 1].id, Misfit.ORDER, at)


@given(events=RECORDS, data=st.data())
def test_two_events_that_changed_places_are_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 2))
    links[at], links[at + 1] = links[at + 1], links[at]
    assert broken(links).after == at


@given(events=RECORDS, data=st.data())
def test_an_event_put_in_between_is_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    at = data.draw(st.integers(1, len(links) - 1))
    forged = resealed(Link(99, "", 1, "U1", "created", None, "{}", links[at - 1].hash, ""))
    found = broken([*links[:at], forged, *links[at:]])
    assert (found.link, found.misfit) == (links[at], Misfit.ORDER)


@given(events=RECORDS, data=st.data())
def test_a_middle_that_was_cut_out_is_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    start = data.draw(st.integers(0, len(links) - 2))
    end = data.draw(st.integers(start + 1, len(links) - 1))
    assert broken(links[:start] + links[end:]).link == links[end]


def test_the_hash_is_what_other_tools_compute() -> None:
    """`sha256sum` of the JSON with sorted keys, without spaces, in ASCII: anyone can prove an export."""
    said = {"operation": "a", "at": 1, "actor": "U1", "kind": "k", "state": None, "evidence": '{"n": "é"}'}
    assert seal(GENESIS, said) == "3aab1e3a23d1a0e466a47db1613e07c4dfc91380efb900485b19acb2604dfb7c"
