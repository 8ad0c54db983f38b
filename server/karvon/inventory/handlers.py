"""What this room does about news of other rooms."""

from __future__ import annotations

from uuid import UUID

from karvon.inventory.services.showing import refresh_branch
from karvon.kernel.events import handles
from karvon.merchants.events import BranchChanged


@handles(BranchChanged, name="inventory.refresh_branch")
def show_stock_of_branch(event: BranchChanged, *, event_id: UUID) -> None:
    """Units at a closed branch are not for sale."""
    refresh_branch(branch_id=event.branch_id)
