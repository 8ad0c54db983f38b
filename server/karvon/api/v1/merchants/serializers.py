"""Merchants, branches and staff as the API takes and shows them. Only what is listed here can be written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from karvon.accounts.models import User
from karvon.api.v1.media.serializers import ImageSourceSet
from karvon.kernel import clock
from karvon.kernel.languages import LANGUAGES
from karvon.kernel.money import money_json
from karvon.media.selectors import image_json
from karvon.merchants.models import (
    Branch,
    InvitationState,
    KycStatus,
    Merchant,
    MerchantKind,
    MerchantStaff,
    MerchantState,
    MerchantStep,
    PaymentPreference,
    StaffInvitation,
    StaffRole,
)
from karvon.merchants.selectors import OWNER
from karvon.merchants.texts import text_fields, text_of

MEMBER_ROLES = [(OWNER, "Owner"), *StaffRole.choices]


class MerchantLogo(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()
    colour = serializers.CharField()
    srcset = ImageSourceSet()


class MerchantSummary(serializers.ModelSerializer[Merchant]):
    """A merchant in lists."""

    description = serializers.SerializerMethodField()
    logo = serializers.SerializerMethodField()
    is_verified = serializers.SerializerMethodField(help_text="its papers were checked")

    class Meta:
        model = Merchant
        fields = [
            "id",
            "username",
            "name",
            "description",
            "kind",
            "state",
            "is_verified",
            "logo",
            "currency",
            "default_language",
            "created_at",
        ]
        read_only_fields = fields

    def get_description(self, merchant: Merchant) -> str:
        return text_of(merchant, "description", default_language=merchant.default_language)

    def get_is_verified(self, merchant: Merchant) -> bool:
        return merchant.kyc_status == KycStatus.APPROVED

    @extend_schema_field(MerchantLogo(allow_null=True))
    def get_logo(self, merchant: Merchant) -> dict[str, Any] | None:
        return image_json(merchant.logo) if merchant.logo else None


class MerchantDetail(MerchantSummary):
    """A merchant's page, with its texts in every language."""

    email = serializers.CharField()

    class Meta(MerchantSummary.Meta):
        fields = [
            *MerchantSummary.Meta.fields,
            "email",
            "phone",
            "timezone",
            "tax_rate",
            "payment_preference",
            "whatsapp_link",
            "instagram_link",
            "facebook_link",
            *[name for name in text_fields(Merchant) if name != "description"],
        ]
        read_only_fields = fields


class _DescriptionTexts(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    description_uz = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    description_ru = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    description_en = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    description_ar = serializers.CharField(max_length=5_000, required=False, allow_blank=True)


class _ContactFields(serializers.Serializer[Any]):
    """Links may be given as addresses, numbers or names; they are stored in one spelling."""

    payment_preference = serializers.ChoiceField(choices=PaymentPreference.choices, required=False)
    whatsapp_link = serializers.CharField(max_length=300, required=False, allow_blank=True)
    instagram_link = serializers.CharField(max_length=300, required=False, allow_blank=True)
    facebook_link = serializers.CharField(max_length=300, required=False, allow_blank=True)


class MerchantRegisterRequest(_ContactFields):
    """`description` is in the language of the request; the currency stays for good."""

    username = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=MerchantKind.choices, required=False)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    default_language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    timezone = serializers.CharField(max_length=64, required=False)
    tax_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=Decimal("99.99"), required=False
    )


class MerchantUpdateRequest(_ContactFields, _DescriptionTexts):
    """What is left out stays. `logo` is the id of one of the shop's pictures, or null."""

    username = serializers.CharField(max_length=64, required=False)
    name = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(choices=MerchantKind.choices, required=False)
    logo = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, allow_null=True)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    default_language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    timezone = serializers.CharField(max_length=64, required=False)
    tax_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=Decimal("99.99"), required=False
    )


class MerchantListQuery(serializers.Serializer[Any]):
    search = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=MerchantKind.choices, required=False)
    state = serializers.ChoiceField(
        choices=MerchantState.choices, required=False, help_text="deleted ones are listed for this only"
    )


class MerchantReasonRequest(serializers.Serializer[Any]):
    """Why, for the merchant's timeline and mail."""

    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class MerchantSuspendRequest(serializers.Serializer[Any]):
    """Why: the merchant is told."""

    reason = serializers.CharField(max_length=1000)


class MerchantStepDetail(serializers.ModelSerializer[MerchantStep]):
    """An entry of a merchant's timeline. Operators are not named to the merchant's people."""

    class Meta:
        model = MerchantStep
        fields = ["id", "subject", "from_state", "to_state", "actor_role", "note", "at"]
        read_only_fields = fields


class MembershipDetail(serializers.Serializer[Any]):
    """A merchant of the person's, and what they are there."""

    merchant = MerchantSummary()
    role = serializers.ChoiceField(choices=MEMBER_ROLES)


class BranchMerchant(serializers.ModelSerializer[Merchant]):
    class Meta:
        model = Merchant
        fields = ["id", "username", "name"]
        read_only_fields = fields


