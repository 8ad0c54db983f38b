"""Back-office pages of merchants, their branches, people, papers and pictures."""

from karvon.merchants.admin.branches import BranchAdmin
from karvon.merchants.admin.invitations import StaffInvitationAdmin
from karvon.merchants.admin.merchants import MerchantAdmin
from karvon.merchants.admin.papers import KycDocumentAdmin
from karvon.merchants.admin.pictures import AssetAdmin
from karvon.merchants.admin.staff import MerchantStaffAdmin

__all__ = [
    "AssetAdmin",
    "BranchAdmin",
    "KycDocumentAdmin",
    "MerchantAdmin",
    "MerchantStaffAdmin",
    "StaffInvitationAdmin",
]
