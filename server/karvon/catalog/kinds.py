"""What may be liked and tagged: an allow-list of kinds. Higher rooms register theirs when the server starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from karvon.catalog.errors import ObjectNotFound
from karvon.catalog.models import Collection, Product
from karvon.catalog.selectors import collections_visible_to
from karvon.catalog.services.categories import require_operator
from karvon.catalog.texts import text_in
from karvon.merchants import policies
from karvon.merchants.models import Branch, Merchant
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

    Principal = User | AnonymousUser


@dataclass(frozen=True)
class Kind:
    """`visible_to` gives the rows somebody may see, `title` (row, language) what a row is called; `require_tagger`
    (actor, row) raises what its merchant's policies raise for who may not change it.
    """

    name: str
    model: type[Model]
    visible_to: Callable[[Any], QuerySet[Any]]
    title: Callable[[Any, str], str]
    require_tagger: Callable[[User | None, Any], None]

    @property
    def content_type(self) -> ContentType:
        return ContentType.objects.get_for_model(self.model)

    def get(self, object_id: int, principal: Principal) -> Any:
        """One object that this person may see. Raises ObjectNotFound."""
        row = self.visible_to(principal).filter(pk=object_id).first()
        if row is None:
            raise ObjectNotFound
        return row


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Allow a kind; under a name that is known, the later one counts."""
    _kinds[kind.name] = kind


def get_kind(name: str) -> Kind:
    """Raises ObjectNotFound for a kind that is not allowed."""
    if name not in _kinds:
        raise ObjectNotFound
    return _kinds[name]


def list_kinds() -> list[Kind]:
    """All of them, in the order they were registered."""
    return list(_kinds.values())


def _products_visible_to(principal: Principal) -> QuerySet[Product]:
    products = Product.objects.filter(deleted_at=None)
    if principal.is_authenticated and principal.is_operator:
        return products
    return products.filter(Q(window__is_visible=True) | Q(merchant_id__in=merchant_ids_of(principal)))


def _may_manage(action: policies.Action) -> Callable[[User | None, Any], None]:
    def require(actor: User | None, row: Any) -> None:
        merchant_id = row.pk if isinstance(row, Merchant) else row.merchant_id
        if merchant_id is None:  # the platform's own
            require_operator(actor)
        else:
            policies.require(actor, merchant_id, action)

    return require


for _kind in (
    Kind(
        name="product",
        model=Product,
        visible_to=_products_visible_to,
        title=lambda row, language: text_in(row, "title", language),
        require_tagger=_may_manage(policies.Action.MANAGE_CATALOGUE),
    ),
    Kind(
        name="collection",
        model=Collection,
        visible_to=collections_visible_to,
        title=lambda row, language: text_in(row, "title", language),
        require_tagger=_may_manage(policies.Action.MANAGE_CATALOGUE),
    ),
    Kind(
        name="merchant",
        model=Merchant,
        visible_to=Merchant.objects.visible_to,
        title=lambda row, language: str(row.name),
        require_tagger=_may_manage(policies.Action.MANAGE_MERCHANT),
    ),
    Kind(
        name="branch",
        model=Branch,
        visible_to=Branch.objects.visible_to,
        title=lambda row, language: text_in(row, "name", language),
        require_tagger=_may_manage(policies.Action.MANAGE_BRANCHES),
    ),
):
    register(_kind)
