"""What the audit log watches of merchants. Where a branch is and how to call it is on the shop's page: no secret."""

from karvon.audit.registry import record
from karvon.merchants.models import Branch, Merchant, MerchantStaff

record(Merchant, merchant="pk", ignores=("updated_at",))
record(MerchantStaff, merchant="merchant")
record(
    Branch,
    merchant="merchant",
    shows=("address", "address_uz", "address_ru", "address_en", "address_ar", "latitude", "longitude"),
)
