"""Every write of this room."""

from karvon.merchants.services.branches import create_branch, delete_branch, update_branch
from karvon.merchants.services.invitations import (
    accept_invitation,
    invite_staff,
    make_invitation_link,
    register_with_invitation,
    resend_invitation,
    revoke_invitation,
)
from karvon.merchants.services.merchants import register_merchant, update_merchant
from karvon.merchants.services.papers import PaperUpload, decide_kyc, purge_orphan_papers, submit_kyc
from karvon.merchants.services.registering import register_person_with_shop
from karvon.merchants.services.staff import (
    add_staff,
    add_staff_by_name,
    forget_person,
    remove_staff,
    update_staff,
)
from karvon.merchants.services.states import (
    activate_merchant,
    close_merchant,
    delete_merchant,
    suspend_merchant,
)

__all__ = [
    "PaperUpload",
    "accept_invitation",
    "activate_merchant",
    "add_staff",
    "add_staff_by_name",
    "close_merchant",
    "create_branch",
    "decide_kyc",
    "delete_branch",
    "delete_merchant",
    "forget_person",
    "invite_staff",
    "make_invitation_link",
    "purge_orphan_papers",
    "register_merchant",
    "register_person_with_shop",
    "register_with_invitation",
    "remove_staff",
    "resend_invitation",
    "revoke_invitation",
    "submit_kyc",
    "suspend_merchant",
    "update_branch",
    "update_merchant",
    "update_staff",
]
