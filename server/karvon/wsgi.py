"""The WSGI application: `granian --interface wsgi karvon.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
_application = get_wsgi_application()

from karvon.api.express import Express  # noqa: E402 - its views need Django to be set up

application = Express(_application)
