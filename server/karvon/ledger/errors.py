"""What this room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, NotFound, PermissionRefused


class PayoutNotFound(NotFound):
    code = "payout_not_found"
    message = _("There is no such payout.")


class NothingToPayOut(Conflict):
    code = "nothing_to_pay_out"
    message = _("No merchant has that much to be paid out, with bank details to send it to.")


class TwoPeopleNeeded(PermissionRefused):
    code = "two_people_needed"
    message = _("Who made a payout, or said last where it goes, may not approve it.")


class PayoutHeld(Conflict):
    code = "payout_held"
    message = _("The bank details were changed not long ago. The payout waits until %(until)s.")


class BankDetailsChanged(Conflict):
    code = "bank_details_changed"
    message = _("The bank details have changed since the payout was made. Cancel it and make it again.")


class BankDetailsMissing(NotFound):
    code = "bank_details_missing"
    message = _("There are no bank details yet.")


class CommissionRuleNotFound(NotFound):
    code = "commission_rule_not_found"
    message = _("There is no such commission rule.")
