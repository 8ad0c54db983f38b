from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

FILL = """
UPDATE catalog_windowrow AS shown SET updated_at = product.updated_at
FROM catalog_product AS product
WHERE product.id = shown.product_id AND shown.updated_at <> product.updated_at
"""


class Migration(migrations.Migration):
    """When products were last changed, for lists in that order."""

    atomic = False  # built while the shop is open

    dependencies = [("catalog", "0004_window_updated_at")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        AddIndexConcurrently(
            "windowrow",
            models.Index(
                fields=["-updated_at", "-product"], condition=models.Q(is_visible=True), name="window_changed"
            ),
        ),
    ]
