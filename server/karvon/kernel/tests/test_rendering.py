from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import models
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from rest_framework.utils.serializer_helpers import ReturnDict

from karvon.kernel.rendering import OrjsonRenderer, dump_json


class Colour(models.TextChoices):
    RED = "red", "Red"


class Size(models.IntegerChoices):
    SMALL = 1, "Small"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("45000.00"), '"45000.00"'),
        (datetime(2025, 1, 1, 14, 30, tzinfo=UTC), '"2025-01-01T14:30:00Z"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (_("Not found."), '"Not found."'),
        (mark_safe("<b>"), '"<b>"'),
        (Colour.RED, '"red"'),
        (Size.SMALL, "1"),
        (True, "true"),
        ((1, 2), "[1,2]"),
        (frozenset({7}), "[7]"),
        ({1: "a"}, '{"1":"a"}'),
        (ReturnDict({"a": Colour.RED}, serializer=None), '{"a":"red"}'),
        ("сўм ﷼", '"сўм ﷼"'),
        (float("nan"), "null"),
        (2**53 - 1, "9007199254740991"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values(value, text):
    assert dump_json(value).decode() == text


def test_what_has_no_json_form_is_an_error_at_once():
    with pytest.raises(TypeError):
        dump_json({"a": object()})


def test_the_renderer_writes_nothing_for_nothing():
    assert OrjsonRenderer().render(None) == b""
    assert json.loads(OrjsonRenderer().render({"a": [1]})) == {"a": [1]}
