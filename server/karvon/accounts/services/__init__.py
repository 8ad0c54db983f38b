"""Every write of this room."""

from karvon.accounts.services.addresses import create_address, delete_address, update_address
from karvon.accounts.services.closing import close_account, register_close_guard
from karvon.accounts.services.login import authenticate_by_password, confirm_password
from karvon.accounts.services.memberships import record_memberships
from karvon.accounts.services.operating import set_membership
from karvon.accounts.services.passwords import change_password, validate_new_password
from karvon.accounts.services.people import (
    confirm_email,
    register_user,
    set_role,
    update_customer,
    update_profile,
)
from karvon.accounts.services.resetting import make_reset_link, request_password_reset, reset_password
from karvon.accounts.services.sessions import (
    end_session,
    issue_tokens,
    log_out,
    purge_expired_logins,
    revoke_all_tokens,
    revoke_family,
    rotate_refresh,
    verify_token,
)

__all__ = [
    "authenticate_by_password",
    "change_password",
    "close_account",
    "confirm_email",
    "confirm_password",
    "create_address",
    "delete_address",
    "end_session",
    "issue_tokens",
    "log_out",
    "make_reset_link",
    "purge_expired_logins",
    "record_memberships",
    "register_close_guard",
    "register_user",
    "request_password_reset",
    "reset_password",
    "revoke_all_tokens",
    "revoke_family",
    "rotate_refresh",
    "set_membership",
    "set_role",
    "update_address",
    "update_customer",
    "update_profile",
    "validate_new_password",
    "verify_token",
]
