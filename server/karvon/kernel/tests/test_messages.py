"""Every message that people see has its translation."""

from __future__ import annotations

from pathlib import Path

import pytest
import rest_framework
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from django.contrib.auth import password_validation
from django.core import validators
from django.core.management import CommandError, call_command
from django.utils.translation import gettext, override

from karvon.kernel import messages as catalogues
from karvon.kernel.messages import (
    PACKAGE,
    TRANSLATED,
    add_names,
    carry_over,
    collect_messages,
    find_problems,
    path_of,
    read_catalogue,
    render_mo,
    render_po,
)

SOURCE = '''
from django.utils.translation import gettext as _, ngettext, pgettext
"""Not a message."""
_("Plain.")
_("In " "two parts.")
ngettext("%(count)d unit", "%(count)d units", 2)
pgettext("of a courier", "Free")
_(variable)
print("not a message")
'''
TEMPLATE = """{% load i18n %}<p title="{% translate "A title" %}">{% blocktranslate trimmed with name=user.name %}
  Hello {{ name }},
{% endblocktranslate %}{% blocktranslate count n=units %}one unit{% plural %}{{ n }} units{% endblocktranslate %}
{# {% translate "commented" %} #}not a message</p>"""


@pytest.fixture(scope="module")
def messages() -> Catalog:
    collected = collect_messages()
    add_names(collected)
    return collected


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_is_whole(language, messages):
    catalog = carry_over(messages, read_catalogue(language), language)

    assert find_problems(catalog) == []
    assert len(catalog) > 800
    fresh = "`make messages` writes the catalogues anew"
    assert path_of(language).read_bytes() == render_po(catalog), fresh
    assert path_of(language).with_suffix(".mo").read_bytes() == render_mo(catalog), fresh


@pytest.mark.parametrize(("language", "forms"), [("uz", 1), ("ru", 3), ("ar", 6)])
def test_plural_forms_are_the_language_s(language, forms):
    assert read_catalogue(language).num_plurals == forms


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_pages_of_others_say_is_compiled_as_it_is_written(language):
    folder = PACKAGE / "backoffice" / "locale"
    catalog = read_catalogue(language, folder)

    assert find_problems(catalog) == []
    with path_of(language, folder).with_suffix(".mo").open("rb") as file:
        compiled = {_first(message.id): _forms(message.string) for message in read_mo(file) if message.id}
    assert compiled == {_first(message.id): _forms(message.string) for message in catalog if message.id}


def _first(msgid):
    return msgid if isinstance(msgid, str) else msgid[0]


def _forms(string):
    return [string] if isinstance(string, str) else list(string)


def test_a_language_does_not_answer_in_another_s_letters(messages):
    """A translation put under the wrong language shows by its script."""
    letters = {"ru": range(0x400, 0x500), "ar": range(0x600, 0x700)}
    for language in TRANSLATED:
        for message in read_catalogue(language):
            if not message.id:
                continue
            text = message.string if isinstance(message.string, str) else message.string[0]
            foreign = [each for each in letters if each != language]
            assert not any(ord(sign) in letters[each] for sign in text for each in foreign), (language, text)


