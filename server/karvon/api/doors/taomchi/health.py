"""How the shop is, at this door's own address."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view

from karvon.api.health import HealthView


@extend_schema_view(get=extend_schema(operation_id="food_health"))
class FoodHealthView(HealthView):
    """The same report as the canonical API's."""
