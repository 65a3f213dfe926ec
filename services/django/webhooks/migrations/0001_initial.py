"""The tables of hookseal's inbox, and the events."""

from django.db import migrations, models

from hookseal.inbox import tables


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(tables("postgresql")),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "line",
                    models.TextField(
                        help_text="The event's CloudEvent, one line of JSON."
                    ),
                ),
            ],
            options={"db_table": "events"},
        ),
    ]
