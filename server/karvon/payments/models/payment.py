from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField
from karvon.kernel.ids import new_public_id
from karvon.orders.models import Order
from karvon.payments.models.account import ProviderAccount
from karvon.payments.registry import name_of


class PaymentStatus(models.TextChoices):
    """`payments.states` holds the table of steps."""

    CREATED = "created", _("Created")
    PENDING = "pending", _("Waiting for the provider")
    AUTHORIZED = "authorized", _("Authorised")
    PAID = "paid", _("Paid")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = frozenset({PaymentStatus.CREATED, PaymentStatus.PENDING, PaymentStatus.AUTHORIZED})
RECEIVED = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})


class Payment(models.Model):
    """One sum of money that a customer is to give for an order, through one provider.

    `reference` is what the provider calls the thing that the customer pays (a session, an order of the provider's);
    `charge_reference` is the money itself, and the same money is never booked twice. `surplus_amount` of it the order did
    not need: a second payment, or one that came too late.
    """

    id = models.BigIntegerField(primary_key=True, default=new_public_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(_("provider"), max_length=16)
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="payments",
        help_text=_("empty: the platform's own, from the environment"),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=18, choices=PaymentStatus, default=PaymentStatus.CREATED)
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    refunded_amount = AmountField(_("refunded"), default=0, editable=False)
    reference = models.CharField(_("reference"), max_length=128, blank=True, editable=False)
    charge_reference = models.CharField(_("charge"), max_length=128, blank=True, editable=False)
    surplus_amount = AmountField(
        _("not needed"), default=0, editable=False, help_text=_("by the order: it goes back")
    )
    next_step = models.JSONField(default=dict, blank=True, editable=False)
    return_url = models.URLField(max_length=1000, blank=True, editable=False)
    failure = models.CharField(_("failure"), max_length=255, blank=True, editable=False)
    expires_at = models.DateTimeField(_("open until"), null=True, blank=True, editable=False)
    asked_at = models.DateTimeField(
        _("provider asked"), null=True, blank=True, editable=False, help_text=_("by reconciliation")
    )
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="payment_refunds_no_more_than_paid",
                condition=models.Q(
                    amount__gt=0,
                    refunded_amount__gte=0,
                    refunded_amount__lte=models.F("amount"),
                    surplus_amount__gte=0,
                    surplus_amount__lte=models.F("amount"),
                ),
            ),
            models.CheckConstraint(
                name="payment_received_has_a_charge",
                condition=~models.Q(state__in=["paid", "partially_refunded", "refunded"])
                | (models.Q(paid_at__isnull=False) & ~models.Q(charge_reference="")),
            ),
            # money is booked once, whoever tells of it and however often
            # (the reference first: people search for it without saying whose it is)
            models.UniqueConstraint(
                fields=["charge_reference", "provider", "account"],
                condition=~models.Q(charge_reference=""),
                name="payment_charge_unique",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["reference", "provider", "account"],
                condition=~models.Q(reference=""),
                name="payment_reference_unique",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            # the back office's list
            models.Index(fields=["-created_at", "-id"], name="payment_newest"),
            # what reconciliation asks about
            models.Index(
                fields=["provider", "created_at"],
                condition=models.Q(state__in=["created", "pending", "authorized"]),
                name="payment_open_by_provider",
            ),
            # a provider's day
            models.Index(
                fields=["provider", "paid_at"],
                condition=models.Q(paid_at__isnull=False),
                name="payment_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{name_of(self.provider)} {self.pk}"


class AttemptState(models.TextChoices):
    CREATED = "created", _("Begun")
    AUTHORIZED = "authorized", _("Authorised")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    REVERSED = "reversed", _("Reversed after it was paid")


class PaymentAttempt(models.Model):
    """One try at the provider: its transaction, with what must be answered again word for word in `data`.

    `slot` is held by a try that keeps others out (one live transaction per order): "<provider>:<order id>" while it lives.
    """

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="attempts")
    provider = models.CharField(_("provider"), max_length=16)
    account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reference = models.CharField(_("transaction at the provider"), max_length=128)
    state = models.CharField(_("state"), max_length=10, choices=AttemptState, default=AttemptState.CREATED)
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    slot = models.CharField(max_length=64, null=True, unique=True, editable=False)
    data = models.JSONField(default=dict, blank=True)
    begun_at = models.DateTimeField(_("begun"), editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "provider", "account"],
                name="attempt_reference_unique",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            # what has to be closed when its time is over
            models.Index(
                fields=["provider", "begun_at"], condition=models.Q(state="created"), name="attempt_live"
            ),
            # what a provider asks for between two moments
            models.Index(fields=["provider", "account", "begun_at"], name="attempt_by_time"),
        ]

    def __str__(self) -> str:
        return f"{name_of(self.provider)} {self.reference}"
