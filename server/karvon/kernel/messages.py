"""What Karvon says: every message of the source, in each language, without gettext's own programs.

`manage.py update_messages` collects messages from Python and templates (Babel reads the former, Django turns the latter into
something Babel can read), carries them into `karvon/locale/<language>/LC_MESSAGES/django.po`, and compiles `django.mo` beside it.
Both files are committed, so that a server needs nothing but Python.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from karvon.kernel.languages import LANGUAGES
from karvon.kernel.names import list_names

PACKAGE = Path(__file__).resolve().parents[1]
FOLDER = PACKAGE / "locale"
SOURCE_LANGUAGE = "en"
TRANSLATED = tuple(language for language in LANGUAGES if language != SOURCE_LANGUAGE)
_NOT_SHOWN = frozenset({"tests", "migrations"})
_FUNCTIONS = dict.fromkeys(
    f"{kind}gettext{suffix}" for kind in ("", "n", "p", "np") for suffix in ("", "_lazy", "_noop")
) | {"_": None}
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z]|%[sd%]|\{\w*(?::\w+)?\}")
_UNCHANGING = datetime(2026, 1, 1, tzinfo=UTC)  # files differ when a message does, not when a clock does
_PLURALS = {"uz": (1, "0")}  # a counted noun stays as it is


def collect_messages(package: Path = PACKAGE) -> Catalog:
    """Every message of the package, with the files it stands in; `add_names` adds those of models."""
    places: dict[tuple[str | None, str | tuple[str, ...]], set[str]] = defaultdict(set)
    for path in sorted(package.rglob("*")):
        if _NOT_SHOWN.isdisjoint(path.relative_to(package).parts):
            for context, msgid in _messages_of(path):
                places[context, msgid].add(path.relative_to(package).as_posix())
    catalog = Catalog()
    for (context, msgid), files in places.items():
        catalog.add(msgid, locations=[(file, 0) for file in sorted(files)], context=context)
    return catalog


def add_names(messages: Catalog) -> None:
    """The names of models and fields too, which no call of gettext shows."""
    for name, model in list_names():
        known = messages.get(name)
        messages.add(name, locations=known.locations if known is not None else [(model, 0)])


def _messages_of(path: Path) -> Iterator[tuple[str | None, str | tuple[str, ...]]]:
    if path.suffix == ".py":
        source = path.read_text()
    elif path.suffix in (".html", ".txt") and "templates" in path.parts:
        # calls of gettext between fillers; Python's tokens know no line that begins anywhere
        lines = templatize(path.read_text(), origin=str(path)).splitlines()
        source = "\n".join(line.lstrip() for line in lines)
    else:
        return
    for _line, function, found, _comments in extract_python(
        BytesIO(source.encode()), _FUNCTIONS, (), {"encoding": "utf-8"}
    ):
        words = [found] if isinstance(found, str) else [word for word in found or () if word is not None]
        if not words or not words[0]:
            continue
        context = words.pop(0) if "pgettext" in function else None
        yield context, tuple(words[:2]) if str(function).startswith("n") else words[0]


def path_of(language: str, folder: Path = FOLDER) -> Path:
    """The `.po` file of a language; the `.mo` stands beside it."""
    return folder / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str, folder: Path = FOLDER) -> Catalog:
    """The translations as they are; empty where there is no file yet."""
    path = path_of(language, folder)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def carry_over(messages: Catalog, known: Catalog, language: str) -> Catalog:
    """The messages of the source with what is known of their translations; what the source lost is dropped."""
    catalog = Catalog(
        locale=language,
        project="Karvon",
        version="0.1",
        charset="utf-8",
        header_comment=f"# Karvon in {known.locale.english_name if known.locale else language}.",
        creation_date=_UNCHANGING,
        revision_date=_UNCHANGING,
        last_translator="Karvon",
        language_team=language,
        fuzzy=False,
    )
    if language in _PLURALS:
        catalog._num_plurals, catalog._plural_expr = _PLURALS[language]  # type: ignore[assignment]
    for message in messages:
        if message.id:
            old = known.get(message.id, message.context)
            string = old.string if old is not None and not old.fuzzy else ""
            catalog.add(message.id, string, locations=message.locations, context=message.context)
    return catalog


def write_catalogue(catalog: Catalog, language: str, folder: Path = FOLDER) -> None:
    """Both files of a language."""
    path = path_of(language, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render_po(catalog))
    path.with_suffix(".mo").write_bytes(render_mo(catalog))


def render_po(catalog: Catalog) -> bytes:
    """The bytes of the `.po` file, sorted by message."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return buffer.getvalue()


def render_mo(catalog: Catalog) -> bytes:
    """The bytes of the `.mo` file, which is what Django reads."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def find_problems(catalog: Catalog) -> list[str]:
    """What is missing or wrong in a language, a line each: no translation, too few plural forms, other placeholders."""
    return [
        f"{message.id!r}: {problem}"
        for message in catalog
        if message.id
        for problem in _problems_of(message, catalog)
    ]


def _problems_of(message: Message, catalog: Catalog) -> Iterator[str]:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if message.fuzzy:
        yield "is fuzzy"
    if not strings or not all(strings):
        yield "is not translated"
        return
    if len(ids) > 1 and len(strings) != catalog.num_plurals:
        yield f"has {len(strings)} plural forms, not {catalog.num_plurals}"
    wanted = set(_PLACEHOLDER.findall(ids[-1]))
    for string in strings:
        if set(_PLACEHOLDER.findall(string)) != wanted:
            yield f"has other placeholders in {string!r}"
        if string.startswith("\n") != ids[0].startswith("\n") or string.endswith("\n") != ids[0].endswith(
            "\n"
        ):
            yield "begins or ends with another line break"
