"""Messages to whoever looks after payments: about refunds that stay undone, and books that do not agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from karvon.accounts.models import Role, User
from karvon.accounts.roles import may
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.formats import format_amount
from karvon.notifications.models import Mail, MailKind, Topic
from karvon.notifications.rendering import render_mail, speak
from karvon.notifications.services.announcing import is_wanted, tell
from karvon.notifications.services.queueing import queue_mail
from karvon.notifications.services.writing import people_told
from karvon.payments.events import PaymentNeedsAttention
from karvon.payments.models import Difference, DifferenceKind, Payment, Refund
from karvon.payments.registry import name_of

# of somebody's mails about payments: a bad night is one mail, and everything of it is in the inbox
ONE_PER = timedelta(hours=1)
# found by comparing whole days, perhaps by the hundred: told once a day for a provider
BY_THE_DAY = (DifferenceKind.MISSING_HERE, DifferenceKind.MISSING_THERE)


@dataclass(frozen=True)
class _Matter:
    """What is wrong, with the rows that it is about."""

    event: PaymentNeedsAttention
    payment: Payment | None
    refund: Refund | None
    difference: Difference | None

    @property
    def key(self) -> str:
        """The same however often it is announced: one payment, one reason."""
        event = self.event
        text = f"{event.provider}:{event.payment_id}:{event.what}:{event.reference}"
        if event.what in BY_THE_DAY:
            text = f"{event.provider}:{event.what}:{clock.now():%Y-%m-%d}"
        return sha256(text.encode()).hexdigest()[:32]

    @property
    def url(self) -> str:
        row = self.refund or self.difference or self.payment
        if row is None or self.event.what in BY_THE_DAY:
            return f"{settings.KARVON_PUBLIC_URL}{reverse('admin:payments_difference_changelist')}?settled=no"
        page = reverse(f"admin:payments_{row._meta.model_name}_change", args=(row.pk,))
        return f"{settings.KARVON_PUBLIC_URL}{page}"

    def headline(self) -> str:
        return f"{name_of(self.event.provider)}: {_what_is_wrong(self.event.what)}"

    def about(self, language: str) -> str:
        """The order and the amount, or what the provider calls it."""
        if self.payment is None:
            return self.event.reference
        sum_of = self.refund or self.payment
        return f"{self.payment.order.number} · {format_amount(sum_of.amount, sum_of.currency, language)}"


def _read(event: PaymentNeedsAttention) -> _Matter:
    payments = Payment.objects.select_related("order", "account__merchant")
    payment = payments.filter(pk=event.payment_id).first() if event.payment_id else None
    if event.what.startswith("refund_"):
        return _Matter(event, payment, Refund.objects.filter(pk=event.reference).first(), None)
    known = Difference.objects.filter(provider=event.provider, kind=event.what, reference=event.reference)
    return _Matter(event, payment, None, known.order_by("-pk").first())


def _what_is_wrong(what: str) -> str:
    """In the language of the moment."""
    texts = {
        "refund_by_hand": _("a refund has to be made by hand"),
        "refund_failed": _("a refund was refused"),
        "refund_stuck": _("a refund does not get through"),
    }
    if what in texts:
        return texts[what]
    return str(DifferenceKind(what).label) if what in DifferenceKind else what


def _what_to_do(matter: _Matter) -> str:
    what, payment = matter.event.what, matter.payment
    if what == "refund_by_hand" and payment is not None and (shop := _holder(payment)):
        return _("The money is in the own account of %(shop)s, which has to give it back.") % {"shop": shop}
    texts = {
        DifferenceKind.NOT_COMPARED: _("Every night tries again. See whether the account with the provider still works."),
        "refund_by_hand": _("Nobody can be asked for it: give it back at the provider, by bank or in cash."),
        "refund_failed": _("See why it was refused, then send it again or give the money back another way."),
        "refund_stuck": _("The provider could not be reached for days: send it again or give the money back another way."),
    }  # fmt: skip
    return texts.get(what) or _("Compare what the provider says with the payment, and note what came of it.")


def _holder(payment: Payment) -> str:
    """The shop that has the money in its own account; "" where the platform has it."""
    merchant = payment.account.merchant if payment.account else None
    return merchant.name if merchant else ""


def _lookers(label: str) -> Iterator[User]:
    """The operators who may see such rows."""
    people = User.objects.filter(is_active=True, role__in=(Role.STAFF, Role.ADMIN)).order_by("pk")
    return (person for person in people if may(person, label, "view"))


@transactional
def tell_operators_of_payment(event: PaymentNeedsAttention) -> int:
    """In the inbox of each operator who may see it, once for a payment and reason, and by mail, no more than one an hour.
    How many people.
    """
    matter = _read(event)
    label = "payments.refund" if event.what.startswith("refund_") else "payments.difference"
    people = list(_lookers(label))
    for person in people:
        language = speak(person.language)
        with translation.override(language):
            headline, about, todo = matter.headline(), matter.about(language), _what_to_do(matter)
        tell(
            user=person,
            topic=Topic.PAYMENTS,
            title=headline,
            body=f"{about}\n{todo}",
            source=f"payments:{matter.key}:{person.pk}",
            data={"payment": event.payment_id, "what": event.what, "url": matter.url},
        )
        if _wants_mail(person):
            context = {
                "shop": settings.KARVON_SHOP_NAME,
                "name": " ".join(person.first_name.split()),
                "headline": headline,
                "about": about,
                "todo": todo,
                "url": matter.url,
            }
            mail = render_mail(MailKind.PAYMENT_ATTENTION, language=language, context=context)
            queue_mail(
                event_id=_mail_id(matter), kind=MailKind.PAYMENT_ATTENTION, recipient=person.email or "", mail=mail,
                user=person,
            )  # fmt: skip
    return len(people)


def _mail_id(matter: _Matter) -> UUID:
    return uuid5(NAMESPACE_URL, f"payments:{matter.key}")


def _wants_mail(person: User) -> bool:
    if not person.email or not is_wanted(user_id=person.pk, channel="mail", topic=Topic.PAYMENTS):
        return False
    lately = Mail.objects.filter(user=person, kind=MailKind.PAYMENT_ATTENTION)
    return not lately.filter(created_at__gt=clock.now() - ONE_PER).exists()


@transactional
def tell_shop_to_give_back(event: PaymentNeedsAttention) -> int:
    """In the inbox of the owner and the managers whose own account has the money of a refund that nobody can be asked for.
    How many people.
    """
    matter = _read(event)
    payment, refund = matter.payment, matter.refund
    merchant = payment.account.merchant if payment and payment.account else None
    if event.what != "refund_by_hand" or payment is None or refund is None or merchant is None:
        return 0
    people = list(people_told(merchant))
    for person in people:
        language = speak(person.language)
        with translation.override(language):
            told = {
                "amount": format_amount(refund.amount, refund.currency, language),
                "number": payment.order.number,
                "provider": name_of(payment.provider),
            }
            tell(
                user=person,
                topic=Topic.ORDERS,
                title=_("Give %(amount)s back for order %(number)s") % told,
                body=_(
                    "The money is in your own account with %(provider)s. Give it back there, or another way, and tell us when "
                    "it is done."
                )
                % told,
                source=f"payments:{matter.key}:shop:{person.pk}",
                data={"order": payment.order_id, "number": payment.order.number},
            )
    return len(people)
