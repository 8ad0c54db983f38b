"""Ways of paying come from the providers that are there, so that one more needs no migration. Nothing changes in the database."""

from __future__ import annotations

from django.db import migrations, models

from karvon.orders.models import list_payment_methods


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_paid_to_merchant")]

    operations = [
        migrations.AlterField(
            "order",
            "payment_method",
            models.CharField("payment", max_length=16, choices=list_payment_methods),
        )
    ]
