"""The rows of this room."""

from karvon.merchants.models.invitations import InvitationState, StaffInvitation
from karvon.merchants.models.merchants import (
    GIVEN_UP,
    Branch,
    BranchQuerySet,
    KycStatus,
    Merchant,
    MerchantKind,
    MerchantQuerySet,
    MerchantStaff,
    MerchantState,
    PaymentPreference,
    StaffRole,
)
from karvon.merchants.models.papers import DocumentState, KycDocument, KycDocumentKind
from karvon.merchants.models.steps import MerchantStep, StepSubject

__all__ = [
    "GIVEN_UP",
    "Branch",
    "BranchQuerySet",
    "DocumentState",
    "InvitationState",
    "KycDocument",
    "KycDocumentKind",
    "KycStatus",
    "Merchant",
    "MerchantKind",
    "MerchantQuerySet",
    "MerchantStaff",
    "MerchantState",
    "MerchantStep",
    "PaymentPreference",
    "StaffInvitation",
    "StaffRole",
    "StepSubject",
]
