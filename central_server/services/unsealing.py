"""Opening a desk's backup whose password nobody knows any more: it is sealed for the centre as well."""

from pathlib import Path

from central_server.central import Central
from central_server.services.restoring import BackupUnreadable
from central_server.storage import changes
from central_server.storage.changes import Change
from central_server.storage.database import write_transaction
from sync_protocol.vaults import NotAVault, by_key, key_of, read_head

KIND = "desk_backup"
UNSEAL = "unseal"


def unsealed_key(central: Central, path: Path, *, by: str) -> bytes:
    """The key of a desk's backup, which is recorded; raises BackupUnreadable, NotAVault, WrongKey, VaultDamaged."""
    try:
        with path.open("rb") as file:
            vault = read_head(file)
    except OSError as error:
        raise BackupUnreadable(path=str(path)) from error
    if vault.kind != KIND:
        raise NotAVault
    key = key_of(vault, by_key(central.keys.agreement_seed))
    # What the head tells is not vouched for before a block is opened, so it is recorded as what it claims.
    claims = {"claims": str(vault.told.get("device", ""))[:80]}
    with write_transaction(central.database):
        changes.keep(Change(at=central.now(), who=by, what=UNSEAL, before={}, after=claims))
    return key
