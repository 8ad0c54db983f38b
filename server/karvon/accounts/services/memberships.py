"""Memberships as the nightly count finds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from karvon.accounts.models import Membership, User
from karvon.kernel.db import transactional


@transactional
def record_memberships(*, earned: Mapping[int, Membership]) -> int:
    """Give people (by id) what they have earned, except where somebody set it by hand; how many changed.

    Rows are locked in the order of their ids, and read after the lock: doing it twice, or at once, is the same as once.
    """
    people = User.objects.select_for_update(no_key=True).filter(
        pk__in=list(earned), is_membership_fixed=False
    )
    moved: dict[Membership, list[int]] = defaultdict(list)
    for user_id, known in people.order_by("pk").values_list("pk", "membership"):
        if known != earned[user_id]:
            moved[earned[user_id]].append(user_id)
    for membership, user_ids in moved.items():
        User.objects.filter(pk__in=user_ids).update(membership=membership)
    return sum(len(user_ids) for user_ids in moved.values())
