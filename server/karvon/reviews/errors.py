"""What can go wrong with reviews."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, NotFound, PermissionRefused


class ReviewNotFound(NotFound):
    """Not there, or not the caller's to see."""

    code = "review_not_found"
    message = _("There is no such review.")


class ProductNotReviewable(NotFound):
    """No such product in the shop window."""

    code = "product_not_found"
    message = _("There is no such product.")


class AlreadyReviewed(Conflict):
    """One review per product and customer."""

    code = "already_reviewed"
    message = _("You have already reviewed this product.")


class AlreadyReported(Conflict):
    code = "already_reported"
    message = _("You have already reported this review.")


class OwnProduct(PermissionRefused):
    """Sellers do not rate what they sell."""

    code = "own_product"
    message = _("You cannot review what you sell yourself.")


class OwnReview(PermissionRefused):
    """Nobody reports what they wrote: they can delete it."""

    code = "own_review"
    message = _("This review is your own.")


class NotYourReview(PermissionRefused):
    code = "not_your_review"
    message = _("Only its author can do this.")
