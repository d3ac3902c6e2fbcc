"""The letters of the PDF: Be Vietnam Pro, whole; reportlab's own fonts draw black boxes for Vietnamese."""

import unicodedata
from functools import cache
from importlib.resources import files

from reportlab.pdfbase.pdfmetrics import getFont, registerFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "BeVietnamPro"
SEMIBOLD = "BeVietnamPro-SemiBold"
FONT_FILES = {REGULAR: "BeVietnamPro_400Regular.ttf", SEMIBOLD: "BeVietnamPro_600SemiBold.ttf"}


@cache
def register_typeface() -> None:
    """Makes both weights known to reportlab, once in a process."""
    folder = files("sync_protocol") / "fonts"
    for name, file_name in FONT_FILES.items():
        with (folder / file_name).open("rb") as font:
            registerFont(TTFont(name, font))


def undrawable(text: str) -> str:
    """The letters of a composed text that the PDF could not show, each once, in the order of the text.

    Marks that stand alone after composing are among them: reportlab would set them beside their letter.
    """
    register_typeface()
    known = getFont(REGULAR).face.charToGlyph.keys() & getFont(SEMIBOLD).face.charToGlyph.keys()
    letters = dict.fromkeys(text)
    return "".join(each for each in letters if ord(each) not in known or unicodedata.category(each) == "Mn")
