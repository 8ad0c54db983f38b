"""Reviews may be liked, and tagged by the platform's staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karvon.catalog import kinds
from karvon.catalog.services.categories import require_operator
from karvon.reviews.models import Review
from karvon.reviews.selectors import reviews_visible_to

if TYPE_CHECKING:
    from karvon.accounts.models import User


def register() -> None:
    """Called once, when the server starts."""
    kinds.register(
        kinds.Kind(
            name="review",
            model=Review,
            visible_to=reviews_visible_to,
            title=_title,
            require_tagger=_require_tagger,
        )
    )


def _title(review: Any, language: str) -> str:
    return str(review.comment)[:80]


def _require_tagger(actor: User | None, review: Any) -> None:
    require_operator(actor)
