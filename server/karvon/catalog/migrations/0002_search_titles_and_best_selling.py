from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes for searches that match a large part of the catalogue."""

    atomic = False  # built while the shop is open

    dependencies = [("catalog", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "windowrow",
            GinIndex(
                models.Func(models.F("search"), models.Value("{a}"), function="ts_filter"),
                name="window_search_titles",
            ),
        ),
        AddIndexConcurrently(
            "windowrow",
            models.Index(
                fields=["-in_stock", "-popularity", "-product"],
                condition=models.Q(is_visible=True),
                name="window_best_selling",
            ),
        ),
    ]
