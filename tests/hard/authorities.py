"""A certificate authority as a province has one, and the certificates that it issues."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
HOST = "localhost"


@dataclass
class Authority:
    """A province's own certificate authority; its certificates hold from `first` to `last` unless it is told else."""

    name: str
    first: datetime = field(default_factory=lambda: datetime.now(UTC) - DAY)
    last: datetime = field(default_factory=lambda: datetime.now(UTC) + DAY)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def own(self) -> x509.Certificate:
        """The certificate that it has issued to itself."""
        limits = x509.BasicConstraints(ca=True, path_length=None)
        builder = self._builder(self.name, self.key, self.first, self.last)
        return builder.add_extension(limits, critical=True).sign(self.key, hashes.SHA256())

    def issue(self, folder: Path, host: str, *, first: datetime | None = None, last: datetime | None = None) -> Path:
        """A file with key and certificate of a server."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        builder = self._builder(host, key, first or self.first, last or self.last)
        certificate = builder.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        return written(folder / f"{certificate.serial_number}.pem", certificate, key)

    def _builder(
        self, name: str, key: ec.EllipticCurvePrivateKey, first: datetime, last: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
        )


def named(name: str) -> x509.Name:
    """A subject with a common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def written(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Path:
    """A PEM file of a certificate and its key."""
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(certificate.public_bytes(encoding) + secret)
    return path