class BranchDetail(serializers.ModelSerializer[Branch]):
    """A place that hands orders over; fees are in `currency`."""

    merchant = BranchMerchant()
    name = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    currency = serializers.CharField(source="merchant.currency")
    delivery_fee = serializers.SerializerMethodField()
    free_delivery_from = serializers.SerializerMethodField()
    minimum_order = serializers.SerializerMethodField()

    class Meta:
        model = Branch
        fields = [
            "id",
            "merchant",
            "name",
            "address",
            "city",
            "latitude",
            "longitude",
            "phone",
            "is_active",
            "is_default",
            "offers_delivery",
            "offers_pickup",
            "currency",
            "delivery_fee",
            "free_delivery_from",
            "minimum_order",
            "created_at",
            *[name for name in text_fields(Branch) if name not in {"name", "address"}],
        ]
        read_only_fields = fields

    def get_name(self, branch: Branch) -> str:
        return text_of(branch, "name", default_language=branch.merchant.default_language)

    def get_address(self, branch: Branch) -> str:
        return text_of(branch, "address", default_language=branch.merchant.default_language)

    def get_delivery_fee(self, branch: Branch) -> str:
        return money_json(branch.delivery_fee)

    def get_free_delivery_from(self, branch: Branch) -> str | None:
        return None if branch.free_delivery_from is None else money_json(branch.free_delivery_from)

    def get_minimum_order(self, branch: Branch) -> str:
        return money_json(branch.minimum_order)


class _BranchFields(serializers.Serializer[Any]):
    address = serializers.CharField(max_length=255, required=False, allow_blank=True)
    city = serializers.CharField(max_length=128, required=False, allow_blank=True)
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)
    is_default = serializers.BooleanField(required=False)
    offers_delivery = serializers.BooleanField(required=False)
    offers_pickup = serializers.BooleanField(required=False)
    delivery_fee = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)
    free_delivery_from = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    minimum_order = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)


class BranchCreateRequest(_BranchFields):
    """`name` and `address` are in the language of the request."""

    name = serializers.CharField(max_length=200)


class BranchUpdateRequest(_BranchFields):
    """What is left out stays; texts may be given in several languages at once."""

    name = serializers.CharField(max_length=200, required=False)
    name_uz = serializers.CharField(max_length=200, required=False, allow_blank=True)
    name_ru = serializers.CharField(max_length=200, required=False, allow_blank=True)
    name_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    name_ar = serializers.CharField(max_length=200, required=False, allow_blank=True)
    address_uz = serializers.CharField(max_length=255, required=False, allow_blank=True)
    address_ru = serializers.CharField(max_length=255, required=False, allow_blank=True)
    address_en = serializers.CharField(max_length=255, required=False, allow_blank=True)
    address_ar = serializers.CharField(max_length=255, required=False, allow_blank=True)


class BranchListQuery(serializers.Serializer[Any]):
    merchant = serializers.CharField(max_length=64, required=False, help_text="id or username")
    city = serializers.CharField(max_length=128, required=False, allow_blank=True, default="")
    offers_delivery = serializers.BooleanField(required=False, allow_null=True, default=None)
    offers_pickup = serializers.BooleanField(required=False, allow_null=True, default=None)


class StaffPerson(serializers.ModelSerializer[User]):
    """No email or phone: whoever knows a name must not learn the rest by taking its owner on."""

    class Meta:
        model = User
        fields = ["id", "username", "first_name", "last_name"]
        read_only_fields = fields


class StaffDetail(serializers.ModelSerializer[MerchantStaff]):
    """Somebody who works for a merchant."""

    user = StaffPerson()

    class Meta:
        model = MerchantStaff
        fields = ["id", "user", "role", "is_active", "created_at"]
        read_only_fields = fields


class StaffAddRequest(serializers.Serializer[Any]):
    user = serializers.CharField(max_length=254, help_text="email, username or phone of an account")
    role = serializers.ChoiceField(choices=StaffRole.choices)


class StaffUpdateRequest(serializers.Serializer[Any]):
    """Switching `is_active` off suspends the person and ends their logins."""

    role = serializers.ChoiceField(choices=StaffRole.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class InvitationDetail(serializers.ModelSerializer[StaffInvitation]):
    """A place offered by mail. `is_expired` once its link is too old: send it again."""

    is_expired = serializers.SerializerMethodField()

    class Meta:
        model = StaffInvitation
        fields = ["id", "email", "role", "language", "state", "is_expired", "created_at", "expires_at"]
        read_only_fields = fields

    def get_is_expired(self, invitation: StaffInvitation) -> bool:
        return invitation.state == InvitationState.PENDING and invitation.expires_at <= clock.now()


class InvitationListQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=InvitationState.choices, required=False)


class InvitationCreateRequest(serializers.Serializer[Any]):
    """`language` is the mail's; the shop's default without it."""

    email = serializers.CharField(max_length=254)
    role = serializers.ChoiceField(choices=StaffRole.choices)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)


class InvitationTokenRequest(serializers.Serializer[Any]):
    """What stands behind `#token=` in the mail's link."""

    token = serializers.CharField(max_length=200)


class InvitationOffer(serializers.Serializer[Any]):
    """What the reader of the mail is offered; `has_account` says whether its address has one to log in to."""

    merchant = BranchMerchant()
    role = serializers.ChoiceField(choices=StaffRole.choices)
    email = serializers.EmailField()
    has_account = serializers.BooleanField()
    expires_at = serializers.DateTimeField()


class InvitationRegisterRequest(InvitationTokenRequest):
    """A new account with the invitation's address, which counts as verified."""

    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    username = serializers.CharField(max_length=64, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)


class InvitationRegistered(serializers.Serializer[Any]):
    """Logged in at once."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    membership = MembershipDetail()
