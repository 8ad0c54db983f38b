"""The WSGI application: `granian --interface wsgi karvon.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karvon.settings.development")
application = get_wsgi_application()
