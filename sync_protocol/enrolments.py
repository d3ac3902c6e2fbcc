"""How an installation asks to become a device: with a one-time code, and a proof that it holds the key it names."""

from collections.abc import Mapping

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.signing import BadSignature, Signed, SigningKey, canonical, decoded, encoded, verify

ENROLMENT = "enrolment"


class RequestAltered(FieldSyncError):
    """A request is not the one that the holder of its key has signed."""

    code = "request_altered"
    text = N_("The request did not arrive as this machine had sent it. Nothing was changed; try again.")


def enrolment_request(code: str, key: SigningKey, agreement_key: bytes, app: str) -> dict[str, str]:
    """What a new device asks with; `app` is the version of its program.

    Its key signs all of it: one damaged letter of a key would make a device of which nobody holds the key, and the code
    would be used.
    """
    asked = {
        "code": code,
        "signing_key": encoded(key.public),
        "agreement_key": encoded(agreement_key),
        "app": app,
    }
    return asked | {"proof": encoded(key.sign(ENROLMENT, asked).signature)}


def check_request(request: Mapping[str, str]) -> None:
    """Raises RequestAltered unless a request is signed, as it stands here, by the key that it names."""
    asked = {name: value for name, value in request.items() if name != "proof"}
    try:
        signed = Signed(canonical({**asked, "document": ENROLMENT}), decoded(request["proof"]))
        verify(signed, decoded(request["signing_key"]))
    except (BadSignature, ValueError) as error:
        raise RequestAltered from error
