"""The letters of the PDF: Be Vietnam Pro, whole, from the file that both ends share; reportlab's own fonts draw black
boxes for Vietnamese."""

from functools import cache
from importlib.resources import files

from reportlab.pdfbase.pdfmetrics import registerFont
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
