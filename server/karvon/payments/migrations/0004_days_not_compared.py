from django.db import migrations, models


class Migration(migrations.Migration):
    """Another kind of difference; the table stays as it is."""

    dependencies = [("payments", "0003_what_people_search_for")]

    operations = [
        migrations.AlterField(
            model_name="difference",
            name="kind",
            field=models.CharField(
                choices=[
                    ("missing_here", "Paid there, unknown here"),
                    ("missing_there", "Paid here, unknown there"),
                    ("amount", "Another amount"),
                    ("state", "Another state"),
                    ("dispute", "Disputed by the customer"),
                    ("unbooked", "Given back without a reason in the order"),
                    ("not_compared", "A day that could not be compared"),
                ],
                max_length=13,
                verbose_name="kind",
            ),
        ),
    ]
