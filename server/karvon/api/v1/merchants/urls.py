"""Merchants by id or username, their branches and people."""

from __future__ import annotations

from django.urls import path

from karvon.api.v1.merchants.views.branches import (
    BranchListView,
    BranchView,
    MerchantBranchListView,
    MerchantBranchView,
)
from karvon.api.v1.merchants.views.invitations import (
    InvitationListView,
    InvitationResendView,
    InvitationView,
    OfferAcceptView,
    OfferRegisterView,
    OfferView,
)
from karvon.api.v1.merchants.views.kyc import (
    KycQueueView,
    MerchantKycDecisionView,
    MerchantKycDocumentView,
    MerchantKycView,
)
from karvon.api.v1.merchants.views.merchants import (
    MerchantActivateView,
    MerchantCloseView,
    MerchantListView,
    MerchantSuspendView,
    MerchantTimelineView,
    MerchantView,
    MyMerchantsView,
)
from karvon.api.v1.merchants.views.staff import StaffListView, StaffView

urlpatterns = [
    path("auth/users/me/merchants/", MyMerchantsView.as_view(), name="auth-users-me-merchants"),
    path("merchants/", MerchantListView.as_view(), name="merchants"),
    path("merchants/<str:key>/", MerchantView.as_view(), name="merchant"),
    path("merchants/<str:key>/suspend/", MerchantSuspendView.as_view(), name="merchant-suspend"),
    path("merchants/<str:key>/activate/", MerchantActivateView.as_view(), name="merchant-activate"),
    path("merchants/<str:key>/close/", MerchantCloseView.as_view(), name="merchant-close"),
    path("kyc/", KycQueueView.as_view(), name="kyc-queue"),
    path("merchants/<str:key>/kyc/", MerchantKycView.as_view(), name="merchant-kyc"),
    path(
        "merchants/<str:key>/kyc/decision/", MerchantKycDecisionView.as_view(), name="merchant-kyc-decision"
    ),
    path(
        "merchants/<str:key>/kyc/documents/<int:document_id>/",
        MerchantKycDocumentView.as_view(),
        name="merchant-kyc-document",
    ),
    path("merchants/<str:key>/invitations/", InvitationListView.as_view(), name="merchant-invitations"),
    path(
        "merchants/<str:key>/invitations/<int:invitation_id>/",
        InvitationView.as_view(),
        name="merchant-invitation",
    ),
    path(
        "merchants/<str:key>/invitations/<int:invitation_id>/resend/",
        InvitationResendView.as_view(),
        name="merchant-invitation-resend",
    ),
    path("invitations/show/", OfferView.as_view(), name="invitations-show"),
    path("invitations/accept/", OfferAcceptView.as_view(), name="invitations-accept"),
    path("invitations/register/", OfferRegisterView.as_view(), name="invitations-register"),
    path("merchants/<str:key>/timeline/", MerchantTimelineView.as_view(), name="merchant-timeline"),
    path("merchants/<str:key>/branches/", MerchantBranchListView.as_view(), name="merchant-branches"),
    path(
        "merchants/<str:key>/branches/<int:branch_id>/",
        MerchantBranchView.as_view(),
        name="merchant-branch",
    ),
    path("merchants/<str:key>/staff/", StaffListView.as_view(), name="merchant-staff"),
    path("merchants/<str:key>/staff/<int:staff_id>/", StaffView.as_view(), name="merchant-staff-member"),
    path("branches/", BranchListView.as_view(), name="branches"),
    path("branches/<int:branch_id>/", BranchView.as_view(), name="branch"),
]
