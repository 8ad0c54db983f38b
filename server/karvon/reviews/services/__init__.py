"""Every write of this room."""

from karvon.reviews.services.moderating import (
    hide_review,
    reply_to_review,
    report_review,
    resolve_reports,
    unhide_review,
    withdraw_reply,
)
from karvon.reviews.services.writing import ReviewInput, create_review, delete_review, update_review

__all__ = [
    "ReviewInput",
    "create_review",
    "delete_review",
    "hide_review",
    "reply_to_review",
    "report_review",
    "resolve_reports",
    "unhide_review",
    "update_review",
    "withdraw_reply",
]
