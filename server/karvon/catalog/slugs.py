"""Slugs: readable, unique, in any script."""

from __future__ import annotations

import secrets

from django.db.models import Model
from django.utils.text import slugify


def free_slug(model: type[Model], text: str, *, fallback: str, exclude_id: int | None = None) -> str:
    """A slug of `text` that no row of `model` has; a short random tail is added when it is taken."""
    limit = getattr(model._meta.get_field("slug"), "max_length", None) or 100
    base = slugify(text, allow_unicode=True)[: limit - 8].strip("-_") or fallback
    taken = model._default_manager.filter(slug=base)  # type: ignore[attr-defined]
    if exclude_id is not None:
        taken = taken.exclude(pk=exclude_id)
    return f"{base}-{secrets.token_hex(3)}" if taken.exists() else base