def make_package(folder: Path) -> Path:
    for name, content in {
        "room/errors.py": SOURCE,
        "room/templates/room/page.html": TEMPLATE,
        "room/tests/test_it.py": '_("of a test")',
        "room/migrations/0001.py": '_("of a migration")',
        "room/notes.txt": '{% translate "not a template" %}',
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def test_messages_are_found_in_python_and_in_templates(tmp_path):
    found = {
        (message.context, message.id) for message in collect_messages(make_package(tmp_path)) if message.id
    }

    assert found == {
        (None, "Plain."),
        (None, "In two parts."),
        (None, ("%(count)d unit", "%(count)d units")),
        ("of a courier", "Free"),
        (None, "A title"),
        (None, "Hello %(name)s,"),
        (None, ("one unit", "%(n)s units")),
    }


def test_known_translations_are_kept_and_lost_messages_dropped(tmp_path):
    messages = collect_messages(make_package(tmp_path))
    known = Catalog(locale="ru")
    known.add("Plain.", "Просто.")
    known.add("In two parts.", "Угадано.", flags=["fuzzy"])
    known.add("Of the past.", "Прошлое.")

    carried = carry_over(messages, known, "ru")

    assert carried.get("Plain.").string == "Просто."
    assert carried.get("In two parts.").string == ""
    assert carried.get("Of the past.") is None
    assert carried.get("Free", "of a courier") is not None


@pytest.mark.parametrize(
    ("msgid", "string", "problem"),
    [
        ("Only %(left)d left.", "", "not translated"),
        ("Only %(left)d left.", "Осталось мало.", "placeholders"),
        ("Only %(left)d left.", "Осталось %(left)s.", "placeholders"),
        ("Only %(left)d left.", "Осталось %(осталось)d.", "placeholders"),
        ("At most {max}.", "Не больше {min}.", "placeholders"),
        (("%d unit", "%d units"), ("%d штука", "%d штуки"), "plural forms"),
        (("%d unit", "%d units"), ("%d штука", "", "%d штук"), "not translated"),
        ("Text.", "Текст.\n", "line break"),
    ],
)
def test_mistakes_are_found(msgid, string, problem):
    catalog = Catalog(locale="ru")
    catalog.add(msgid, string)

    assert problem in "".join(find_problems(catalog))


def test_a_guess_is_a_mistake_and_a_good_translation_none():
    catalog = Catalog(locale="ru")
    catalog.add("Only %(left)d of %(all)d.", "Из %(all)d осталось %(left)d.")
    catalog.add(("%d unit", "%d units"), ("%d штука", "%d штуки", "%d штук"))
    assert find_problems(catalog) == []

    catalog.add("Guessed.", "Угадано.", flags=["fuzzy"])
    assert "fuzzy" in "".join(find_problems(catalog))


def test_the_command_writes_both_files_and_fails_while_something_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(collect_messages, "__defaults__", (make_package(tmp_path),))
    monkeypatch.setattr(catalogues, "list_names", lambda: [("shelf", "room.Shelf")])
    for function in (catalogues.path_of, catalogues.read_catalogue, catalogues.write_catalogue):
        defaults = function.__defaults__
        monkeypatch.setattr(function, "__defaults__", (*defaults[:-1], tmp_path / "locale"))

    with pytest.raises(CommandError):
        call_command("update_messages")

    said = capsys.readouterr().out
    assert "'Plain.': is not translated" in said
    assert "'shelf': is not translated" in said
    written = (tmp_path / "locale").glob("*/LC_MESSAGES/*")
    assert {f"{path.parts[-3]} {path.name}" for path in written} == {
        f"{language} django.{kind}" for language in TRANSLATED for kind in ("mo", "po")
    }


# what no door of ours can answer
_NEVER_SHOWN = (
    "hyperlink",
    "URL string",
    "path choice",
    "More than {count} items",
    "file path",
    "number of items",
)
_ONLY_WITH_OTHER_SETTINGS = (
    "unique for the",
    "A server error occurred.",
    "Expected available in",
    "offset",
    "IPv",
)


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_frameworks_say_is_translated_too(language, tmp_path):
    folder = Path(rest_framework.__file__).parent
    modules = [
        folder / f"{name}.py" for name in ("fields", "serializers", "relations", "validators", "exceptions")
    ]
    modules += [Path(validators.__file__), Path(password_validation.__file__)]
    for number, module in enumerate(modules):
        (tmp_path / f"module{number}.py").write_text(module.read_text())

    with override(language):
        silent = {
            message.id if isinstance(message.id, str) else message.id[0]
            for message in collect_messages(tmp_path)
            if message.id
            and gettext(message.id if isinstance(message.id, str) else message.id[0]) == message.id
        }

    excused = (*_NEVER_SHOWN, *_ONLY_WITH_OTHER_SETTINGS)
    assert {each for each in silent if not any(part in each for part in excused)} == set()
