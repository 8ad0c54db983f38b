"""What can go wrong with merchants, their branches and their people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, NotFound, PermissionRefused


class NoStoreMerchant(Conflict):
    """Nobody sells at the storefront."""

    code = "no_store_merchant"
    message = _("There is no shop to put this into: open one, or name it in KARVON_STORE_MERCHANT.")


class MerchantNotFound(NotFound):
    """Not there, or not the caller's to see."""

    code = "merchant_not_found"
    message = _("There is no such merchant.")


class NoMerchant(PermissionRefused):
    """Somebody who works for no shop asks for what only shops have."""

    code = "no_merchant"
    message = _("You do not work for any shop.")


class BranchNotFound(NotFound):
    code = "branch_not_found"
    message = _("There is no such branch.")


class StaffNotFound(NotFound):
    code = "staff_not_found"
    message = _("Nobody like that works here.")


class MerchantNotActive(PermissionRefused):
    """A suspended or closed merchant changes nothing."""

    code = "merchant_not_active"
    message = _("This shop is suspended or closed.")


class RoleNotSufficient(PermissionRefused):
    code = "role_not_sufficient"
    message = _("Your role at this shop does not allow this.")


class BranchInUse(Conflict):
    """Stock or orders refer to it."""

    code = "branch_in_use"
    message = _("This branch has stock or orders. Switch it off instead of deleting it.")


class BranchIsDefault(Conflict):
    code = "branch_is_default"
    message = _("Make another branch the default first.")


class AlreadyStaff(Conflict):
    code = "already_staff"
    message = _("This person already works here.")


class OwnerNotActive(Conflict):
    """The account was closed while its shop was being opened."""

    code = "owner_not_active"
    message = _("This account is closed.")


class TooManyMerchants(Conflict):
    code = "too_many_merchants"
    message = _("One account can own ten shops at most.")


class OwnsMerchant(Conflict):
    """An account cannot be closed while a shop depends on it."""

    code = "owns_merchant"
    message = _("Close your shop before you close your account.")


class DocumentNotFound(NotFound):
    code = "document_not_found"
    message = _("There is no such document.")


class TooManyDocuments(Conflict):
    code = "too_many_documents"
    message = _("So many files are waiting already. Wait for the decision.")


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    message = _("There is no such invitation.")


class InvitationNotValid(NotFound):
    """Unknown, used, withdrawn, replaced by a newer mail or too old: the same answer to all of them."""

    code = "invitation_not_valid"
    message = _("This invitation is not valid any more. Ask for a new one.")


class AlreadyInvited(Conflict):
    code = "already_invited"
    message = _("An invitation to this address is waiting already. Send it again or withdraw it.")


class TooManyInvitations(Conflict):
    code = "too_many_invitations"
    message = _("So many invitations are waiting already. Withdraw some first.")
