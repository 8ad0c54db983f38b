"""What can go wrong with mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, NotFound, PermissionRefused


class MailNotFound(NotFound):
    code = "mail_not_found"
    message = _("There is no such mail.")


class MailNotStuck(Conflict):
    """Only what failed, or may not have arrived, is sent again by hand."""

    code = "mail_not_stuck"
    message = _("This mail was sent or is on its way.")


class NotificationNotFound(NotFound):
    """Not there, or in somebody else's inbox."""

    code = "notification_not_found"
    message = _("There is no such notification.")


class TargetNotFound(NotFound):
    """No such merchant or person, or none that the sender has to do with."""

    code = "target_not_found"
    message = _("There is nobody of this number to notify.")


class TargetRefused(PermissionRefused):
    """Only operators reach beyond their own shop."""

    code = "target_refused"
    message = _("A shop may notify its own people only.")
