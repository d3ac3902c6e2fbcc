"""What the use cases that talk to the centre expect of the road to it, and how the road can fail."""

from typing import Any, Protocol

from sync_protocol.errors import N_, FieldSyncError

TOO_LARGE = "body_too_large"
"""The centre's word, and that of a server before it, for a message longer than it takes."""


class CentreUnreachable(FieldSyncError):
    """No answer came: ordinary weather.

    retry_after_s  how long a server before the centre asks to wait, 0 where it does not
    was_under_way  the message had set out when the road broke or fell silent, so a shorter one may get through
    """

    code = "centre_unreachable"
    text = N_(
        "The centre cannot be reached now. What was saved is safe on this machine. "
        "It is sent as soon as there is a connection."
    )

    def __init__(self, *, url: str, retry_after_s: int = 0, was_under_way: bool = False) -> None:
        super().__init__(url=url)
        self.retry_after_s = retry_after_s
        self.was_under_way = was_under_way


class CentreNonsense(FieldSyncError):
    """Something answered that is not the centre."""

    code = "centre_nonsense"
    text = N_(
        "Something answered at the centre's address, but not the centre. Nothing was sent or changed; "
        "check the address, or sign in to the network first."
    )


class CentreUntrusted(FieldSyncError):
    """What answered at the centre's address could not prove that it is the centre."""

    code = "centre_untrusted"
    text = N_(
        "What answered could not prove that it is the province's server. Nothing was sent; what was saved is safe on "
        "this machine. Tell your supervisor this sentence, and whether you are on another network than usual."
    )


class CentreOutOfDate(FieldSyncError):
    """The proof of who the centre is does not hold on the day that this machine's clock shows."""

    code = "centre_out_of_date"
    text = N_(
        "The proof of the province's server is not valid on the date that this machine shows. Nothing was sent; what "
        "was saved is safe here. Set the machine's date right; if it is right, tell your supervisor this sentence."
    )


class CentreExpired(FieldSyncError):
    """The proof of who the centre is does not hold by the centre's own time, which it has signed."""

    code = "centre_expired"
    text = N_(
        "The proof of the province's server has run out, by the server's own clock too; the date of this machine is "
        "not the cause. Nothing was sent; what was saved is safe here. Tell your supervisor this sentence."
    )


class CentreInsecure(FieldSyncError):
    """The centre's address is one that anybody on the way could read and answer."""

    code = "centre_insecure"
    text = N_(
        "The centre's address does not begin with https://, so others on the network could read along. "
        "Nothing was sent; ask your supervisor for the right address."
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
    """Carries bytes to the centre; raises what stands above."""

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """The JSON object that answers a POST."""

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object that answers a GET."""


def wait_asked_s(error: FieldSyncError) -> int:
    """Seconds that the centre, or a server before it, asked to wait; 0 where nobody did."""
    return error.retry_after_s if isinstance(error, CentreUnreachable | CentreRefused) else 0


def asks_for_less(error: FieldSyncError) -> bool:
    """Whether a smaller batch may get through where this one did not."""
    if isinstance(error, CentreRefused):
        return error.refusal_code == TOO_LARGE
    return isinstance(error, CentreUnreachable) and error.was_under_way
