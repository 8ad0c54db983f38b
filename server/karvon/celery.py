"""The Celery application: `celery -A karvon.celery worker` and `beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
app = Celery("karvon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["karvon.catalog.exchange"])
