"""Payment providers that stand on this machine: real HTTP servers for the demo and the tests; never in production."""

from __future__ import annotations

import os
import sys


class NotInProduction(ImportError):
    """Somebody's money would be paid to nobody."""


def _is_production() -> bool:
    named = os.environ.get("DJANGO_SETTINGS_MODULE", "").rpartition(".")[2] == "production"
    return named or "karvon.settings.production" in sys.modules


if _is_production():
    raise NotInProduction("karvon.simulators pretends to be payment providers: production must not import it")
