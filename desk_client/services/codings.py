"""In which codings of entries the centre has said that it reads them: a desk may be newer than its centre."""

from desk_client.storage import notes
from sync_protocol.packing import FRAMED

CODINGS = "codings"
"""Name of the note that keeps them."""


def codings_read() -> list[int]:
    """The codings that the centre's last answer named, inside a connection; the first one before any answer."""
    return notes.note(CODINGS) or [FRAMED]


def note_codings(said: object) -> None:
    """Keeps what an answer of the centre names, inside the caller's transaction; one that names none reads frames."""
    named = [each for each in said if type(each) is int] if isinstance(said, list) else []
    if named != codings_read():
        notes.keep_note(CODINGS, named)
