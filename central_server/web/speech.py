"""The page's texts in the page's language; English is the key of the catalogue."""

import flask_babel

from sync_protocol.messages import Language


def gettext(text: str, **values: object) -> str:
    """A text of the catalogue in the language of the page, its named places filled."""
    return str(flask_babel.gettext(text, **values))


def page_locale() -> Language:
    """The language of the page as Babel names it; Vietnamese outside a page."""
    locale = flask_babel.get_locale()
    return "en" if locale and locale.language == "en" else "vi"
