"""What people do to stock: count, receive, move between branches, set alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from karvon.catalog.models import Variant
from karvon.inventory import statements
from karvon.inventory.demand import StockChange
from karvon.inventory.errors import BelowPromises, TooManyUnits
from karvon.inventory.ledger import LevelRow, announce, run_statement
from karvon.inventory.models import MovementKind, StockLevel
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound, ValidationFailed
from karvon.merchants import policies
from karvon.merchants.models import Branch

if TYPE_CHECKING:
    from karvon.accounts.models import User

MOST_UNITS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Count:
    """A change of one level: by `quantity`, or to `target` units."""

    variant_id: int
    branch_id: int
    kind: str
    quantity: int = 0
    target: int | None = None


@transactional
def adjust_stock(
    *,
    variant_id: int,
    branch_id: int | None = None,
    quantity_delta: int | None = None,
    on_hand: int | None = None,
    reason: str = "",
    actor: User | None,
) -> StockLevel:
    """Correct a level by a difference or to a counted number; exactly one of the two is given.

    `branch_id` None means the merchant's default branch. Raises NotFound, ValidationFailed, BelowPromises
    (409) when fewer units would remain than orders hold, TooManyUnits (409).
    """
    if (quantity_delta is None) == (on_hand is None):
        message = _("Give either quantity_delta or on_hand.")
        raise ValidationFailed(message, details={"quantity_delta": [message]})
    if on_hand is not None:
        _require_units(on_hand, field="on_hand", least=0)
    if quantity_delta is not None:
        _require_units(abs(quantity_delta), field="quantity_delta")
    place = _get_place(variant_id, branch_id, actor)
    count = Count(variant_id, place.pk, MovementKind.ADJUST, quantity_delta or 0, on_hand)
    change_counts([count], reason=reason, actor=actor)
    return _get_level(variant_id, place.pk)


@transactional
def set_units_for_sale(*, variant_id: int, units: int, reason: str = "", actor: User | None) -> None:
    """Let there be this many units for sale over all open branches, by correcting the default branch.

    Raises NotFound, ValidationFailed, BelowPromises (409) when the other branches alone have more, TooManyUnits (409).
    """
    _require_units(units, field="stock", least=0)
    place = _get_place(variant_id, None, actor)
    with connection.cursor() as cursor:
        # before the locks: two requests that find no level yet must wait for each other
        cursor.execute(statements.CREATE_MISSING, {"variants": [variant_id], "branches": [place.pk]})
    levels = StockLevel.objects.select_for_update(of=("self",)).filter(variant_id=variant_id)
    shown = sum(level.available for level in levels.filter(branch__is_active=True).order_by("pk"))
    if units != shown:
        count = Count(variant_id, place.pk, MovementKind.ADJUST, units - shown)
        change_counts([count], reason=reason, actor=actor)


@transactional
def receive_stock(
    *, variant_id: int, branch_id: int | None = None, quantity: int, reason: str = "", actor: User | None
) -> StockLevel:
    """Book units that arrived. Raises NotFound, ValidationFailed, TooManyUnits (409)."""
    _require_units(quantity, field="quantity")
    place = _get_place(variant_id, branch_id, actor)
    change_counts([Count(variant_id, place.pk, MovementKind.RECEIVE, quantity)], reason=reason, actor=actor)
    return _get_level(variant_id, place.pk)


@transactional
def transfer_stock(
    *,
    variant_id: int,
    from_branch_id: int,
    to_branch_id: int,
    quantity: int,
    reason: str = "",
    actor: User | None,
) -> tuple[StockLevel, StockLevel]:
    """Move unpromised units between two branches of one merchant; both levels afterwards.

    Raises NotFound, ValidationFailed, BelowPromises (409) when fewer are free, TooManyUnits (409).
    """
    _require_units(quantity, field="quantity")
    if from_branch_id == to_branch_id:
        message = _("Choose another branch.")
        raise ValidationFailed(message, details={"to_branch": [message]})
    for branch_id in (from_branch_id, to_branch_id):
        _get_place(variant_id, branch_id, actor)
    change_counts(
        [
            Count(variant_id, from_branch_id, MovementKind.TRANSFER_OUT, -quantity),
            Count(variant_id, to_branch_id, MovementKind.TRANSFER_IN, quantity),
        ],
        reason=reason,
        actor=actor,
    )
    return _get_level(variant_id, from_branch_id), _get_level(variant_id, to_branch_id)


@transactional
def set_threshold(*, level_id: int, low_threshold: int | None, actor: User | None) -> StockLevel:
    """Set how many units for sale count as low (None: never). Raises NotFound, ValidationFailed."""
    if low_threshold is not None:
        _require_units(low_threshold, field="low_threshold", least=0)
    merchant_id = (
        StockLevel.objects.filter(pk=level_id).values_list("variant__merchant_id", flat=True).first()
    )
    if merchant_id is None:
        raise NotFound
    if actor is not None:
        policies.require(actor, merchant_id, "adjust_stock")
    announce(
        run_statement(statements.SET_THRESHOLD, {"level": level_id, "threshold": low_threshold}),
        refresh_window=False,
    )
    return StockLevel.objects.select_related("variant__product", "branch").get(pk=level_id)


@transactional
def change_counts(
    counts: Sequence[Count], *, reason: str, actor: User | None, refresh_window: bool = True
) -> StockChange:
    """Change many levels, all or none, with a ledger line each; levels that do not exist yet begin at nought.

    Checks no rights. Raises BelowPromises or TooManyUnits (409).
    """
    columns: dict[str, Any] = {
        "variants": [count.variant_id for count in counts],
        "branches": [count.branch_id for count in counts],
        "quantities": [count.quantity for count in counts],
        "targets": [count.target for count in counts],
        "kinds": [str(count.kind) for count in counts],
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.CREATE_MISSING, columns)
    rows = run_statement(
        statements.COUNT,
        {**columns, "reason": reason[:255], "actor": actor.pk if actor else None, "most": MOST_UNITS},
    )
    if len(rows) != len(counts):  # somebody deleted the variant just now
        raise NotFound
    _refuse_impossible(rows)
    return announce(rows, refresh_window=refresh_window)


def _refuse_impossible(rows: Sequence[LevelRow]) -> None:
    if all(row.is_changed or row.quantity == 0 for row in rows):
        return
    short = [row for row in rows if row.available + row.quantity < 0]
    if not short:
        raise TooManyUnits
    details = {
        str(row.variant_id): [_("%(left)d can be taken away.") % {"left": row.available}] for row in short
    }
    raise BelowPromises(details=details)


def _require_units(number: int, *, field: str, least: int = 1) -> None:
    if not least <= number <= MOST_UNITS:
        message = _("Must be from %(least)d to %(most)d.") % {"least": least, "most": MOST_UNITS}
        raise ValidationFailed(message, details={field: [message]})


def _get_place(variant_id: int, branch_id: int | None, actor: User | None) -> Branch:
    """The branch, after making sure that the actor may change this variant's stock there."""
    merchant_id = (
        Variant.objects.filter(pk=variant_id, product__deleted_at__isnull=True)
        .values_list("merchant_id", flat=True)
        .first()
    )
    if merchant_id is None:
        raise NotFound
    if actor is not None:
        policies.require(actor, merchant_id, "adjust_stock")
    branches = Branch.objects.filter(merchant_id=merchant_id)
    branch = branches.filter(pk=branch_id) if branch_id is not None else branches.filter(is_default=True)
    found = branch.first()
    if found is None:
        raise NotFound
    return found


def _get_level(variant_id: int, branch_id: int) -> StockLevel:
    levels = StockLevel.objects.select_related("variant__product", "branch")
    return levels.get(variant_id=variant_id, branch_id=branch_id)
