"""Reads of people, their logins and their addresses."""

from __future__ import annotations

from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from karvon.accounts.errors import AddressNotFound
from karvon.accounts.models import OPERATOR_ROLES, Address, RefreshFamily, User
from karvon.accounts.names import LoginName, NameKind, read_login_name
from karvon.accounts.tokens import Claims
from karvon.kernel.clock import now as clock_now
from karvon.kernel.errors import AuthenticationRequired, NotFound

ADDRESS_FIELDS = ("line1", "line2", "city", "region", "postal_code", "country", "instructions")


def find_user_of_claims(claims: Claims) -> User | None:
    """The living owner of an access token, or None. One query: the login it stems from is checked along,
    so a logout ends access tokens at once and not only when they run out."""
    living_login = RefreshFamily.objects.filter(
        pk=claims.family, user=OuterRef("pk"), revoked_at__isnull=True
    )
    return User.objects.filter(
        Exists(living_login), pk=claims.user_id, is_active=True, token_version=claims.token_version
    ).first()


def find_user_by_login_name(name: LoginName) -> User | None:
    """The person with this email, phone or username, whichever case it was typed in."""
    if name.kind is NameKind.PHONE:
        return User.objects.filter(phone=name.value).first()
    column = name.kind.value
    # the unique indexes are over lower(column)
    return User.objects.alias(login_key=Lower(column)).filter(login_key=name.value.lower()).first()


def find_user_by_name(raw: str) -> User | None:
    """As `find_user_by_login_name`, from raw text; only accounts that are open."""
    user = find_user_by_login_name(read_login_name(raw))
    return user if user is not None and user.is_active else None


def list_customers(*, search: str = "", membership: str = "") -> QuerySet[User]:
    """Everybody with an open account who is no operator, the newest first; `search` looks into names, mail and phone."""
    people = User.objects.filter(closed_at__isnull=True).exclude(role__in=OPERATOR_ROLES).order_by("-pk")
    if membership:
        people = people.filter(membership=membership)
    if search:
        names = ("username", "email", "phone", "first_name", "last_name")
        people = people.filter(reduce(or_, (Q(**{f"{name}__icontains": search[:100]}) for name in names)))
    return people


def list_counted_people(*, after: int, limit: int) -> list[int]:
    """Ids above `after` of open accounts whose membership follows what they buy, in order."""
    people = User.objects.filter(pk__gt=after, closed_at__isnull=True, is_membership_fixed=False)
    return list(people.order_by("pk").values_list("pk", flat=True)[:limit])


def get_customer(user_id: int) -> User:
    """One of `list_customers`. Raises NotFound."""
    found = list_customers().filter(pk=user_id).first()
    if found is None:
        raise NotFound
    return found


def list_sessions(user: User) -> QuerySet[RefreshFamily]:
    """The logins that can still be refreshed, the most recently used first."""
    return user.refresh_families.filter(revoked_at__isnull=True, expires_at__gt=clock_now())


def list_addresses(user: User) -> QuerySet[Address]:
    """The address book, the default first."""
    return user.addresses.order_by("-is_default", "id")


def get_address(user: User, address_id: int) -> Address:
    """One of the person's own addresses. Raises AddressNotFound for anybody else's too."""
    address = user.addresses.filter(pk=address_id).first()
    if address is None:
        raise AddressNotFound
    return address


def find_delivery_address(user: User | None, address_id: int | None = None) -> dict[str, str]:
    """One of the person's addresses, or the default, as an order keeps it: what of it is filled in, as it is now. Empty
    for a guest or an empty book.

    Raises AuthenticationRequired for a guest's `address_id`, AddressNotFound for anybody else's.
    """
    if address_id is not None:
        if user is None:
            raise AuthenticationRequired
        row: Address | None = get_address(user, address_id)
    else:
        row = list_addresses(user).first() if user is not None else None
    if row is None:
        return {}
    return {name: str(value) for name in ADDRESS_FIELDS if (value := getattr(row, name))}


def find_session_user(family: UUID) -> User | None:
    """Whose login this is."""
    login = RefreshFamily.objects.select_related("user").filter(pk=family).first()
    return login.user if login else None
