"""What the audit log watches of merchants. Where a branch is and how to call it is on the shop's page: no secret."""

from karvon.audit.registry import exempt, record
from karvon.merchants.models import (
    Branch,
    KycDocument,
    Merchant,
    MerchantStaff,
    MerchantStep,
    StaffInvitation,
)

record(Merchant, merchant="pk", ignores=("updated_at",))
record(MerchantStaff, merchant="merchant")
record(
    Branch,
    merchant="merchant",
    shows=("address", "address_uz", "address_ru", "address_en", "address_ar", "latitude", "longitude"),
)
record(KycDocument, merchant="merchant", masks=("name", "file", "source_sha256"))
record(StaffInvitation, merchant="merchant", ignores=("asked_at", "mails"), masks=("nonce",))

exempt(MerchantStep, "a timeline itself: written once beside the change that it is about")
