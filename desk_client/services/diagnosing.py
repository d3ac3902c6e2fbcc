"""What a supporter needs to know of this installation: facts about the machine, and nothing about any person."""

import platform
import shutil
from dataclasses import dataclass
from datetime import datetime

from sqlcipher3 import dbapi2

from desk_client.desk import APP_VERSION, Desk, NotEnrolled
from desk_client.services.holding import held_count, held_lines
from desk_client.services.overview import overview
from desk_client.storage import device, journal
from desk_client.storage.database import reading
from desk_client.storage.keys import kept_in
from sync_protocol.statements import FORMAT
from sync_protocol.vocabulary import DeviceId

HASH_CHARACTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The installation as it is; a field of the desk is None before it is enrolled.

    clock, offset_ms   the machine's own clock, and centre minus clock as last measured
    journal            epoch, sequence and the beginning of the last entry's hash
    held               reasons of what the centre has set aside, with how often each
    """

    app_version: str
    protocol: int
    python: str
    system: str
    engine: str
    cipher: str
    database_bytes: int
    free_disk_mb: int
    key_store: str
    clock: datetime
    offset_ms: int | None
    device: DeviceId | None
    training: bool | None
    centre: str
    journal: str
    unsent_entries: int | None
    batch_entries: int
    failures: int
    problem: str
    tried_at: datetime | None
    succeeded_at: datetime | None
    next_try_at: datetime | None
    held: dict[str, int]
    packs: dict[str, str]


def diagnose(desk: Desk) -> Diagnosis:
    """The facts as they are now; works before the machine is enrolled, too."""
    try:
        identity = desk.identity()
    except NotEnrolled:
        identity = None
    told = overview(desk) if identity else None
    reasons = [line.reason for line in held_lines(desk)]
    with reading(desk.database):
        state, packs, stored = device.contact_state(), device.pack_names(), device.stored()
        end = journal.head(identity.id.slot, identity.origin) if identity else None
        cipher = str(desk.database.execute_sql("PRAGMA cipher_version").fetchone()[0])
    folder = desk.settings.data
    return Diagnosis(
        app_version=APP_VERSION,
        protocol=FORMAT,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        engine=dbapi2.sqlite_version,
        cipher=cipher,
        database_bytes=sum(path.stat().st_size for path in folder.glob("desk.db*")),
        free_disk_mb=shutil.disk_usage(folder).free // 2**20,
        key_store=kept_in(folder),
        clock=desk.clock(),
        offset_ms=state.offset_ms,
        device=identity.id if identity else None,
        training=identity.certificate.training if identity else None,
        centre=stored.central_url if stored else "",
        journal=f"{end.epoch}.{end.sequence} {end.hash.hex()[:HASH_CHARACTERS]}" if end else "",
        unsent_entries=told.unsent_entries if told else None,
        batch_entries=state.batch_entries,
        failures=state.failures,
        problem=state.problem,
        tried_at=state.tried_at,
        succeeded_at=state.succeeded_at,
        next_try_at=state.next_try_at,
        held={reason: reasons.count(reason) for reason in sorted(set(reasons))}
        | ({"not_named": others} if (others := held_count(desk) - len(reasons)) > 0 else {}),
        packs={kind.value: name[:HASH_CHARACTERS] for kind, name in sorted(packs.items())},
    )
