"""The chain: what is changed, removed, moved or put in between is found; with a key whatever is forged."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.store.chain import GENESIS, Broken, Link, Misfit, Trail, hashed, said_by
from bot.store.keys import NO_KEYS, Keys, key_id

Said = tuple[str, int, str, str, str | None, str, str | None]

TEXTS = st.text(max_size=12)
EVENTS = st.tuples(TEXTS, st.integers(0, 2**53), TEXTS, TEXTS, st.none() | TEXTS, TEXTS, st.none() | TEXTS)
RECORDS = st.lists(EVENTS, min_size=2, max_size=8)
FIRST, SECOND, THIRD = (letter.encode() * 32 for letter in "abc")
KEYS = st.sampled_from([NO_KEYS, Keys([FIRST])])


def chained(events: Sequence[Said], keys: Keys = NO_KEYS, after: Sequence[Link] = ()) -> list[Link]:
    """Write events as the ledger does, after some that are there."""
    links = list(after)
    for operation, at, actor, kind, state, evidence, rows in events:
        head = links[-1].hash if links else GENESIS
        link = Link(len(links) + 1, operation, at, actor, kind, state, evidence, rows, head, "")
        links.append(resealed(link, keys))
    return links


def resealed(link: Link, keys: Keys = NO_KEYS) -> Link:
    made = hashed(link.previous, link._asdict())
    return link._replace(hash=made, **keys.seal(made))


def followed(links: Sequence[Link], keys: Keys = NO_KEYS) -> Trail:
    trail = Trail(keys)
    trail.follow(links)
    return trail


def broken(links: Sequence[Link], keys: Keys = NO_KEYS) -> Broken:
    return followed(links, keys).broken[0]


def misfits(links: Sequence[Link], keys: Keys = NO_KEYS) -> list[tuple[int, Misfit]]:
    return [(each.link.id, each.misfit) for each in followed(links, keys).broken]


@given(RECORDS, KEYS)
def test_an_untouched_record_is_whole(events: list[Said], keys: Keys) -> None:
    links = chained(events, keys)
    trail = followed(links, keys)
    assert (trail.count, trail.head, trail.misfits) == (len(links), links[-1].hash, 0)
    assert trail.proven == (len(links) if keys.ids else 0)
    assert (followed([]).count, followed([]).head) == (0, GENESIS)


@given(RECORDS)
def test_ids_are_the_databases_business(events: list[Said]) -> None:
    assert not followed([link._replace(id=link.id * 7) for link in chained(events)]).misfits


@given(RECORDS, KEYS, st.integers(0, 5))
def test_a_record_can_be_followed_in_batches(events: list[Said], keys: Keys, cut: int) -> None:
    links = chained(events, keys)
    trail = followed(links[:cut], keys)
    trail.follow(links[cut:])
    assert (trail.count, trail.head, trail.misfits) == (len(links), links[-1].hash, 0)


@pytest.mark.parametrize("field", ["operation", "at", "actor", "kind", "state", "evidence", "rows"])
@given(events=RECORDS, data=st.data())
def test_a_change_of_any_field_is_found_where_it_is(
    field: str, events: list[Said], data: st.DataObject
) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 1))
    value = data.draw(st.integers(0, 2**53) if field == "at" else TEXTS)
    assume(getattr(links[at], field) != value)
    links[at] = links[at]._replace(**{field: value})  # type: ignore[arg-type]  # one field, by its name
    assert misfits(links) == [(links[at].id, Misfit.CONTENT)]


@given(events=RECORDS, data=st.data())
def test_a_changed_event_with_a_hash_made_to_fit_is_found_at_the_next(
    events: list[Said], data: st.DataObject
) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 2))
    links[at] = resealed(links[at]._replace(actor=links[at].actor + "x"))
    assert misfits(links) == [(links[at + 1].id, Misfit.ORDER)]


@given(events=RECORDS, data=st.data())
def test_a_removed_event_is_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 2))
    found = broken(links[:at] + links[at + 1 :])
    before = links[at - 1].hash if at else GENESIS
    assert found == Broken(links[at + 1], Misfit.ORDER, before)


@given(events=RECORDS, data=st.data())
def test_two_events_that_changed_places_are_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    at = data.draw(st.integers(0, len(links) - 2))
    links[at], links[at + 1] = links[at + 1], links[at]
    assert broken(links).link == links[at]


@given(events=RECORDS, data=st.data())
def test_an_event_put_in_between_is_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    at = data.draw(st.integers(1, len(links) - 1))
    forged = resealed(Link(99, "", 1, "U1", "created", None, "{}", None, links[at - 1].hash, ""))
    assert misfits([*links[:at], forged, *links[at:]]) == [(links[at].id, Misfit.ORDER)]


@given(events=RECORDS, data=st.data())
def test_a_middle_that_was_cut_out_is_found(events: list[Said], data: st.DataObject) -> None:
    links = chained(events)
    start = data.draw(st.integers(0, len(links) - 2))
    end = data.draw(st.integers(start + 1, len(links) - 1))
    assert misfits(links[:start] + links[end:]) == [(links[end].id, Misfit.ORDER)]


@given(RECORDS)
def test_what_follows_a_break_is_followed_on_and_all_breaks_are_counted(events: list[Said]) -> None:
    links = chained(events * 12)
    changed = [link._replace(actor=link.actor + "x") for link in links]
    trail = followed(changed)
    assert (trail.misfits, len(trail.broken)) == (len(links), 20)
    assert (trail.count, trail.head) == (len(links), links[-1].hash)


# --- with a key ---------------------------------------------------------------------------------

EVENT: Said = ("a" * 32, 1, "U1", "done", "done", "{}", None)


def test_a_chain_written_anew_without_the_key_is_found_from_its_first_event_on() -> None:
    keys = Keys([FIRST])
    links = chained([EVENT] * 5, keys)
    changed = (EVENT[0], EVENT[1], "U0BOB", *EVENT[3:])
    anew = chained([changed] * 3, NO_KEYS, links[:2])
    assert misfits(anew, keys) == [(number, Misfit.UNSEALED) for number in (3, 4, 5)]
    own = chained([changed] * 3, Keys([SECOND]), links[:2])
    assert misfits(own, keys) == [(number, Misfit.FOREIGN) for number in (3, 4, 5)]
    pretended = [link._replace(key=links[0].key) for link in own]
    assert misfits(pretended, keys) == [(number, Misfit.SEAL) for number in (3, 4, 5)]
    kept = [
        *links[:2],
        *(new._replace(key=old.key, seal=old.seal) for new, old in zip(anew[2:], links[2:], strict=True)),
    ]
    assert misfits(kept, keys) == [(number, Misfit.SEAL) for number in (3, 4, 5)]


def test_an_event_without_a_seal_among_sealed_ones_is_found_also_without_the_key() -> None:
    keys = Keys([FIRST])
    links = chained([EVENT], keys, chained([EVENT], NO_KEYS, chained([EVENT] * 2, keys)))
    assert misfits(links, keys) == misfits(links) == [(3, Misfit.UNSEALED)]


def test_a_record_that_is_sealed_later_is_whole_and_what_was_before_is_proven_too() -> None:
    keys = Keys([FIRST])
    links = chained([EVENT] * 2, keys, chained([EVENT] * 3))
    trail = followed(links, keys)
    assert (trail.misfits, trail.proven) == (0, 5)
    assert {key: (stretch.first, stretch.count) for key, stretch in trail.stretches.items()} == {
        None: (1, 3),
        key_id(FIRST): (4, 2),
    }
    links[1] = resealed(links[1]._replace(actor="U0BOB"))
    assert misfits(links, keys) == [(3, Misfit.ORDER)]


def test_a_key_that_was_rotated_out_is_vouched_for_by_the_next_one() -> None:
    old, both, new = Keys([FIRST]), Keys([SECOND, FIRST]), Keys([SECOND])
    links = chained([EVENT], new, chained([EVENT] * 2, both, chained([EVENT] * 2, old)))
    for known in (both, new):
        trail = followed(links, known)
        assert (trail.misfits, trail.proven) == (0, 5)
    forged = [resealed(links[0]._replace(actor="U0BOB"), Keys([FIRST])), *links[1:]]
    assert misfits(forged, new) == [(2, Misfit.ORDER)]


def test_while_a_key_is_rotated_instances_may_seal_with_either_and_not_after() -> None:
    old, both, new = Keys([FIRST]), Keys([SECOND, FIRST]), Keys([SECOND])
    mixed = chained([EVENT], both, chained([EVENT], old, chained([EVENT], both)))
    assert followed(mixed, new).misfits == 0
    late = chained([EVENT], old, chained([EVENT], new, mixed))
    assert misfits(late, new) == [(5, Misfit.FOREIGN)]
    assert misfits(late, both) == []


def test_without_the_key_nothing_is_proven_and_nothing_is_wrong() -> None:
    links = chained([EVENT] * 3, Keys([FIRST]))
    assert (followed(links).misfits, followed(links).proven) == (0, 0)
    assert (followed(links, Keys([THIRD])).misfits, followed(links, Keys([THIRD])).proven) == (0, 0)


def test_keys_are_told_apart_by_name_and_never_shown() -> None:
    keys = Keys([SECOND, FIRST])
    assert keys.name == f"{key_id(SECOND)},{key_id(FIRST)}"
    assert keys.know(key_id(FIRST))
    assert not keys.know(key_id(THIRD))
    assert SECOND.decode() not in repr(vars(keys)["name"])
    assert (NO_KEYS.name, NO_KEYS.seal("x")) == (None, {"key": None, "seal": None})


def test_hash_and_seal_are_what_other_tools_compute() -> None:
    """`sha256sum` of the JSON with sorted keys, without spaces, in ASCII; `openssl dgst -sha256 -hmac`."""
    link = chained([("a", 1, "U1", "k", None, '{"n": "é"}', None)], Keys([FIRST]))[0]
    assert said_by(link) == (
        '{"actor":"U1","at":1,"evidence":"{\\"n\\": \\"\\u00e9\\"}","kind":"k","operation":"a",'
        f'"previous":"{GENESIS}","rows":null,"state":null}}'
    )
    assert link.hash == "62241237234df1a27a8aa25e573398f9ee06367e080fdf213b36ab2fbc1654d6"
    assert link.key == "2f3d1a86"
    assert link.seal == "6af9fb3fee74adba9b504dfd555ff5a9384a5479912fd5fb39b04b5b945c6545"
