"""What the use cases that talk to the centre expect of the road to it, and how the road can fail."""

from typing import Any, Protocol

from sync_protocol.errors import N_, FieldSyncError


class CentreUnreachable(FieldSyncError):
    """No answer came: ordinary weather."""

    code = "centre_unreachable"
    text = N_(
        "The centre cannot be reached now. What was saved is safe on this machine. "
        "It is sent as soon as there is a connection."
    )


class CentreNonsense(FieldSyncError):
    """Something answered that is not the centre."""

    code = "centre_nonsense"
    text = N_(
        "Something answered at the centre's address, but not the centre. Nothing was sent or changed; "
        "check the address, or sign in to the network first."
    )


class CentreRefused(FieldSyncError):
    """The centre gave a reason for not taking this; it is shown in the centre's own words."""

    text = N_("The centre refused: %(reason)s")

    def __init__(self, code: str, *, vietnamese: str, english: str, retry_after_s: int = 0) -> None:
        super().__init__(reason=english)
        self.refusal_code = code
        self.vietnamese = vietnamese
        self.english = english
        self.retry_after_s = retry_after_s


class Road(Protocol):
    """Carries bytes to the centre; raises CentreUnreachable, CentreRefused, CentreNonsense."""

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """The JSON object that answers a POST."""

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object that answers a GET."""
