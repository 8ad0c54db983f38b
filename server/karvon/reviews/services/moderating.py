"""What others do with a review: answer it, report it, hide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused, ValidationFailed
from karvon.merchants.errors import MerchantNotFound
from karvon.merchants.policies import Action, require
from karvon.reviews.errors import AlreadyReported, OwnReview
from karvon.reviews.models import Review, ReviewReport, ReviewState
from karvon.reviews.ratings import move_rating, weigh
from karvon.reviews.selectors import get_review
from karvon.reviews.services.writing import LONGEST_COMMENT, lock_review
from karvon.reviews.texts import clean_text

if TYPE_CHECKING:
    from datetime import datetime

    from karvon.accounts.models import User

LONGEST_REASON = 255
LONGEST_REPORT = 500


@transactional
def reply_to_review(
    *, review_id: int, comment: str, actor: User | None, now: datetime | None = None
) -> Review:
    """The shop's public answer; a second one replaces the first.

    Raises ReviewNotFound, PermissionRefused (also for people of other shops), MerchantNotActive,
    ValidationFailed.
    """
    reply = clean_text(comment, is_multiline=True)
    if not 1 <= len(reply) <= LONGEST_COMMENT:
        message = _("From 1 to %(most)d characters.") % {"most": LONGEST_COMMENT}
        raise ValidationFailed(message, details={"comment": [message]})
    return _write_reply(review_id, reply=reply, actor=actor, now=now)


@transactional
def withdraw_reply(*, review_id: int, actor: User | None) -> Review:
    """Takes the shop's answer back. Raises as `reply_to_review`."""
    return _write_reply(review_id, reply="", actor=actor, now=None)


def _write_reply(review_id: int, *, reply: str, actor: User | None, now: datetime | None) -> Review:
    if actor is not None:
        get_review(review_id, actor)
    product, row = lock_review(review_id)
    _require_seller(actor, product.merchant_id)
    row.reply = reply
    row.replied_at = (now or clock_now()) if reply else None
    row.replied_by = actor if reply else None
    row.save(update_fields=["reply", "replied_at", "replied_by", "updated_at"])
    return row


def _require_seller(actor: User | None, merchant_id: int) -> None:
    try:
        require(actor, merchant_id, Action.REPLY_REVIEWS)
    except MerchantNotFound:
        # the review is public, so a stranger is told that it is not theirs to answer
        raise PermissionRefused from None


@transactional
def report_review(*, review_id: int, reason: str, actor: User) -> ReviewReport:
    """Asks staff to look at it, once per person. Raises ReviewNotFound, AlreadyReported (409), OwnReview
    (403).
    """
    review = get_review(review_id, actor)
    if review.user_id == actor.pk:
        raise OwnReview
    text = clean_text(reason, is_multiline=False)
    if not 1 <= len(text) <= LONGEST_REPORT:
        message = _("From 1 to %(most)d characters.") % {"most": LONGEST_REPORT}
        raise ValidationFailed(message, details={"reason": [message]})
    report = ReviewReport(review=review, user=actor, reason=text)
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if constraint != "review_report_once_per_person":
            raise
        raise AlreadyReported from None
    return report


@transactional
def hide_review(*, review_id: int, reason: str, actor: User | None, now: datetime | None = None) -> Review:
    """Takes a review out of the shop and its rating; its reports count as dealt with. Operators only.

    Hiding what is hidden changes the reason. Raises ReviewNotFound, PermissionRefused.
    """
    row = _set_state(review_id, ReviewState.HIDDEN, reason=reason, actor=actor)
    resolve_reports(review_id=review_id, actor=actor, now=now)
    return row


@transactional
def unhide_review(*, review_id: int, actor: User | None) -> Review:
    """Shows a hidden review again. Operators only. Raises ReviewNotFound, PermissionRefused."""
    return _set_state(review_id, ReviewState.VISIBLE, reason="", actor=actor)


@transactional
def resolve_reports(*, review_id: int, actor: User | None, now: datetime | None = None) -> int:
    """Marks the open reports of a review as dealt with; how many. Operators only."""
    _require_operator(actor)
    open_reports = ReviewReport.objects.filter(review_id=review_id, resolved_at__isnull=True)
    return open_reports.update(resolved_at=now or clock_now())


def _set_state(review_id: int, state: ReviewState, *, reason: str, actor: User | None) -> Review:
    _require_operator(actor)
    product, row = lock_review(review_id)
    before = weigh(row)
    row.state = state
    row.hidden_reason = clean_text(reason, is_multiline=False)[:LONGEST_REASON]
    row.save(update_fields=["state", "hidden_reason", "updated_at"])
    move_rating(product, before=before, after=weigh(row))
    return row


def _require_operator(actor: User | None) -> None:
    if actor is not None and not actor.is_operator:
        raise PermissionRefused
