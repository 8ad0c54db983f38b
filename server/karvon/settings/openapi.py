"""How drf-spectacular writes the API documents."""

from __future__ import annotations

from typing import Any

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DocumentKindEnum": "karvon.documents.models.DocumentKind",
        "AssetStateEnum": "karvon.media.models.AssetState",
        "ConfirmationMethodEnum": "karvon.orders.models.ConfirmationMethod",
        "CollectionKindEnum": "karvon.catalog.models.CollectionKind",
        "DeliveryTypeEnum": "karvon.orders.models.DeliveryType",
        "JobStateEnum": "karvon.catalog.models.JobState",
        "MovementKindEnum": "karvon.inventory.models.MovementKind",
        "OrderStateEnum": "karvon.orders.models.OrderState",
        "PaymentStateEnum": "karvon.orders.models.PaymentState",
        "PaymentMethodEnum": "karvon.orders.models.list_payment_methods",
        "AccountKindEnum": "karvon.ledger.models.AccountKind",
        "PayoutStateEnum": "karvon.ledger.models.PayoutState",
        "TransactionKindEnum": "karvon.ledger.models.TransactionKind",
        "ProductKindEnum": "karvon.catalog.models.ProductKind",
        "ProductStateEnum": "karvon.catalog.models.ProductState",
        "PromotionKindEnum": "karvon.promotions.models.PromotionKind",
        "ReviewStateEnum": "karvon.reviews.models.ReviewState",
        "KycDocumentKindEnum": "karvon.merchants.models.KycDocumentKind",
        "KycDocumentStateEnum": "karvon.merchants.models.DocumentState",
        "InvitationStateEnum": "karvon.merchants.models.InvitationState",
        "StepSubjectEnum": "karvon.merchants.models.StepSubject",
        "KycStatusEnum": "karvon.merchants.models.KycStatus",
        "PaymentPreferenceEnum": "karvon.merchants.models.PaymentPreference",
        "NotificationTargetEnum": "karvon.notifications.models.TargetType",
        "NotificationTopicEnum": "karvon.notifications.models.Topic",
        "NotificationChannelEnum": "karvon.notifications.models.ChannelName",
        "AuditChangeEnum": "karvon.audit.models.Change",
        "LanguageEnum": "karvon.kernel.languages.LANGUAGES",
        "MerchantKindEnum": "karvon.merchants.models.MerchantKind",
        "MembershipEnum": "karvon.accounts.models.Membership",
        "MerchantStateEnum": "karvon.merchants.models.MerchantState",
        "RoleEnum": "karvon.accounts.models.Role",
        "StaffRoleEnum": "karvon.merchants.models.StaffRole",
    },
    # each document is checked by itself; all doors in one would be a document that nobody is shown
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "SORT_OPERATIONS": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "karvon.api.schema.drop_empty_defaults",
    ],
}
