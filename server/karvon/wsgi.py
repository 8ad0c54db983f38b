"""The WSGI application: `granian --interface wsgi karvon.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
_application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - as the next line

from karvon.api.express import Express  # noqa: E402 - its views need Django to be set up

# the profiler sees what goes through Django's handler: then nothing is answered ahead of it
application = _application if settings.TOOLS.has_profiler else Express(_application)
