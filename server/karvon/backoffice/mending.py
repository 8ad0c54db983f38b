"""Files of others that are served a little changed, made from what is installed.

Unfold places things by left and right; its style sheet is served by start and end, so that Arabic mirrors it.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SHEET = "unfold/css/styles.css"
VIEWER = "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
_FOREIGN_LOGO = re.compile(r"https://cdn\.redoc\.ly/redoc/logo[\w-]*\.svg")
_NO_PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
_INLINE = {"left": "start", "right": "end"}
_BLOCK = {"top": "start", "bottom": "end"}
_SIDED = re.compile(
    r"(?<=[{;])(?P<name>(?:scroll-)?(?:margin|padding)-|border-(?:(?P<block>top|bottom)-)?|)"
    r"(?P<side>left|right)(?P<rest>-radius|-width|-style|-color|):(?P<value>[^;}]*)"
)
_ALIGNED = re.compile(r"(?<=[{;])(?P<name>text-align|float):(?P<side>left|right)(?=[;}!])")
# its icons are words of a font that it lays left to right, with their margins; the words do so by themselves
_ICONS_DIRECTION = re.compile(r"(?<=[{;])direction:ltr;?")
# what is centred is pulled back by half its own width, to the left in every language
_CENTRED = re.compile(r"50%|calc\(1 ?/ ?2 ?\* ?100%\)")


def to_logical(css: str) -> str:
    """The same style sheet with the sides of a line instead of left and right; the same to who reads from the left."""
    return _ALIGNED.sub(_align, _SIDED.sub(_place, _ICONS_DIRECTION.sub("", css)))


def _place(found: re.Match[str]) -> str:
    name, block, value = found["name"], found["block"], found["value"]
    side = _INLINE[found["side"]]
    if not name:
        return found[0] if _CENTRED.match(value) or found["rest"] else f"inset-inline-{side}:{value}"
    if block:
        return f"border-{_BLOCK[block]}-{side}{found['rest']}:{value}"
    return f"{name}inline-{side}{found['rest']}:{value}"


def _align(found: re.Match[str]) -> str:
    side = _INLINE[found["side"]]
    return f"{found['name']}:{f'inline-{side}' if found['name'] == 'float' else side}"


def without_foreign_logo(script: str) -> str:
    """ReDoc's script without the picture that it would fetch from its maker's server."""
    return _FOREIGN_LOGO.sub(_NO_PICTURE, script)


@dataclass(frozen=True, slots=True)
class Mended:
    """A file of the application `app` that is served changed."""

    app: str
    change: Callable[[str], str]


MENDED: dict[str, Mended] = {
    SHEET: Mended("unfold", to_logical),
    VIEWER: Mended("drf_spectacular_sidecar", without_foreign_logo),
}


class MendedFiles(BaseFinder):
    """Stands before Django's own finders, so that these are taken instead of the originals (`collectstatic` too)."""

    def check(self, **_options: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **options: Any) -> Any:
        found = str(_write_files() / path) if path in MENDED else None
        if find_all or options.get("all"):
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        storage = FileSystemStorage(location=str(_write_files()))
        for path in MENDED:
            yield path, storage


def original(path: str) -> str:
    """The text of a mended file as its application ships it."""
    source = Path(apps.get_app_config(MENDED[path].app).path) / "static" / path
    return source.read_text(encoding="utf-8")


@cache
def _write_files() -> Path:
    """The folder with the files made from what is installed: once per process, each whole or not at all."""
    folder = Path(settings.KARVON_MADE_STATIC)
    for path, mended in MENDED.items():
        text, target = mended.change(original(path)), folder / path
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished = target.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(target)
    return folder
