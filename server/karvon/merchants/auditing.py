"""Who reads which part of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from karvon.audit.models import AuditEntry
from karvon.audit.selectors import AuditFilter, list_entries
from karvon.kernel.errors import PermissionRefused
from karvon.merchants.errors import MerchantNotFound
from karvon.merchants.models import Merchant

if TYPE_CHECKING:
    from karvon.accounts.models import User


def list_audit_entries(asked: AuditFilter, *, principal: User) -> QuerySet[AuditEntry]:
    """Operators read all of it, owners what was done to their own merchants. Raises PermissionRefused for others,
    MerchantNotFound for another's merchant.
    """
    if principal.is_operator:
        return list_entries(asked, merchant_ids=None)
    owned = list(Merchant.objects.filter(owner=principal).order_by().values_list("pk", flat=True))
    if not owned:
        raise PermissionRefused
    if asked.merchant_id is not None and asked.merchant_id not in owned:
        raise MerchantNotFound
    return list_entries(asked, merchant_ids=owned)
