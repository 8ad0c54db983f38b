from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from karvon.inventory.demand import Shortage
from karvon.kernel.errors import Conflict, InsufficientStock


class OutOfStock(InsufficientStock):
    """Demands that could not be met; nothing was taken. `details` says per variant how many are left."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        self.shortages = tuple(shortages)
        details: dict[str, list[str]] = {}
        for shortage in shortages:
            text = _("Only %(left)d left.") % {"left": shortage.left} if shortage.left > 0 else _("Sold out.")
            details.setdefault(str(shortage.variant_id), []).append(text)
        super().__init__(details=details)


class BelowPromises(InsufficientStock):
    """Fewer units would remain than are reserved for orders."""

    code = "stock_is_promised"
    message = gettext_lazy("Fewer units would remain than are promised to orders.")


class TooManyUnits(Conflict):
    code = "too_many_units"
    message = gettext_lazy("A stock level cannot hold that many units.")


class NothingToReturn(Conflict):
    code = "nothing_to_return"
    message = gettext_lazy("The order holds fewer units than are to be returned.")
