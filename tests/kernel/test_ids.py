"""Identifiers: in the order of their making, and back from their bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from service.kernel.ids import ALPHABET, LENGTH, Clock, new_id, pack, unpack


def test_identifiers_sort_in_the_order_of_their_making():
    made = [new_id() for _ in range(5_000)]  # far more than one in a millisecond

    assert made == sorted(set(made))
    assert {len(one) for one in made} == {LENGTH}
    assert set("".join(made)) <= set(ALPHABET)


def test_threads_never_share_a_moment():
    clock = Clock(lambda: 1)
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda _: [clock.tick() for _ in range(500)], range(4))

    assert sorted(chain(*parts)) == list(range(1 << 16, (1 << 16) + 2_000))


def test_a_clock_set_back_or_crowded_goes_on_from_its_last_moment():
    readings = iter([5, 5, 3, 6])
    clock = Clock(lambda: next(readings))

    assert [clock.tick() for _ in range(4)] == [5 << 16, (5 << 16) + 1, (5 << 16) + 2, 6 << 16]


def test_a_crowded_millisecond_runs_into_the_next():
    clock = Clock(lambda: 7)
    last = [clock.tick() for _ in range((1 << 16) + 1)][-1]

    assert last == 8 << 16


def test_an_identifier_comes_back_from_its_bytes():
    identifier = new_id()

    assert unpack(pack(identifier)) == identifier


@pytest.mark.parametrize("wrong", ["", "0" * 25, "0" * 27, "u" * 26, "-" + "0" * 25])
def test_what_is_no_identifier_is_refused(wrong: str):
    with pytest.raises(ValueError):
        pack(wrong)
