"""Only in the settings of development and tests: see the package."""

from django.apps import AppConfig


class SimulatorsConfig(AppConfig):
    name = "karvon.simulators"
    label = "simulators"
