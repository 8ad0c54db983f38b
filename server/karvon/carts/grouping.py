"""Which branch hands over which line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from karvon.carts.lines import CartLine
from karvon.carts.offers import Offer, OfferBranch

FOOD = "food"


def assign_branches(
    lines: Sequence[CartLine],
    offers: Mapping[int, Offer],
    *,
    delivery_type: str,
    branch_id: int | None = None,
) -> dict[int, OfferBranch | None]:
    """The branch for each line id, or None where none can hand it over.

    Per merchant one branch that has everything is taken if there is one (the default branch before others).
    Otherwise food comes from the branch that has most of it, and other goods are split over as few branches
    as a greedy choice finds. `branch_id` binds the merchant that it belongs to.
    """
    by_merchant: dict[int, list[CartLine]] = defaultdict(list)
    for line in lines:
        by_merchant[offers[line.variant_id].merchant_id].append(line)
    assigned: dict[int, OfferBranch | None] = {line.id: None for line in lines}
    for merchant_lines in by_merchant.values():
        branches = _candidates(merchant_lines, offers, delivery_type, branch_id)
        may_split = all(offers[line.variant_id].kind != FOOD for line in merchant_lines)
        waiting = list(merchant_lines)
        while waiting and branches:
            # max keeps the first of equals: the default branch, then the oldest
            best = max(branches, key=lambda branch: len(_covered(branch.branch_id, waiting, offers)))
            covered = _covered(best.branch_id, waiting, offers)
            if not covered:
                break
            for line in covered:
                assigned[line.id] = find_branch(offers[line.variant_id], best.branch_id)
            waiting = [line for line in waiting if line not in covered]
            branches = (
                [branch for branch in branches if branch.branch_id != best.branch_id] if may_split else []
            )
    return assigned


def _candidates(
    lines: Sequence[CartLine], offers: Mapping[int, Offer], delivery_type: str, branch_id: int | None
) -> list[OfferBranch]:
    """All offers of one merchant name the same branches with the same terms."""
    branches = list(offers[lines[0].variant_id].branches)
    if any(branch.branch_id == branch_id for branch in branches):
        branches = [branch for branch in branches if branch.branch_id == branch_id]
    return [branch for branch in branches if branch.serves(delivery_type)]


def _covered(branch_id: int, lines: Sequence[CartLine], offers: Mapping[int, Offer]) -> list[CartLine]:
    """The lines that a branch has units for; lines with the same variant share them."""
    taken: dict[int, int] = defaultdict(int)
    covered = []
    for line in lines:
        branch = find_branch(offers[line.variant_id], branch_id)
        if branch is not None and branch.has(taken[line.variant_id] + line.quantity):
            taken[line.variant_id] += line.quantity
            covered.append(line)
    return covered


def find_branch(offer: Offer, branch_id: int) -> OfferBranch | None:
    """A branch as this offer sees it: `available` is of its variant."""
    return next((branch for branch in offer.branches if branch.branch_id == branch_id), None)
