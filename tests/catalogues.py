"""What customers read, in each language: finds the texts in the sources and keeps the catalogues beside them.

`uv run python -m tests.catalogues` adds what is new to `feedback/locale/*/LC_MESSAGES/django.po`, takes out what is
gone, and compiles the `.mo` files, which are kept beside them so that a house needs no tools. A translator edits the
`.po` files and runs it again. `tests/feedback/test_catalogues.py` fails where something is missing or not compiled.
"""

import ast
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template import Template
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "feedback" / "locale"
LANGUAGES = ("de", "fr", "es", "pt", "ar")
# Everything in these is for customers,
SOURCES = (
    "feedback/emails.py",
    "feedback/forms.py",
    "feedback/giving_letter.py",
    "feedback/public/*.py",
    "feedback/services/answers.py",
    "feedback/services/replies.py",
    # Said aloud by the agent.
    "portal/contact/wording.py",
    "portal/video/letter.py",
    "templates/video/*.html",
    "templates/video/*.txt",
    "templates/feedback/*.html",
    "templates/feedback/*.txt",
)
# but for these: letters to colleagues.
FOR_COLLEAGUES = ("templates/feedback/chase_letter.html", "templates/feedback/chase_letter.txt")
# Of these files, only what stands in these classes and functions.
PARTS = {
    "feedback/amends.py": {"kind_words", "put_right_question"},
    "feedback/enums.py": {"Enjoyed", "YesNo"},
    "feedback/services/put_right.py": {"record_put_right"},
    "feedback/starter.py": {"_questions"},
    "feedback/starter_giving.py": {"_sentences"},
}
_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_CALLS_IN_CONTEXT = {"pgettext", "pgettext_lazy"}


class Words(NamedTuple):
    """A text as the sources have it, with its context where it has one."""

    text: str
    context: str | None = None


def words_for_customers() -> dict[Words, set[str]]:
    """Return every text that customers may read, with the files that it stands in."""
    found: dict[Words, set[str]] = {}
    for pattern in SOURCES:
        paths = sorted(ROOT.glob(pattern))
        assert paths, f"nothing is at {pattern}"
        for path in paths:
            if str(path.relative_to(ROOT)) in FOR_COLLEAGUES:
                continue
            source = path.read_text(encoding="utf-8")
            words = _in_python(ast.parse(source)) if path.suffix == ".py" else _in_template(source)
            for one in words:
                found.setdefault(one, set()).add(str(path.relative_to(ROOT)))
    for name, parts in PARTS.items():
        body = ast.parse((ROOT / name).read_text(encoding="utf-8")).body
        nodes = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in parts]
        assert len(nodes) == len(parts), f"something of {parts} is not in {name}"
        for node in nodes:
            for one in _in_python(node):
                found.setdefault(one, set()).add(name)
    return found


def _in_python(tree: ast.AST) -> Iterator[Words]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if node.func.id in _CALLS and texts:
            yield Words(texts[0])
        elif node.func.id in _CALLS_IN_CONTEXT and len(texts) > 1:
            yield Words(texts[1], texts[0])


def _in_template(source: str) -> Iterator[Words]:
    nodelist = Template(source).nodelist
    for node in (*nodelist.get_nodes_by_type(TranslateNode), *nodelist.get_nodes_by_type(BlockTranslateNode)):
        yield from _of(node)


def _of(node: Node) -> Iterator[Words]:
    if isinstance(node, TranslateNode):
        yield Words(str(node.filter_expression.var.literal))
    elif isinstance(node, BlockTranslateNode):
        yield Words(node.render_token_list(node.singular)[0])


def read(language: str) -> Catalog:
    """Return a language's catalogue as its translator left it."""
    with _po(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def kept(language: str) -> dict[str, str]:
    """Return the compiled catalogue that is kept, as programs read it; a context stands before its text."""
    with _po(language).with_suffix(".mo").open("rb") as file:
        return dict(GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def renew(language: str) -> int:
    """Bring a catalogue up to date with the sources and compile it; return how many texts are not translated."""
    before, after = read(language), Catalog(locale=language, project="Regulars", version="1", fuzzy=False)
    after.header_comment, after.msgid_bugs_address = before.header_comment, ""
    after.creation_date, after.revision_date = before.creation_date, before.revision_date
    after.last_translator, after.language_team = before.last_translator, before.language_team
    missing = 0
    for words, files in sorted(words_for_customers().items(), key=lambda item: (sorted(item[1])[0], item[0].text)):
        old = before.get(words.text, words.context)
        said = str(old.string) if old else ""
        missing += not said
        # Without the lines: they would change with each edit of the source.
        places: Any = [(name, None) for name in sorted(files)]
        after.add(words.text, said, places, context=words.context)
    out = BytesIO()
    write_po(out, after, width=120)
    _po(language).write_bytes(out.getvalue())
    with _po(language).with_suffix(".mo").open("wb") as file:
        write_mo(file, after)
    return missing


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    import django

    django.setup()
    for one in LANGUAGES:
        print(f"{one}: {renew(one)} texts to translate")  # noqa: T201
