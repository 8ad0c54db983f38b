import django.db.models.expressions
from django.db import migrations, models

import karvon.kernel.fields


class Migration(migrations.Migration):
    """What was paid for each part. The database gives the default, so that older code may insert rows meanwhile."""

    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="fulfilment",
            name="paid_amount",
            field=karvon.kernel.fields.AmountField(
                db_default=0, decimal_places=3, default=0, editable=False, max_digits=15, verbose_name="paid"
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfilment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_amount__gte", 0),
                    ("paid_amount__lte", django.db.models.expressions.F("total")),
                ),
                name="fulfilment_paid_no_more_than_agreed",
            ),
        ),
    ]
