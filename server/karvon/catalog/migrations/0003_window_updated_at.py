from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_search_titles_and_best_selling")]

    operations = [
        migrations.AddField("windowrow", "updated_at", models.DateTimeField(db_default=Now())),
    ]
