from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('noted_at', models.DateTimeField()),
            ],
        ),
    ]
