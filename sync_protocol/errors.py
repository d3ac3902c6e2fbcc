"""The one hierarchy of errors that both ends speak.

``code`` goes on the wire and never changes its meaning. ``text`` is for people: English is the key of
the catalogue, and only the edge that shows it translates it.
"""

from typing import ClassVar


def N_(text: str) -> str:
    """Marks a text for the catalogue without translating it here."""
    return text


class FieldSyncError(Exception):
    """Root of all expected errors; ``values`` fill the placeholders of ``text``."""

    code: ClassVar[str] = "error"
    text: ClassVar[str] = N_("Something went wrong. What was saved is safe. Try again, or call your supervisor.")

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.text % values)


class BadInput(FieldSyncError):
    """Something that came from outside does not fit; nothing was changed."""

    code = "bad_input"
    text = N_("%(what)s is not usable: %(reason)s Nothing was changed; correct it and try again.")
