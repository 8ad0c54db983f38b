"""Registering people and keeping their profiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.accounts.models import Membership, Role, User
from karvon.accounts.names import normalise_email, normalise_phone, normalise_username, refuse
from karvon.accounts.services.passwords import validate_new_password
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES

NORMALISERS = {"username": normalise_username, "email": normalise_email, "phone": normalise_phone}
CONSTRAINT_FIELDS = {
    "user_username_unique_ci": "username",
    "user_email_unique_ci": "email",
    "user_phone_unique": "phone",
}
PROFILE_FIELDS = frozenset({*NORMALISERS, "first_name", "last_name", "language", "birth_date"})


@dataclass(frozen=True)
class Registration:
    """What a new person gives. Names are normalised by the service; at least one of the first three."""

    password: str
    email: str | None = None
    username: str | None = None
    phone: str | None = None
    first_name: str = ""
    last_name: str = ""
    language: str = DEFAULT_LANGUAGE


@transactional
def register_user(*, registration: Registration, role: Role = Role.CUSTOMER) -> User:
    """A new open account. Raises ValidationFailed naming each bad or taken field, and weak passwords."""
    names = _normalised_names(
        {field: getattr(registration, field) for field in NORMALISERS if getattr(registration, field)}
    )
    if not names:
        raise refuse("email", _("Give an email, a username or a phone number."))
    user = User(
        **names,
        first_name=registration.first_name.strip(),
        last_name=registration.last_name.strip(),
        language=_known_language(registration.language),
        role=role,
    )
    validate_new_password(password=registration.password, user=user)
    user.set_password(registration.password)
    _save_with_unique_names(user)
    return user


def _normalised_names(raw: dict[str, str]) -> dict[str, str]:
    """Every name normalised; the errors of all of them at once."""
    names: dict[str, str] = {}
    details: dict[str, list[str]] = {}
    for field, value in raw.items():
        try:
            names[field] = NORMALISERS[field](value)
        except ValidationFailed as error:
            details |= error.details
    if details:
        raise ValidationFailed(details=details)
    return names


def _known_language(language: str) -> str:
    if language not in LANGUAGES:
        raise refuse("language", _("This language is not offered."))
    return language


def _save_with_unique_names(user: User, update_fields: list[str] | None = None) -> None:
    """The unique indexes decide, so that two people asking for one name at once cannot both get it."""
    try:
        # a savepoint: the refusal must not break the caller's transaction
        with transaction.atomic():
            user.save(update_fields=update_fields)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        field = CONSTRAINT_FIELDS.get(constraint or "")
        if field is None:
            raise
        raise refuse(field, _("This name is already taken.")) from None


@transactional
def update_profile(*, user: User, changes: dict[str, Any]) -> User:
    """Changes the named fields of a person's own profile; None or "" takes a name away.

    A changed email or phone has to be verified again. Raises ValidationFailed.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    changes = {field: value for field, value in changes.items() if field in PROFILE_FIELDS}
    names = {field: changes.pop(field) or None for field in NORMALISERS if field in changes}
    names |= _normalised_names({field: value for field, value in names.items() if value})
    if "language" in changes:
        _known_language(changes["language"])
    if changes.get("birth_date"):
        _check_birth_date(changes["birth_date"])
    for verified, field in (("is_email_verified", "email"), ("is_phone_verified", "phone")):
        if field in names and names[field] != getattr(user, field):
            changes[verified] = False
    for field, value in (changes | names).items():
        setattr(user, field, value)
    if not (user.email or user.username or user.phone):
        raise refuse("email", _("An account needs an email, a username or a phone number."))
    _save_with_unique_names(user, [*changes, *names, "updated_at"])
    return user


@transactional
def update_customer(*, user: User, changes: dict[str, Any], membership: Membership | None) -> User:
    """As `update_profile`; a `membership` counts only for operators, from everybody else it is left unheard."""
    user = update_profile(user=user, changes=changes)
    if membership is not None and user.is_operator and membership != user.membership:
        user.membership, user.is_membership_fixed = membership, True
        user.save(update_fields=["membership", "is_membership_fixed", "updated_at"])
    return user


def _check_birth_date(birth_date: date) -> None:
    today = clock_now().date()
    if not today.year - 130 <= birth_date.year or birth_date > today:
        raise refuse("birth_date", _("This cannot be a birth date."))


@transactional
def set_role(*, user: User, role: Role) -> None:
    """For the floors above: what a person is follows from what they own or work for."""
    User.objects.filter(pk=user.pk).update(role=role)
    user.role = role


@transactional
def confirm_email(*, user: User) -> None:
    """For the floors above: the person followed a link that only their letter box held."""
    User.objects.filter(pk=user.pk).update(is_email_verified=True)
    user.is_email_verified = True
