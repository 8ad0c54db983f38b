"""Logging in, as every door does it: the device is remembered, a guest's cart comes along, nothing is cached."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts import services
from karvon.accounts.models import User
from karvon.accounts.permissions import AllowAny
from karvon.accounts.tokens import TokenPair
from karvon.api.carts import read_asked_cart
from karvon.carts.services import merge_carts
from karvon.kernel.addresses import client_address
from karvon.kernel.errors import DomainError

logger = structlog.get_logger(__name__)


class PublicTokenView(APIView):
    """A view that looks at no `Authorization` header: a client refreshes precisely when the token it would
    send there has run out.
    """

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_scope = "login"


@dataclass(frozen=True)
class Device:
    ip: str | None
    user_agent: str


def read_device(request: Request) -> Device:
    """The address is the one our own proxy vouches for; what clients claim in headers is not looked at."""
    try:
        ip: str | None = str(ipaddress.ip_address(client_address(request._request)))
    except ValueError:
        # a proxy that writes no address into its header
        ip = None
    return Device(ip=ip, user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:256])


def log_in(
    request: Request, *, name: str, password: str, access_lifetime: timedelta | None = None
) -> TokenPair:
    """Tokens for whoever knows the password of this email, username or phone; a guest's cart is taken over.

    Raises InvalidCredentials, LoginLocked.
    """
    user = authenticate(request, name=name, password=password)
    return open_login(request, user, access_lifetime=access_lifetime)


def log_in_person(request: Request, *, name: str, password: str) -> tuple[User, TokenPair]:
    """As `log_in`, for doors that answer with the person too."""
    user = authenticate(request, name=name, password=password)
    return user, open_login(request, user)


def authenticate(request: Request, *, name: str, password: str) -> User:
    """Whoever knows the password of this name. Raises InvalidCredentials, LoginLocked."""
    return services.authenticate_by_password(name=name, password=password, ip=read_device(request).ip)


def open_login(request: Request, user: User, *, access_lifetime: timedelta | None = None) -> TokenPair:
    """Tokens for somebody who has just shown who they are; a guest's cart is taken over."""
    device = read_device(request)
    pair = services.issue_tokens(
        user=user, ip=device.ip, user_agent=device.user_agent, access_lifetime=access_lifetime
    )
    adopt_guest_cart(request, user)
    return pair


def pair_answer(pair: TokenPair) -> Response:
    """Tokens must be kept by no cache on the way."""
    return Response({"access": pair.access, "refresh": pair.refresh}, headers={"Cache-Control": "no-store"})


def adopt_guest_cart(request: Request, user: User) -> None:
    """Merges the cart the client names into the person's. Nobody is kept from logging in by a cart: while the
    cart store is down, the guest's cart stays one and is taken over at the next visit to the cart."""
    asked = read_asked_cart(request)
    cart_id = asked.owner.cart_id or asked.carried_id
    if cart_id is None:
        return
    try:
        merge_carts(cart_id, user)
    except DomainError as error:
        logger.warning("guest_cart_left_behind", user_id=user.pk, reason=error.code)
