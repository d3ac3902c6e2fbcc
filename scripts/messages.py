"""Brings the catalogues of the three packages up to date and compiles them; --check only says what is missing."""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from sync_protocol.vocabulary import EventKind

ROOT = Path(__file__).parent.parent
PACKAGES = ("sync_protocol", "desk_client", "central_server")
LANGUAGE = "vi"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "false", "encoding": "utf-8", "silent": "false"}}
SHOWN_WORDS: dict[str, list[str]] = {"sync_protocol": [word.value for word in EventKind]}
"""Words of closed sets that stand as values in sentences; no call in the code marks them."""

PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]?[\d.]*[diouxXeEfFgGcrs]")
HEADER = """\
msgid ""
msgstr ""
"Language: vi\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
NO_DATE = datetime(2021, 1, 1, tzinfo=UTC)
"""Stands in the compiled file, so that the same words always compile to the same bytes."""


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 if every catalogue is complete."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something is missing")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"only these; of {', '.join(PACKAGES)}")
    options = parser.parse_args(arguments)
    unknown = set(options.packages) - set(PACKAGES)
    if unknown:
        parser.error(f"no such package: {', '.join(sorted(unknown))}")
    packages = options.packages or PACKAGES
    complaints = [each for package in packages for each in _handle(package, is_check=options.check)]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _handle(package: str, *, is_check: bool) -> list[str]:
    """Checks a package's catalogue, after bringing it up to date if that is wanted."""
    folder = ROOT / package / "locale" / LANGUAGE / "LC_MESSAGES"
    po, mo = folder / "messages.po", folder / "messages.mo"
    catalogue = _updated(package, po)
    text = _po_text(catalogue)
    compiled = _compiled(text)
    if is_check:
        return [*_differences(po, text.encode()), *_differences(mo, compiled), *_complaints(po, catalogue)]
    folder.mkdir(parents=True, exist_ok=True)
    po.write_bytes(text.encode())
    mo.write_bytes(compiled)
    return list(_complaints(po, catalogue))


def _updated(package: str, po: Path) -> Catalog:
    """The texts of the code with the translations that the catalogue has; what is gone from the code is gone."""
    known = _read(po.read_bytes()) if po.exists() else Catalog(locale=LANGUAGE)
    catalogue = Catalog(locale=LANGUAGE)
    for text in _texts(package):
        before = known.get(text if isinstance(text, str) else text[0])
        catalogue.add(text, before.string if before else "")
    return catalogue


def _texts(package: str) -> Iterator[str | tuple[str, ...]]:
    """Every text of a package that is shown to people, with its plural where it has one."""
    for _, _, text, _, _ in extract_from_dir(ROOT / package, METHODS, OPTIONS, KEYWORDS):
        yield text
    yield from SHOWN_WORDS.get(package, [])


def _read(content: bytes) -> Catalog:
    return read_po(BytesIO(content), locale=LANGUAGE, abort_invalid=True)


def _po_text(catalogue: Catalog) -> str:
    """The file without places, dates and old texts, in the order of the texts, so that differences are small."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=110, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    body = buffer.getvalue().decode().strip("\n")
    return HEADER + body + "\n" if body else HEADER.rstrip("\n") + "\n"


def _compiled(text: str) -> bytes:
    catalogue = _read(text.encode())
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _differences(path: Path, wanted: bytes) -> Iterator[str]:
    if not path.exists() or path.read_bytes() != wanted:
        yield f"{_shown(path)}: out of date; run python -m scripts.messages"


def _complaints(po: Path, catalogue: Catalog) -> Iterator[str]:
    for message in catalogue:
        if not message.id:
            continue
        texts, translations = _forms(message.id), _forms(message.string)
        if message.fuzzy:
            yield f"{_shown(po)}: fuzzy: {texts[0]!r}"
        if not all(translations):
            yield f"{_shown(po)}: not translated: {texts[0]!r}"
        elif any(_placeholders(each) != _placeholders(texts[-1]) for each in translations):
            yield f"{_shown(po)}: other placeholders: {texts[0]!r}"


def _forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """A text and its plural, as far as it has one."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
