"""Where a merchant's payouts go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.events import publish
from karvon.ledger.events import BankDetailsSet
from karvon.ledger.models import BankDetails
from karvon.merchants.models import Merchant
from karvon.merchants.policies import Action, require

if TYPE_CHECKING:
    from karvon.accounts.models import User

NUMBER = re.compile(r"[A-Z0-9]{6,34}", re.ASCII)
CODE = re.compile(r"[A-Z0-9]{0,20}", re.ASCII)
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class BankInput:
    holder: str
    bank: str
    number: str
    code: str = ""


@transactional
def set_bank_details(
    *, merchant_id: int, data: BankInput, actor: User | None, now: datetime | None = None
) -> BankDetails:
    """Say where payouts go. What changes anything starts the cooling-off time; saying the same again does not.

    Raises MerchantNotFound, RoleNotSufficient (the owner's and operators' business), MerchantNotActive, ValidationFailed.
    """
    require(actor, merchant_id, Action.MANAGE_MERCHANT)
    cleaned = _clean(data)
    # of two at once the second sees what the first wrote
    Merchant.objects.select_for_update(no_key=True).filter(pk=merchant_id).first()
    details = BankDetails.objects.filter(merchant=merchant_id).first() or BankDetails(merchant_id=merchant_id)
    said = {"holder": cleaned.holder, "bank": cleaned.bank, "number": cleaned.number, "code": cleaned.code}
    if any(getattr(details, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(details, name, value)
        details.changed_at, details.changed_by = now or clock.now(), actor
        details.save()
        publish(BankDetailsSet(merchant_id=merchant_id))
    return details


def _clean(data: BankInput) -> BankInput:
    number = re.sub(r"[\s-]", "", data.number).upper()
    code = re.sub(r"\s", "", data.code).upper()
    holder, bank = data.holder.strip(), data.bank.strip()
    problems: dict[str, list[str]] = {}
    if not NUMBER.fullmatch(number):
        problems["number"] = [_("Use 6 to 34 letters A to Z and digits.")]
    elif IBAN.fullmatch(number) and not _is_iban(number):
        problems["number"] = [_("This IBAN has a mistake in it.")]
    if not CODE.fullmatch(code):
        problems["code"] = [_("Use letters A to Z and digits.")]
    for name, text in (("holder", holder), ("bank", bank)):
        if not text or not text.isprintable():
            problems[name] = [_("A name is needed.")]
    if problems:
        raise ValidationFailed(details=problems)
    return BankInput(holder=holder, bank=bank, number=number, code=code)


def _is_iban(number: str) -> bool:
    """ISO 13616: the number, turned round and read as digits, leaves 1 when divided by 97."""
    return int("".join(str(int(each, 36)) for each in number[4:] + number[:4])) % 97 == 1
