"""What can go wrong with mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, NotFound


class MailNotFound(NotFound):
    code = "mail_not_found"
    message = _("There is no such mail.")


class MailNotStuck(Conflict):
    """Only what failed, or may not have arrived, is sent again by hand."""

    code = "mail_not_stuck"
    message = _("This mail was sent or is on its way.")
