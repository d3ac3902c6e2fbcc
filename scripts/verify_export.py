"""Checks an export of a centre, trusting nobody: python3 scripts/verify_export.py FOLDER [--key KEY]

Needs Python 3.11 and the package cryptography, and reads nothing of this project: what it checks is written here, by
sync_protocol/PROTOCOL.md. KEY is the centre's public key as it is known from elsewhere, such as a desk's certificate;
without it the export is only checked against itself. Prints what is wrong and exits 1, or 0 if nothing is.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Branch = tuple[str, int, int]
"""Desk, slot and epoch of a device's journal."""

CENTRE_SLOT = 0
"""The centre's own journal at a desk, which has no certificate."""

ENTRY_FIELDS = ("slot", "epoch", "sequence")


class Audit:
    """Goes through the files in their order and remembers what each later one is checked by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        self.centre_key = b""
        self.keys: dict[tuple[str, int], bytes] = {}
        self.origins: dict[tuple[str, int], bytes] = {}
        self.hashes: dict[Branch, list[bytes]] = {}
        self.ledgers: dict[str, list[int]] = {}
        self.steps: dict[tuple[str, str, str], list[str]] = {}
        self.counts: dict[str, int] = {}

    def run(self, known_key: str | None) -> None:
        """Checks everything."""
        files = self.manifest(known_key)
        for name in ("packs", "devices", "entries", "statements", "snapshots", "publications", "receipts"):
            check = getattr(self, name)
            said = files.get(f"{name}.ndjson", {})
            for number, line in self.lines(name, said):
                try:
                    reason = check(line)
                except (KeyError, TypeError, ValueError, AttributeError, InvalidSignature) as error:
                    reason = f"it does not hold ({type(error).__name__})"
                if reason:
                    self.fault(f"{name}.ndjson line {number}", reason)
        self.ledger_is_whole()
        self.heads_are_receipted()

    def manifest(self, known_key: str | None) -> dict[str, Any]:
        """The signed list of the files."""
        try:
            signed = json.loads((self.folder / "manifest.json").read_bytes())
            content = json.loads(signed["body"])
            self.centre_key = raw(content["centre_key"])
            document(signed, "export", self.centre_key)
        except (OSError, KeyError, TypeError, ValueError, InvalidSignature) as error:
            self.fault("manifest.json", f"it does not hold ({type(error).__name__})")
            return {}
        if known_key and raw(known_key) != self.centre_key:
            self.fault("manifest.json", "it is signed by another key than the one that you know")
        print(f"centre {content['centre_key']}, state of {content['made_at']}")
        return dict(content["files"])

    def lines(self, name: str, said: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        """The lines of a file, its digest and number compared with the signed list at the end."""
        digest, number = hashlib.sha256(), 0
        try:
            with (self.folder / f"{name}.ndjson").open("rb") as file:
                for number, line in enumerate(file, start=1):
                    digest.update(line)
                    try:
                        yield number, json.loads(line)
                    except ValueError:
                        self.fault(f"{name}.ndjson line {number}", "it is not JSON")
        except OSError:
            self.fault(f"{name}.ndjson", "it is missing")
        self.counts[name] = number
        if (said.get("sha256"), said.get("lines")) != (digest.hexdigest(), number):
            self.fault(f"{name}.ndjson", "it is not the file that the centre has signed for")

    def packs(self, line: Any) -> str:
        """A reference pack is signed by the centre and named by its hash."""
        document(line, "pack", self.centre_key)
        return "" if text(sha256(line["body"].encode())) == line["hash"] else "its name is not its hash"

    def devices(self, line: Any) -> str:
        """A certificate is signed by the centre for this device."""
        said = document(line, "certificate", self.centre_key)
        device = (line["desk"], line["slot"])
        self.keys[device] = raw(said["signing_key"])
        self.origins[device] = sha256(line["body"].encode())
        return "" if (said["desk"], said["slot"]) == device else "it is of another device"

    def entries(self, line: Any) -> str:
        """An entry follows from the one before, and its content is the one that was sealed."""
        branch = (line["desk"], line["slot"], line["epoch"])
        header, payload_hash = line["header"].encode(), raw(line["payload_hash"])
        chain = self.hashes.setdefault(branch, [])
        befores = {chain[-1]} if chain else self.parents(line)
        chain.append(raw(line["entry_hash"]))
        self.ledgers.setdefault(line["desk"], []).append(line["ledger"])
        said = json.loads(header)
        if any(said[name] != line[name] for name in ENTRY_FIELDS):
            return "it is not at the place that its header names"
        if line["sequence"] != len(chain):
            return "an entry before it is missing"
        if all(sha256(before + payload_hash + header) != chain[-1] for before in befores):
            return "it does not follow from the one before it"
        if line["payload"] is None:
            return ""
        sealed = sha256(raw(line["salt"]) + raw(line["payload"]))
        return "" if sealed == payload_hash else "its content is not the one that was sealed"

    def parents(self, line: Any) -> set[bytes]:
        """What the first entry of an epoch may follow: the certificate, or an entry of an epoch before it."""
        device = (line["desk"], line["slot"])
        if line["slot"] == CENTRE_SLOT:
            origin = sha256(self.centre_key + line["desk"].encode())
        else:
            origin = self.origins[device]
        earlier = {
            each for branch, chain in self.hashes.items() if branch[:2] == device and chain for each in chain
        } or {origin}
        named = json.loads(raw(line["payload"])).get("parent_hash") if line["payload"] else ""
        return earlier | ({raw(named)} if named else set())

    def statements(self, line: Any) -> str:
        """A statement is signed by its device; where its head is held, it is the head of the same journal."""
        said = document(line, "statement", self.keys[line["desk"], line["slot"]])
        chain = self.hashes.get((line["desk"], line["slot"], said["epoch"]), [])
        if (said["desk"], said["slot"]) != (line["desk"], line["slot"]):
            return "it is of another device"
        if 1 <= said["head"] <= len(chain) and chain[said["head"] - 1] != raw(said["hash"]):
            print(f"note: {line['desk']} {line['slot']}: a copy of the machine was in use (statement {line['number']})")
        return ""

    def snapshots(self, line: Any) -> str:
        """The figures of a closed period are signed by the centre, as they were when it was closed or restated."""
        document(line, "snapshot", self.centre_key)
        return ""

    def publications(self, line: Any) -> str:
        """A step towards publishing a report is signed by the centre, for its report, and names the one before it."""
        said = document(line, "publication", self.centre_key)
        report = (line["layout"], line["unit_id"], f"{line['first_on']}..{line['last_on']}")
        if report != (said["layout"], said["unit"], said["period"]) or line["step"] != said["step"]:
            return "it is not the step that the line names"
        hashes = self.steps.setdefault(report, [""])
        is_next = (said["number"], said["previous"]) == (len(hashes), hashes[-1])
        hashes.append(text(sha256(line["body"].encode())))
        return "" if is_next else "it does not follow from the step before it"

    def receipts(self, line: Any) -> str:
        """A receipt is signed by the centre, for the last entry that is here."""
        said = document(line, "receipt", self.centre_key)
        chain = self.hashes.pop((said["desk"], said["slot"], said["epoch"]), [])
        is_head = len(chain) == said["up_to"] and chain and chain[-1] == raw(said["hash"])
        return "" if is_head else "the entries do not end where it says"

    def ledger_is_whole(self) -> None:
        """The entries of a desk are numbered from 1 without a gap."""
        for desk, numbers in self.ledgers.items():
            if sorted(numbers) != list(range(1, len(numbers) + 1)):
                self.fault(f"ledger of {desk}", "entries are missing")

    def heads_are_receipted(self) -> None:
        """Each journal has its receipt; the ones that had were taken away when it was read."""
        for desk, slot, epoch in self.hashes:
            self.fault(f"journal {desk} {slot}.{epoch}", "there is no receipt for it")

    def fault(self, where: str, reason: str) -> None:
        """Prints and remembers what is wrong."""
        self.faults.append(where)
        print(f"{where}: {reason}", file=sys.stderr)


def document(signed: Any, kind: str, key: bytes) -> dict[str, Any]:
    """The content of a signed document of a kind; raises InvalidSignature or ValueError."""
    body = signed["body"].encode()
    Ed25519PublicKey.from_public_bytes(key).verify(raw(signed["signature"]), body)
    content = json.loads(body)
    if content["document"] != kind:
        raise ValueError(kind)
    return dict(content)


def raw(encoded: str) -> bytes:
    """Bytes of base64 with the URL alphabet, without padding."""
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)


def text(content: bytes) -> str:
    """What `raw` reads."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def sha256(content: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(content).digest()


def main() -> int:
    """Checks the folder of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--key", help="the centre's public key as it is known from elsewhere")
    given = parser.parse_args()
    audit = Audit(given.folder)
    audit.run(given.key)
    counts = ", ".join(f"{count} {name}" for name, count in audit.counts.items())
    print(f"{counts}: {len(audit.faults) or 'no'} fault{'' if len(audit.faults) == 1 else 's'}")
    return 1 if audit.faults else 0


if __name__ == "__main__":
    sys.exit(main())
