"""Puts the one row of the revision counter in place."""

from django.db import migrations


def create_counter(apps, schema_editor):
    apps.get_model("territories", "RevisionCounter").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("territories", "0001_initial")]

    operations = [migrations.RunPython(create_counter, migrations.RunPython.noop)]
