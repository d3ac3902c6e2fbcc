"""The recovery kit: what another machine needs to be this centre, sealed under a code and kept on paper elsewhere."""

import os
import re
import secrets
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import orjson

from central_server.central import Central
from central_server.paper.recovery_kit import CODE_GROUP_CHARACTERS, CODE_GROUPS, KitPage, kit_html
from central_server.storage.keys import BACKUP_PUBLIC, NAMES, replace_keys
from sync_protocol.certificates import CODE_ALPHABET
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.signing import KEY_BYTES, agreement_public, decoded, encoded
from sync_protocol.vaults import (
    NotAVault,
    VaultDamaged,
    VaultWriter,
    blocks,
    by_phrase,
    key_of,
    lock_for_phrase,
    read_head,
)

KIND = "recovery_kit"
PREFIX = "FSKIT1."
KIT_FILE = "recovery-kit.html"
KIT_BYTES_MAX = 4_194_304
BACKUP_SEED = "backup_seed"
KEY_NAME_CHARACTERS = 8

_TEXT = re.compile(rf"{re.escape(PREFIX)}[A-Za-z0-9_\-\s]+")


class NotAKit(FieldSyncError):
    """The file holds no recovery kit."""

    code = "not_a_kit"
    text = N_(
        "%(path)s is not a recovery kit. Nothing was changed; give the file of the kit's page, or a file with the text "
        "of its square code, which begins with FSKIT1."
    )


class KitNotWritten(FieldSyncError):
    """The sheet cannot be written where it was asked for."""

    code = "kit_not_written"
    text = N_(
        "The recovery kit cannot be written to %(path)s. The centre works and its keys are as before; free some space "
        "or choose another folder, and run: central-server kit --out FILE"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What a kit holds: the centre's keys by name, and the private key that opens its backups."""

    keys: dict[str, bytes] = field(repr=False)
    backup_seed: bytes = field(repr=False)


def make_kit(central: Central, path: Path) -> str:
    """Makes a new kit, writes its sheet to `path`, and gives the recovery code, which is kept nowhere.

    Backups are sealed for the newest kit; those of before open with the kit of before. Raises KitNotWritten.
    """
    seed = central.randomness(KEY_BYTES)
    held = {name: getattr(central.keys, name) for name in NAMES}
    code = _new_code()
    key_name = encoded(agreement_public(seed))[:KEY_NAME_CHARACTERS]
    text = _sealed(Kit(keys=held, backup_seed=seed), code, made_at=instant_text(central.wall()))
    try:
        _write(path, kit_html(KitPage(text=text, key_name=key_name, made_at=central.wall())))
        # Only once the sheet is there: a backup that no kit opens would be none.
        replace_keys(central.settings.data, held | {BACKUP_PUBLIC: agreement_public(seed)})
    except OSError as error:
        raise KitNotWritten(path=str(path)) from error
    return code


def read_kit(path: Path, code: str) -> Kit:
    """Opens the kit in a file: its page, or the text of its QR code. Raises NotAKit, WrongPhrase."""
    raw = _kit_bytes(path)
    try:
        vault = read_head(file := BytesIO(raw))
        if vault.kind != KIND:
            raise NotAKit(path=str(path))
        key = key_of(vault, by_phrase(_as_sealed(code)))
        content = orjson.loads(b"".join(blocks(file, vault, key)))
        keys = {name: decoded(content[name]) for name in (*NAMES, BACKUP_SEED)}
    except (VaultDamaged, NotAVault, KeyError, TypeError, ValueError) as error:
        raise NotAKit(path=str(path)) from error
    backup_seed = keys.pop(BACKUP_SEED)
    return Kit(keys=keys | {BACKUP_PUBLIC: agreement_public(backup_seed)}, backup_seed=backup_seed)


def _new_code() -> str:
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(CODE_GROUPS * CODE_GROUP_CHARACTERS)]
    groups = [letters[at : at + CODE_GROUP_CHARACTERS] for at in range(0, len(letters), CODE_GROUP_CHARACTERS)]
    return "-".join("".join(group) for group in groups)


def _as_sealed(code: str) -> str:
    """A code as people type it: any case, with or without dashes, O for 0, I and L for 1."""
    return code.upper().translate(str.maketrans("OIL", "011", "- \t\r\n"))


def _sealed(kit: Kit, code: str, *, made_at: str) -> str:
    file, key = BytesIO(), secrets.token_bytes(KEY_BYTES)
    writer = VaultWriter(
        file, key, kind=KIND, told={"made_at": made_at}, locks=[lock_for_phrase(key, _as_sealed(code))]
    )
    held = kit.keys | {BACKUP_SEED: kit.backup_seed}
    writer.write(orjson.dumps({name: encoded(held[name]) for name in (*NAMES, BACKUP_SEED)}))
    writer.close()
    return PREFIX + encoded(file.getvalue())


def _kit_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            text = file.read(KIT_BYTES_MAX).decode("utf-8", "replace")
    except OSError as error:
        raise NotAKit(path=str(path)) from error
    # A page names the kit once whole; its printed lines are broken, which is nothing to base64.
    for found in _TEXT.findall(text):
        try:
            return decoded("".join(found.removeprefix(PREFIX).split()))
        except ValueError:
            continue
    raise NotAKit(path=str(path))


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
