"""Columns for money."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import models


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """An amount with three decimals stored; shown by its currency's exponent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 15)
        kwargs.setdefault("decimal_places", 3)
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code."""

    default_validators = [RegexValidator(r"^[A-Z]{3}\Z")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("default", "UZS")
        super().__init__(*args, **kwargs)
