"""Karvon's own settings with everything taken out that a plain DRF project would not have."""

from karvon.settings.production import *  # noqa: F403

ROOT_URLCONF = "baselines.plain_drf"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}
