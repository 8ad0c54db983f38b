"""What each role may do in the back office. Which rows it sees is decided elsewhere, by who owns them.

Administrators may do everything. For the other roles this table is the default; once an operator has a
group of the role's name in the admin (`manage.py sync_roles` makes them), what that group holds counts
instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import Group
from django.db.models import Q

from karvon.accounts.models import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

VERBS: Final = MappingProxyType({"v": "view", "a": "add", "c": "change", "d": "delete"})

ROLE_GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Role.STAFF: "Platform staff",
        Role.MERCHANT: "Merchant owners",
        Role.MERCHANT_STAFF: "Merchant staff",
    }
)

# model → letters of VERBS
_MERCHANT: Final = {
    "catalog.attribute": "v",
    "catalog.attributechoice": "v",
    "catalog.catalogjob": "va",
    "catalog.catalogjobrow": "v",
    "catalog.category": "v",
    "catalog.collection": "vacd",
    "catalog.collectionproduct": "vacd",
    "catalog.modifier": "vacd",
    "catalog.modifiergroup": "vacd",
    "catalog.product": "vacd",
    "catalog.productattribute": "vacd",
    "catalog.productimage": "vacd",
    "catalog.productmodifiergroup": "vacd",
    "catalog.tag": "v",
    "catalog.variant": "vacd",
    "documents.document": "v",
    "inventory.stocklevel": "vc",
    "inventory.stockmovement": "v",
    "ledger.bankdetails": "vac",
    "ledger.payout": "v",
    "media.asset": "vacd",
    "merchants.branch": "vacd",
    "merchants.merchant": "vc",
    "merchants.kycdocument": "v",
    "merchants.merchantstaff": "vacd",
    "merchants.merchantstep": "v",
    "merchants.staffinvitation": "va",
    "orders.fulfilment": "vc",
    "orders.orderevent": "v",
    "orders.orderline": "v",
    "payments.provideraccount": "vac",
    "promotions.promotion": "vacd",
    "promotions.promotionuse": "v",
    "reviews.review": "vc",
}
_STAFF: Final = {
    **_MERCHANT,
    "accounts.address": "v",
    "accounts.user": "vac",
    "audit.auditentry": "v",
    "catalog.attribute": "vacd",
    "catalog.attributechoice": "vacd",
    "catalog.category": "vacd",
    "catalog.like": "v",
    "catalog.tag": "vacd",
    "catalog.taggeditem": "v",
    "kernel.eventdelivery": "vc",
    "kernel.outboxevent": "v",
    "ledger.account": "v",
    "ledger.commissionrule": "vacd",
    "ledger.entry": "v",
    "ledger.payout": "vc",
    "ledger.payoutbatch": "va",
    "ledger.transaction": "v",
    "merchants.merchant": "vac",
    "notifications.mail": "vc",
    "notifications.notification": "va",
    "orders.order": "vc",
    "orders.orderdiscount": "v",
    "payments.difference": "v",
    "payments.payment": "v",
    "payments.paymentattempt": "v",
    "payments.providerevent": "v",
    "payments.reconciliationrun": "v",
    "payments.refund": "v",
    "reviews.review": "vcd",
    "reviews.reviewreport": "vc",
}
_GRANTS: Final[Mapping[str, Mapping[str, str]]] = {
    Role.STAFF: _STAFF,
    Role.MERCHANT: {**_MERCHANT, "audit.auditentry": "v"},
    Role.MERCHANT_STAFF: _MERCHANT,
}


def default_permissions(role: str) -> frozenset[str]:
    """Such as "catalog.change_product", as this table has it."""
    return frozenset(
        f"{app}.{VERBS[letter]}_{model}"
        for label, letters in _GRANTS.get(role, {}).items()
        for app, model in [label.split(".")]
        for letter in letters
    )


def may(user: User | AnonymousUser, label: str, verb: str) -> bool:
    """Whether somebody's role (or a group they are in) allows `verb` on a model such as "catalog.product"."""
    if not user.is_authenticated or not user.is_active or not user.is_staff:
        return False
    if user.role == Role.ADMIN or user.is_superuser:
        return True
    app, model = label.split(".")
    return f"{app}.{verb}_{model}" in permissions_of(user)


def permissions_of(user: User) -> frozenset[str]:
    """What a person's role and groups grant: one query, remembered on the user for the request."""
    known: frozenset[str] | None = user.__dict__.get("_granted")
    if known is None:
        known = _read_permissions(user)
        user.__dict__["_granted"] = known
    return known


def _read_permissions(user: User) -> frozenset[str]:
    role_group = ROLE_GROUPS.get(user.role)
    groups = Group.objects.filter(Q(name=role_group) | Q(user=user))
    rows = list(groups.values_list("name", "permissions__content_type__app_label", "permissions__codename"))
    granted = frozenset(f"{app}.{codename}" for _name, app, codename in rows if codename)
    if any(name == role_group for name, _app, _codename in rows):
        return granted
    return granted | default_permissions(user.role)
