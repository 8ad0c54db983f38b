"""What happens between the shops, their people and the operators: papers, invitations, a suspension, announcements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from karvon.accounts.models import Role, User
from karvon.backoffice.demo.papers import make_card, make_pdf
from karvon.backoffice.demo.texts import Text
from karvon.merchants.models import Branch, KycDocumentKind, Merchant, MerchantKind, StaffRole
from karvon.merchants.offers import derive_secret
from karvon.merchants.services import (
    PaperUpload,
    accept_invitation,
    decide_kyc,
    invite_staff,
    revoke_invitation,
    submit_kyc,
    suspend_merchant,
)
from karvon.notifications.models import Delivery, Notification, NotificationState, TargetType

NEW_SHOP, SUSPENDED_SHOP = "samarqand-books", "eski-shahar"
Place = tuple[str, float, float]
_ANNOUNCEMENTS: Final = (
    (TargetType.ALL, 21, "Navro‘z", "We wish everybody a happy spring. Deliveries go on through the holidays."),
    (TargetType.MERCHANTS, 9, "New statistics", "Your figures now show balances and payouts too. Have a look."),
    (TargetType.CUSTOMERS, 2, "SALOM10", "Ten percent off your first order with the code SALOM10."),
)  # fmt: skip
_READ_AFTER = timedelta(hours=5)


def open_shop(
    username: str, name: str, kind: MerchantKind, owner: User, description: Text, places: Sequence[Place]
) -> Merchant:
    """A shop with a branch at each place, the first of them its default."""
    merchant = Merchant.objects.create(
        owner=owner, username=username, name=name, kind=kind, currency="UZS", email=owner.email or "",
        **description.columns("description"),
    )  # fmt: skip
    for number, (place, latitude, longitude) in enumerate(places):
        Branch.objects.create(
            merchant=merchant, is_default=number == 0, city="Tashkent", latitude=latitude, longitude=longitude,
            delivery_fee=Decimal(12_000), free_delivery_from=Decimal(150_000),
            **Text(*[place] * 4).columns("name"), **Text(*[f"{place} 1"] * 4).columns("address"),
        )  # fmt: skip
    return merchant


def enliven_marketplace(
    shops: tuple[Merchant, Merchant, Merchant],
    people: Mapping[str, User],
    places: Sequence[Place],
    *,
    now: datetime,
) -> None:
    """Papers in each state, invitations that wait and that were taken, two more shops - one that has only begun and one
    that is suspended -, and what operators told everybody. `people` by username.
    """
    kitchen, gadgets, wardrobe = shops
    staff = people["staff"]
    begun = Text("Kitoblar", "Книги", "Books in four languages", "كتب بأربع لغات")
    open_shop(NEW_SHOP, "Samarqand Kitoblari", MerchantKind.SHOP, people["books"], begun, places[:1])
    old = Text("Antikvar buyumlar", "Антиквариат", "Antiques", "تحف")
    antiques = open_shop(
        SUSPENDED_SHOP, "Eski Shahar", MerchantKind.SHOP, people["antiques"], old, places[1:2]
    )
    for merchant in (kitchen, gadgets, wardrobe, antiques):
        _hand_in_papers(merchant)
    decide_kyc(actor=staff, merchant_id=kitchen.pk, decision="approved", note="Everything is in order.")
    decide_kyc(
        actor=staff, merchant_id=gadgets.pk, decision="rejected", note="The certificate ended last year. Please send the new one."
    )  # fmt: skip
    decide_kyc(actor=staff, merchant_id=antiques.pk, decision="approved")
    suspend_merchant(
        actor=staff, merchant_id=antiques.pk, reason="Three complaints about goods that were not delivered."
    )
    _invite(kitchen, people["cashier"])
    _announce(staff, now)


def _hand_in_papers(merchant: Merchant) -> None:
    owner = merchant.owner
    papers = (
        PaperUpload(KycDocumentKind.PASSPORT, "passport.png", make_card(owner.first_name, "teal")),
        PaperUpload(
            KycDocumentKind.REGISTRATION_CERTIFICATE,
            f"{merchant.username}.pdf",
            make_pdf("Certificate of registration", merchant.name, "Demo: not a document"),
        ),
    )
    submit_kyc(actor=owner, merchant_id=merchant.pk, papers=papers)


def _invite(kitchen: Merchant, cashier: User) -> None:
    """One that was accepted, two that wait, one that was withdrawn."""
    owner = kitchen.owner
    taken = invite_staff(
        actor=owner, merchant_id=kitchen.pk, email=cashier.email or "", role=StaffRole.CASHIER, language="uz"
    )
    accept_invitation(person=cashier, secret=derive_secret(taken))
    for name, role, language in (
        ("new.cook", StaffRole.COOK, "uz"),
        ("new.manager", StaffRole.MANAGER, "ru"),
    ):
        invite_staff(
            actor=owner, merchant_id=kitchen.pk, email=f"{name}@example.com", role=role, language=language
        )
    withdrawn = invite_staff(
        actor=owner,
        merchant_id=kitchen.pk,
        email="wrong.address@example.com",
        role=StaffRole.COOK,
        language="en",
    )
    revoke_invitation(actor=owner, merchant_id=kitchen.pk, invitation_id=withdrawn.pk)


def _announce(staff: User, now: datetime) -> None:
    """As handed out on their days; every other person has read the older ones."""
    for target, days, title, body in _ANNOUNCEMENTS:
        at = now - timedelta(days=days)
        readers = list(_readers(target))
        told = Notification.objects.create(
            title=title, body=body, target_type=target, created_by=staff, state=NotificationState.SENT,
            cursor=max((person.pk for person in readers), default=0), recipients=len(readers), created_at=at, sent_at=at,
        )  # fmt: skip
        Delivery.objects.bulk_create(
            Delivery(
                notification=told, user=person, channel="inbox", created_at=at,
                read_at=at + _READ_AFTER if days > 7 and number % 2 else None,
            )
            for number, person in enumerate(readers)
        )  # fmt: skip


def _readers(target: TargetType) -> Sequence[User]:
    people = User.objects.filter(is_active=True).order_by("pk")
    if target == TargetType.CUSTOMERS:
        people = people.filter(role=Role.CUSTOMER)
    if target == TargetType.MERCHANTS:
        people = people.filter(role__in=(Role.MERCHANT, Role.MERCHANT_STAFF))
    return list(people)
