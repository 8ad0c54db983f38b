"""An index over what customers gave with their orders; built beside a shop that sells."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0008_confirmation_method"),
        ("catalog", "0001_initial"),  # makes pg_trgm
    ]

    operations = [
        AddIndexConcurrently(
            "order",
            GinIndex(
                OpClass(Upper("contact_name"), "gin_trgm_ops"),
                OpClass(Upper("contact_email"), "gin_trgm_ops"),
                OpClass(models.F("contact_phone"), "gin_trgm_ops"),
                name="order_contact_trgm",
            ),
        ),
    ]
