"""Whose contracts with providers are entered here, checked and kept sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from cryptography.fernet import InvalidToken
from django.db import IntegrityError
from django.db.transaction import atomic
from django.utils.translation import gettext as _

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import DomainError, PermissionRefused
from karvon.merchants.errors import MerchantNotFound
from karvon.merchants.policies import Action, require
from karvon.payments.accounts import account_of_row
from karvon.payments.errors import ProviderAccountNotFound, ProviderUnavailable, SecretsInvalid
from karvon.payments.models import ProviderAccount
from karvon.payments.outside import asking
from karvon.payments.protocol import Provider, SecretField
from karvon.payments.registry import find_provider
from karvon.payments.secrets import open_sealed, reseal, seal

if TYPE_CHECKING:
    from karvon.accounts.models import User

log = structlog.get_logger(__name__)


@transactional
def save_account(
    *,
    provider: str,
    merchant_id: int | None = None,
    values: Mapping[str, str],
    is_active: bool = True,
    actor: User | None,
) -> ProviderAccount:
    """Enter or change the platform's account with a provider (`merchant_id` None), or a merchant's own; there is one of each.

    `values` by the provider's field names. A secret that is empty or left out stays as it is; any other value stays when it
    is left out. What changes takes the result of the last test with it.

    Raises ProviderUnknown, PermissionRefused (the platform's is the operators' business), MerchantNotFound, RoleNotSufficient,
    MerchantNotActive, SecretsInvalid (400, by field).
    """
    way = find_provider(provider)
    _require(actor, merchant_id)
    row = _take_or_begin(provider, merchant_id)
    known = _known_values(row)
    told = _check_values(way, known, values)
    if told != known or row.pk is None:
        row.secrets, row.checked_at, row.check_error = seal(told), None, ""
    row.is_active = is_active
    try:
        # of two who enter the first at once, one changes what the other has entered
        with atomic():
            row.save()
    except IntegrityError:
        return save_account(
            provider=provider, merchant_id=merchant_id, values=values, is_active=is_active, actor=actor
        )
    return row


def _require(actor: User | None, merchant_id: int | None) -> None:
    if merchant_id is not None:
        require(actor, merchant_id, Action.MANAGE_MERCHANT)
    elif actor is not None and not actor.is_operator:
        raise PermissionRefused


def _take_or_begin(provider: str, merchant_id: int | None) -> ProviderAccount:
    rows = ProviderAccount.objects.select_for_update().filter(provider=provider)
    found = rows.filter(merchant=merchant_id) if merchant_id else rows.filter(merchant=None)
    return found.first() or ProviderAccount(pk=None, provider=provider, merchant_id=merchant_id)


def _known_values(row: ProviderAccount) -> dict[str, str]:
    """What is entered already; nothing where no key opens it any more, so that it can be entered anew."""
    if row.pk is None:
        return {}
    try:
        return open_sealed(row.secrets)
    except ProviderUnavailable:
        log.error("provider_secrets_unreadable", account=row.pk)
        return {}


def _check_values(way: Provider, known: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """All values as they are to be kept. Raises SecretsInvalid with what is wrong at each field."""
    fields = {field.name: field for field in way.fields}
    if not fields or not fields.keys() >= values.keys():
        raise SecretsInvalid
    told: dict[str, str] = {}
    problems: dict[str, list[str]] = {}
    for name, field in fields.items():
        value = _value_of(field, known.get(name, ""), values.get(name))
        if not value and field.is_required:
            problems[name] = [_("This is needed.")]
        elif value and not re.fullmatch(field.pattern, value, re.ASCII):
            problems[name] = [_("This is not of the form that the provider gives out.")]
        elif value:
            told[name] = value
    if problems:
        raise SecretsInvalid(details=problems)
    return told


def _value_of(field: SecretField, known: str, given: str | None) -> str:
    given = given.strip() if given is not None else None
    return known if given is None or (field.is_secret and not given) else given


def check_account(*, account_id: int, actor: User | None, now: datetime | None = None) -> ProviderAccount:
    """Test the connection: ask the provider something harmless with this account, and note what came of it (`check_error` is
    the code of the refusal, empty when all is well). Never inside a transaction.

    Raises ProviderAccountNotFound for strangers and what is not there, PermissionRefused, RoleNotSufficient,
    MerchantNotActive.
    """
    row = ProviderAccount.objects.filter(pk=account_id).first()
    if row is None:
        raise ProviderAccountNotFound
    try:
        _require(actor, row.merchant_id)
    except MerchantNotFound:
        raise ProviderAccountNotFound from None
    way, error = find_provider(row.provider), ""
    try:
        account = account_of_row(row)
        with asking(way):
            way.check(account)
    except DomainError as refusal:
        error = refusal.code
    return _note_check(row, error, now or clock.now())


@transactional
def _note_check(asked: ProviderAccount, error: str, now: datetime) -> ProviderAccount:
    row = ProviderAccount.objects.select_for_update().get(pk=asked.pk)
    if row.secrets == asked.secrets:  # else it is not what was tested
        row.checked_at, row.check_error = now, error
        row.save(update_fields=["checked_at", "check_error", "updated_at"])
    return row


def rotate_secrets() -> tuple[int, list[int]]:
    """Put every account's secrets under the newest of the keys: how many, and those that none of the keys opens. May be run
    again, and while the shop runs.
    """
    done, unreadable = 0, []
    for pk in ProviderAccount.objects.order_by("pk").values_list("pk", flat=True):
        try:
            done += _rotate(pk)
        except InvalidToken:
            unreadable.append(pk)
    return done, unreadable


@transactional
def _rotate(pk: int) -> int:
    row = ProviderAccount.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return 0
    row.secrets = reseal(row.secrets)
    row.save(update_fields=["secrets", "updated_at"])
    return 1
