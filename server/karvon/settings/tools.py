"""Debug toolbar and profiler: what each adds to the settings, and that it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from karvon.settings.env import BadEnvironment

TOOLBAR_PREFIX, PROFILER_PREFIX = "/__debug__/", "/silk/"


@dataclass
class Tools:
    """Additions to the lists of the settings; empty when nothing is asked for."""

    has_toolbar: bool = False
    has_profiler: bool = False
    apps: list[str] = field(default_factory=list)
    middleware: list[str] = field(default_factory=list)
    browser_middleware: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    policies: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    @classmethod
    def asked_for(cls, values: Mapping[str, Any]) -> Tools:
        """By the environment. Raises BadEnvironment where a tool is on that is not installed."""
        tools = cls()
        if values["KARVON_DEBUG_TOOLBAR"] and values["KARVON_DEBUG"]:
            _require("debug_toolbar", "KARVON_DEBUG_TOOLBAR")
            tools.has_toolbar = True
            tools.apps.append("debug_toolbar")
            # innermost: what it adds to a page is there when the page's policy is written
            tools.browser_middleware.append("debug_toolbar.middleware.DebugToolbarMiddleware")
            tools.prefixes.append(TOOLBAR_PREFIX)
        if values["KARVON_PROFILING"]:
            _require("silk", "KARVON_PROFILING")
            tools.has_profiler = True
            tools.apps.append("silk")
            tools.middleware.append("silk.middleware.SilkyMiddleware")
            tools.browser_middleware.append("karvon.backoffice.profiling.OperatorsOnly")
            tools.prefixes.append(PROFILER_PREFIX)
            inline = ["'self'", "'unsafe-inline'"]  # silk's own pages have scripts and styles in them
            tools.policies[PROFILER_PREFIX] = {"script-src": inline, "style-src": inline}
        return tools


def _require(module: str, name: str) -> None:
    if find_spec(module) is None:
        raise BadEnvironment(
            f"Karvon cannot start:\n  {name} is on, but {module} is not installed: `make tools` does, or requirements/dev.txt"
        )
