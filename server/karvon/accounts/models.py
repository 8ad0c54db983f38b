"""People: who may log in, under which names, and where their orders go."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    MERCHANT = "merchant", _("Merchant owner")
    MERCHANT_STAFF = "merchant_staff", _("Merchant staff")
    COURIER = "courier", _("Courier")
    STAFF = "staff", _("Platform staff")
    ADMIN = "admin", _("Platform administrator")


class Membership(models.TextChoices):
    """What a customer has earned by buying; each brings a discount by setting."""

    BRONZE = "bronze", _("Bronze")
    SILVER = "silver", _("Silver")
    GOLD = "gold", _("Gold")


OPERATOR_ROLES = frozenset({Role.STAFF, Role.ADMIN})
BACK_OFFICE_ROLES = frozenset({Role.MERCHANT, Role.MERCHANT_STAFF, Role.STAFF, Role.ADMIN})


class UserManager(BaseUserManager["User"]):
    """Creation for Django's own tools; people register through `accounts.services`."""

    def get_by_natural_key(self, username: str | None) -> User:
        # usernames hold no "@", so this is one person at most; the unique indexes are over lower(column)
        folded = (username or "").lower()
        named = self.alias(username_key=Lower("username"), email_key=Lower("email"))
        return named.get(models.Q(username_key=folded) | models.Q(email_key=folded))

    def create_user(self, *, password: str | None = None, **fields: Any) -> User:
        user = self.model(**fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, password: str | None = None, **fields: Any) -> User:
        fields |= {"role": Role.ADMIN, "is_superuser": True}
        return self.create_user(password=password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Email, username and phone are each optional, but one must be there."""

    username = models.CharField(_("username"), max_length=64, null=True, blank=True)
    email = models.EmailField(_("email"), max_length=254, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=16, null=True, blank=True, help_text=_("E.164"))
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.CUSTOMER)
    language = models.CharField(_("language"), max_length=2, default="en")
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    membership = models.CharField(
        _("membership"),
        max_length=6,
        choices=Membership,
        default=Membership.BRONZE,
        db_default=Membership.BRONZE,
    )
    is_membership_fixed = models.BooleanField(
        _("membership set by hand"),
        default=False,
        db_default=False,
        help_text=_("stays until it is handed back to the nightly count"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_email_verified = models.BooleanField(_("email verified"), default=False)
    is_phone_verified = models.BooleanField(_("phone verified"), default=False)
    token_version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_unique_ci"),
            models.UniqueConstraint(Lower("email"), name="user_email_unique_ci"),
            models.UniqueConstraint(fields=["phone"], name="user_phone_unique"),
            models.CheckConstraint(
                name="user_has_a_name_to_log_in_with",
                # a closed account keeps its orders but no name
                condition=models.Q(username__isnull=False)
                | models.Q(email__isnull=False)
                | models.Q(phone__isnull=False)
                | models.Q(closed_at__isnull=False),
            ),
        ]
        # how many registered on a day
        indexes = [models.Index(fields=["created_at"], name="user_by_registration")]

    def __str__(self) -> str:
        return self.full_name or self.username or self.email or self.phone or f"#{self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_operator(self) -> bool:
        return self.role in OPERATOR_ROLES

    @property
    def is_staff(self) -> bool:
        """May open the admin site; what is seen there is scoped by role."""
        return self.role in BACK_OFFICE_ROLES

    def natural_key(self) -> tuple[str, ...]:
        return (self.username or self.email or "",)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What ends tokens ends sessions of the admin site too."""
        return salted_hmac(
            "karvon.accounts.session",
            f"{self.password}:{self.token_version}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Address(models.Model):
    """A place of a person's, copied onto orders as it was when they were placed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(_("label"), max_length=64, blank=True)
    recipient = models.CharField(_("recipient"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    line1 = models.CharField(_("street and house"), max_length=255)
    line2 = models.CharField(_("flat, entrance, floor"), max_length=255, blank=True)
    city = models.CharField(_("city"), max_length=128, blank=True)
    region = models.CharField(_("region"), max_length=128, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    country = models.CharField(_("country"), max_length=2, default="UZ")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    instructions = models.CharField(_("instructions for the courier"), max_length=500, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["-is_default", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_default=True), name="address_one_default_per_user"
            ),
            models.CheckConstraint(
                name="address_point_on_earth",
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
        ]

    def __str__(self) -> str:
        return self.label or self.line1


class RefreshFamily(models.Model):
    """One login on one device. Its refresh token rotates; showing an old one again ends the family."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refresh_families")
    current_jti = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())
    rotated_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=32, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)

    class Meta:
        ordering = ["-rotated_at", "id"]
        indexes = [
            # "log out everywhere" and the list of a person's sessions
            models.Index(
                fields=["user"], condition=models.Q(revoked_at__isnull=True), name="refresh_live_by_user"
            ),
            # nightly purge
            models.Index(fields=["expires_at"], name="refresh_by_expiry"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LoginFailures(models.Model):
    """Failed logins of one name or address, counted in SQL so that a lost cache forgives nobody."""

    subject = models.CharField(max_length=80, primary_key=True, help_text="account:<hash> or ip:<address>")
    count = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("login failures")
        verbose_name_plural = _("login failures")
        # nightly purge of old windows
        indexes = [models.Index(fields=["window_started_at"], name="loginfailures_by_window")]

    def __str__(self) -> str:
        return self.subject
