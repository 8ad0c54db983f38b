"""Who may call a view at all. What they may see or change there is the selectors' and policies' business."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.permissions import AllowAny as AllowAny  # views import every permission from one place
from rest_framework.permissions import IsAuthenticated as IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from karvon.accounts.models import BACK_OFFICE_ROLES, OPERATOR_ROLES, Role


def _has_role(request: Request, roles: frozenset[Role]) -> bool:
    return bool(request.user.is_authenticated and request.user.role in roles)


class IsOperator(BasePermission):
    """Platform staff and administrators."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return _has_role(request, OPERATOR_ROLES)


class IsOperatorOrReadOnly(BasePermission):
    """Anyone reads, platform staff write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or _has_role(request, OPERATOR_ROLES)


class IsAdministrator(BasePermission):
    """Platform administrators only."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return _has_role(request, frozenset({Role.ADMIN}))


class IsMerchantOrOperator(BasePermission):
    """People of a merchant (owner or staff, of whichever one) and platform staff."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return _has_role(request, BACK_OFFICE_ROLES)


class IsMerchantOrOperatorOrReadOnly(BasePermission):
    """Anyone reads; people of a merchant and platform staff write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or _has_role(request, BACK_OFFICE_ROLES)


class IsAuthenticatedOrReadOnly(BasePermission):
    """Anyone reads, people with an account write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or bool(request.user.is_authenticated)
