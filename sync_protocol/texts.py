"""Vietnamese text: what is stored, what is searched, how it is sorted and what is hidden.

Sources: the Vietnamese alphabet; Unicode Standard Annex 15 for NFC and NFD.
"""

import re
import unicodedata

from sync_protocol.errors import N_, FieldSyncError

REFUSED_CATEGORIES = frozenset({"Cc", "Cs"})
"""Control characters (NUL among them) and lone surrogates: no database or printer takes them all."""

INVISIBLE_CATEGORY = "Cf"
"""Marks without a glyph, such as the zero-width space of a copied web page."""

PLAIN_D = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d"})
"""The letter đ, and the two that look like it in old files; none of them decomposes."""

LETTER_SHAPES = {"\u0306": "1", "\u0302": "2", "\u031b": "3"}
"""Marks that make another letter, in alphabetical order: a ă â, o ô ơ."""

TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
"""Tone marks in the order of dictionaries: level, huyền, hỏi, ngã, sắc, nặng."""

TELEX_DOUBLES = re.compile(r"aa|ee|oo|dd|[wfjz]|[srx](?!\w)")
"""Keys that the Telex method should have turned into letters and tones."""

MASKED_WHOLLY_BELOW = 9
"""Shorter numbers show nothing, since hiding three or fewer digits hides nobody."""


class BadText(FieldSyncError):
    """A text with a character that cannot be stored, shown and printed."""

    code = "bad_text"
    text = N_(
        "This text holds a character that cannot be kept: %(code_point)s at place %(position)d."
        " Nothing was saved; delete that character, or type the text again."
    )


def normalised(text: str) -> str:
    """The text as it is stored: composed (NFC), single spaces, none at the ends, case as typed.

    Marks without a glyph are dropped. Control characters, tab and line breaks among them, and lone surrogates raise
    BadText, which names the character and its place from 1, and never the text.
    """
    # Nearly all are: what cannot be kept or is dropped counts as not printable, and so do some spaces.
    if text.isprintable():
        composed = unicodedata.normalize("NFC", text)
        # To see that nothing is to be done takes a third of the time in which it is taken apart and put together.
        is_spaced = "  " not in composed and composed == composed.strip()
        return composed if is_spaced else " ".join(composed.split())
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) in REFUSED_CATEGORIES:
            raise BadText(code_point=f"U+{ord(character):04X}", position=position)
    return " ".join(unicodedata.normalize("NFC", _visible(text)).split())


def folded(text: str) -> str:
    """The search key of a text: lower case, without marks, đ as d, single spaces.

    Both places of a tone ("Hoà", "Hòa") give one key, and so do composed and decomposed text. Raises nothing.
    """
    if _is_plain(text):
        return " ".join(text.lower().split())
    # Folding case can bring new marks, so they are dropped on both sides of it.
    unmarked = _without_marks(_without_marks(_visible(text)).casefold())
    return " ".join(unmarked.translate(PLAIN_D).split())


def collation_key(text: str) -> str:
    """The sort key of a text in the order of the Vietnamese alphabet (a ă â b c d đ e ê), then of the tones.

    Keys are compared code point by code point, as Python, SQLite's BINARY and PostgreSQL's "C" do. Letters of the
    whole text decide first and tones second; the text itself comes last, so that unlike texts have unlike keys.
    """
    composed = unicodedata.normalize("NFC", text)
    letters = _letters(" ".join(composed.split()).casefold())
    shapes = "".join(_shape(letter) for letter in letters)
    tones = "".join(_tone(letter) for letter in letters)
    return f"{shapes} {tones} {composed}"


def telex_residue(name: str) -> bool:
    """Whether a name looks like unconverted Telex ("Nguyeenx"): a reason to warn, never to refuse.

    Names of foreigners and of minorities may look so too.
    """
    return TELEX_DOUBLES.search(unicodedata.normalize("NFC", name).casefold()) is not None


def masked(number: str) -> str:
    """A number as lists show it: the first three and the last two characters, ``026*******12``.

    Fewer than MASKED_WHOLLY_BELOW characters are all hidden; the length is kept.
    """
    if len(number) < MASKED_WHOLLY_BELOW:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def _is_plain(text: str) -> bool:
    """Whether a text is of letters, digits and signs without marks: numbers and codes are, and there are many."""
    return text.isascii() and text.isprintable()


def _visible(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) != INVISIBLE_CATEGORY)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


def _letters(text: str) -> list[str]:
    """Each letter of a text with the marks that stand on it, decomposed."""
    letters: list[str] = []
    for character in unicodedata.normalize("NFD", text):
        if letters and unicodedata.category(character) == "Mn":
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _shape(letter: str) -> str:
    """Two characters that order letters; a gap between words comes before every other character."""
    if letter[0] == " ":
        return "!0"
    if letter[0] == "đ":
        return "d1"
    return letter[0] + max((LETTER_SHAPES.get(mark, "0") for mark in letter[1:]), default="0")


def _tone(letter: str) -> str:
    return max((TONES.get(mark, "0") for mark in letter[1:]), default="0")
