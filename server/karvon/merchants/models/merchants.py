"""Who sells, who works for them, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from karvon.kernel.fields import AmountField, CurrencyField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User


class MerchantState(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")
    # by operators and for good: the row stays for its orders and books
    DELETED = "deleted", _("Deleted")


# shops that their owners have done with
GIVEN_UP = frozenset({MerchantState.CLOSED, MerchantState.DELETED})


class MerchantKind(models.TextChoices):
    RESTAURANT = "restaurant", _("Restaurant")
    SHOP = "shop", _("Shop")


class KycStatus(models.TextChoices):
    """How far the checking of a merchant's papers is."""

    NOT_SUBMITTED = "not_submitted", _("Not submitted")
    PENDING = "pending", _("Waiting for a decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class PaymentPreference(models.TextChoices):
    """How a shop likes to be paid; what a customer can choose is the checkout's affair."""

    ANY = "any", _("Any way")
    CASH = "cash", _("Cash")
    CARD_ON_DELIVERY = "card_on_delivery", _("Card on delivery")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    ONLINE = "online", _("Online payment")


class MerchantQuerySet(models.QuerySet["Merchant"]):
    def of_person(self, user: User) -> MerchantQuerySet:
        """Merchants this person owns or works for, whatever their state."""
        works_for = MerchantStaff.objects.filter(user=user, is_active=True).values("merchant")
        return self.filter(models.Q(owner=user) | models.Q(pk__in=works_for))

    def visible_to(self, principal: User | AnonymousUser) -> MerchantQuerySet:
        """Anyone sees active merchants, their people see them always, operators see all."""
        if not principal.is_authenticated:
            return self.filter(state=MerchantState.ACTIVE)
        if principal.is_operator:
            return self
        own = Merchant.objects.of_person(principal).values("pk")
        return self.filter(models.Q(state=MerchantState.ACTIVE) | models.Q(pk__in=own))


def _empty_or_within(field: str, address: str) -> models.Q:
    return models.Q((field, "")) | models.Q((f"{field}__startswith", address))


class Merchant(models.Model):
    """A seller. `username` is the slug of its store page; texts fall back to `default_language`."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_merchants"
    )
    username = models.SlugField(_("username"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=MerchantKind, default=MerchantKind.SHOP)
    state = models.CharField(_("state"), max_length=10, choices=MerchantState, default=MerchantState.ACTIVE)
    logo = models.ForeignKey(
        "media.Asset", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    kyc_status = models.CharField(
        _("papers"),
        max_length=13,
        choices=KycStatus,
        default=KycStatus.NOT_SUBMITTED,
        db_default=KycStatus.NOT_SUBMITTED,
    )
    payment_preference = models.CharField(
        _("payment preference"),
        max_length=16,
        choices=PaymentPreference,
        default=PaymentPreference.ANY,
        db_default=PaymentPreference.ANY,
    )
    # one spelling each (`links`): pages may put them into an href as they are
    whatsapp_link = models.CharField("WhatsApp", max_length=200, blank=True, default="", db_default="")
    instagram_link = models.CharField("Instagram", max_length=200, blank=True, default="", db_default="")
    facebook_link = models.CharField("Facebook", max_length=200, blank=True, default="", db_default="")
    currency = CurrencyField(_("currency"))
    default_language = models.CharField(_("default language"), max_length=2, default="uz")
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Tashkent")
    tax_rate = models.DecimalField(
        _("tax rate, %"), max_digits=5, decimal_places=2, default=0, help_text=_("included in prices")
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MerchantQuerySet.as_manager()

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="merchant_username_unique_ci"),
            models.CheckConstraint(
                name="merchant_tax_rate_is_a_percentage",
                condition=models.Q(tax_rate__gte=0, tax_rate__lt=100),
            ),
            models.CheckConstraint(
                name="merchant_links_lead_where_they_say",
                condition=_empty_or_within("whatsapp_link", "https://wa.me/")
                & _empty_or_within("instagram_link", "https://www.instagram.com/")
                & _empty_or_within("facebook_link", "https://www.facebook.com/"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StaffRole(models.TextChoices):
    MANAGER = "manager", _("Manager")
    CASHIER = "cashier", _("Cashier")
    COOK = "cook", _("Cook")
    COURIER_MANAGER = "courier_manager", _("Courier manager")


class MerchantStaff(models.Model):
    """A person who works for a merchant; the owner needs no row."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="staff")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="merchant_roles"
    )
    role = models.CharField(_("role"), max_length=16, choices=StaffRole)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("merchant staff")
        verbose_name_plural = _("merchant staff")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="merchant_staff_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class BranchQuerySet(models.QuerySet["Branch"]):
    def visible_to(self, principal: User | AnonymousUser) -> BranchQuerySet:
        """Anyone sees open branches of active merchants, a merchant's people all of theirs, operators all."""
        public = models.Q(is_active=True, merchant__state=MerchantState.ACTIVE)
        if not principal.is_authenticated:
            return self.filter(public)
        if principal.is_operator:
            return self
        own = Merchant.objects.of_person(principal).values("pk")
        return self.filter(public | models.Q(merchant__in=own))


class Branch(models.Model):
    """A place that holds stock and hands orders over. Every merchant has one default branch."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="branches")
    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=255, blank=True)
    city = models.CharField(_("city"), max_length=128, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    offers_delivery = models.BooleanField(_("delivers"), default=True)
    offers_pickup = models.BooleanField(_("pickup"), default=True)
    delivery_fee = AmountField(_("delivery fee"), default=0)
    free_delivery_from = AmountField(_("free delivery from"), null=True, blank=True)
    minimum_order = AmountField(_("minimum order"), default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["merchant_id", "-is_default", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"],
                condition=models.Q(is_default=True),
                name="branch_one_default_per_merchant",
            ),
            models.CheckConstraint(
                name="branch_point_on_earth",
                # half a point would compare to NULL, which a CHECK lets pass
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
            ),
            models.CheckConstraint(
                name="branch_default_is_active",
                condition=models.Q(is_default=False) | models.Q(is_active=True),
            ),
            models.CheckConstraint(
                name="branch_fees_not_negative",
                condition=models.Q(delivery_fee__gte=0, minimum_order__gte=0)
                & (models.Q(free_delivery_from__isnull=True) | models.Q(free_delivery_from__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} · {self.name}"
