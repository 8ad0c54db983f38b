"""Ways of paying without a provider's server: a person says that the money is there."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from karvon.kernel.money import money_json
from karvon.payments.protocol import Account, Capabilities, Intent, NextStep, Provider, SecretField


class Cash(Provider):
    """Money in notes and coins when the order is handed over; booked by handing it over."""

    slug = "cash"
    name = _("Cash")
    capabilities = Capabilities(is_online=False)

    def begin(self, account: Account, intent: Intent) -> NextStep:
        return NextStep("none")


class CardOnDelivery(Cash):
    """A card at the courier's or the branch's own terminal."""

    slug = "card_on_delivery"
    name = _("Card on delivery")


class BankTransfer(Provider):
    """The customer sends the money from a bank; an operator confirms it with the bank's statement in hand."""

    slug = "bank_transfer"
    name = _("Bank transfer")
    capabilities = Capabilities(is_online=False, usual_time=timedelta(days=5))
    fields = (
        SecretField("HOLDER", _("Account holder"), is_secret=False, pattern=r"[^\x00-\x1f]{1,200}"),
        SecretField("BANK", _("Bank"), is_secret=False, pattern=r"[^\x00-\x1f]{1,200}"),
        SecretField("CODE", _("Bank code"), is_secret=False, pattern=r"[A-Z0-9]{0,20}", is_required=False),
        SecretField("NUMBER", _("Account number"), is_secret=False, pattern=r"[A-Z0-9]{6,34}"),
    )

    def begin(self, account: Account, intent: Intent) -> NextStep:
        """Where to send how much, and what to write so that it is found."""
        return NextStep(
            "instructions",
            data={
                "holder": account["HOLDER"],
                "bank": account["BANK"],
                "code": account.values.get("CODE", ""),
                "number": account["NUMBER"],
                "amount": money_json(intent.amount),
                "currency": intent.currency,
                "purpose": intent.order_number,
            },
            reference=f"transfer-{intent.payment_id}",
        )
