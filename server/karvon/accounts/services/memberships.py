"""Memberships as the nightly count finds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from karvon.accounts.models import Membership, User
from karvon.kernel.db import transactional


@transactional
def record_memberships(
    *, people: Sequence[int], earned: Callable[[Sequence[int]], Mapping[int, Membership]]
) -> int:
    """Give people (by id) what they have earned, except where somebody set it by hand; how many changed.

    Rows are locked in the order of their ids, and `earned` is asked after the lock: whoever held it before may have seen less,
    and never more. Doing it twice, or at once, is the same as once.
    """
    locked = User.objects.select_for_update(no_key=True).filter(
        pk__in=list(people), is_membership_fixed=False
    )
    known = dict(locked.order_by("pk").values_list("pk", "membership"))
    moved: dict[Membership, list[int]] = defaultdict(list)
    for user_id, membership in earned(list(known)).items():
        if known[user_id] != membership:
            moved[membership].append(user_id)
    for membership, user_ids in moved.items():
        User.objects.filter(pk__in=user_ids).update(membership=membership)
    return sum(len(user_ids) for user_ids in moved.values())
