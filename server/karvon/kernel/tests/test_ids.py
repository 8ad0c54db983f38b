from __future__ import annotations

from datetime import UTC, datetime
from uuid import RFC_4122

import time_machine

from karvon.kernel.ids import new_ordered_id, new_public_id, new_token


def test_public_ids_are_exact_in_every_json_client_and_sort_by_time():
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        early = new_public_id()
    with time_machine.travel(datetime(2060, 1, 1, tzinfo=UTC), tick=False):
        late = new_public_id()

    assert 0 < early < late < 2**53


def test_public_ids_of_one_moment_say_nothing_about_how_many_there_are():
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        tails = [new_public_id() & 0xFFF for _ in range(200)]

    assert tails != sorted(tails)
    assert len(set(tails)) > 150


def test_ordered_ids_sort_as_they_were_made_even_when_the_clock_steps_back():
    ids = [new_ordered_id() for _ in range(500)]
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        ids += [new_ordered_id() for _ in range(500)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {(each.version, each.variant) for each in ids} == {(7, RFC_4122)}


def test_tokens_are_long_and_safe_in_urls():
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(len(token) == 32 and token.replace("-", "a").replace("_", "a").isalnum() for token in tokens)
