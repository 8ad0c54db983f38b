"""What can go wrong with people and their logins."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import (
    AuthenticationRequired,
    Conflict,
    DependencyDown,
    NotFound,
    RateLimited,
    ValidationFailed,
)


class InvalidCredentials(AuthenticationRequired):
    """Unknown name, wrong password or closed account: the caller is not told which."""

    code = "invalid_credentials"
    message = _("No active account fits this name and password.")


class LoginLocked(RateLimited):
    """Too many failures for this name or from this address."""

    code = "login_locked"
    message = _("Too many failed attempts. Try again later.")


class SmsUnavailable(DependencyDown):
    code = "sms_unavailable"
    message = _("Codes cannot be sent by SMS here. Please log in with a password.")
    retry_after = 3600


class TelegramUnavailable(DependencyDown):
    code = "telegram_unavailable"
    message = _("Logging in through Telegram is not possible here.")
    retry_after = 3600


class CodeInvalid(ValidationFailed):
    """A wrong code, one that is over, and a number that none was sent to: the caller is not told which."""

    code = "code_invalid"
    message = _("This code is not right or no longer valid.")


class TokenInvalid(AuthenticationRequired):
    code = "token_invalid"
    message = _("This token is not valid or has expired.")


class TokenReused(AuthenticationRequired):
    """A refresh token was shown a second time; its session is over."""

    code = "token_reused"
    message = _("This refresh token was already used. Log in again.")


class WrongPassword(ValidationFailed):
    code = "wrong_password"
    message = _("The current password is not right.")


class ResetLinkInvalid(ValidationFailed):
    """Forged, used, too old, or of an account that is closed: the caller is not told which."""

    code = "reset_link_invalid"
    message = _("This link is not valid any more. Ask for a new one.")


class AddressNotFound(NotFound):
    code = "address_not_found"
    message = _("There is no such address.")


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = _("There is no such session.")


class TooManyAddresses(Conflict):
    code = "too_many_addresses"
    message = _("The address book is full. Remove an address first.")
