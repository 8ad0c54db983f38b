from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_likes_and_tags_of_anything")]

    operations = [
        migrations.AddField("windowrow", "updated_at", models.DateTimeField(db_default=Now())),
    ]
