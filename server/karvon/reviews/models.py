"""What buyers say of products."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from karvon.catalog.models import Product


class ReviewState(models.TextChoices):
    VISIBLE = "visible", _("Visible")
    HIDDEN = "hidden", _("Hidden by staff")


class Review(models.Model):
    """One customer's opinion of one product. Only visible ones count in the product's rating."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews")
    rating = models.PositiveSmallIntegerField(_("rating"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    signed_as = models.CharField(
        _("signed as"),
        max_length=64,
        blank=True,
        db_default="",
        help_text=_("empty: the author's first name"),
    )
    comment = models.TextField(_("comment"), max_length=5000, blank=True)
    is_verified = models.BooleanField(_("bought it"), default=False, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=ReviewState, default=ReviewState.VISIBLE)
    hidden_reason = models.CharField(_("reason"), max_length=255, blank=True)
    reply = models.TextField(_("shop's reply"), max_length=5000, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True, editable=False)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "user"], name="review_one_per_product_and_customer"),
            models.CheckConstraint(
                name="review_rating_one_to_five", condition=models.Q(rating__gte=1, rating__lte=5)
            ),
        ]
        indexes = [
            # a product's page of reviews, newest first
            models.Index(
                fields=["product", "-id"],
                condition=models.Q(state="visible"),
                name="review_visible_by_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5 · {self.product}"


class ReviewReport(models.Model):
    """Somebody asks staff to look at a review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="reports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("review report")
        verbose_name_plural = _("review reports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "user"], name="review_report_once_per_person"),
        ]

    def __str__(self) -> str:
        return self.reason
