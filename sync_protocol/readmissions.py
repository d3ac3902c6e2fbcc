"""How a device is let back in by a centre that was restored from before it enrolled: it shows its certificate."""

from sync_protocol.certificates import Certificate, certificate_hash, read_certificate
from sync_protocol.signing import BadSignature, NotADocument, Signed, SigningKey, encoded, opened

READMISSION = "readmission"


def readmission(certificate: Signed, key: SigningKey) -> dict[str, dict[str, str]]:
    """What a device asks with: its certificate, and a proof that it holds the key that the certificate names."""
    proof = key.sign(READMISSION, {"certificate": encoded(certificate_hash(certificate))})
    return {"certificate": certificate.as_json(), "proof": proof.as_json()}


def read_readmission(content: object) -> tuple[Certificate, Signed]:
    """The certificate of a device that asks to be let back in, and its document.

    Whether it is of this centre is for the caller to say. Raises NotADocument, BadSignature.
    """
    if not isinstance(content, dict) or set(content) != {"certificate", "proof"}:
        raise NotADocument
    signed = Signed.from_json(content["certificate"])
    certificate = read_certificate(signed)
    proof = opened(Signed.from_json(content["proof"]), READMISSION, certificate.signing_key)
    if proof.get("certificate") != encoded(certificate_hash(signed)):
        raise BadSignature
    return certificate, signed
