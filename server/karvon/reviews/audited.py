"""What the audit log watches of reviews."""

from karvon.audit.registry import record
from karvon.reviews.models import Review, ReviewReport

record(Review, merchant="product__merchant", ignores=("updated_at",))
record(ReviewReport, merchant="review__product__merchant")
