"""What was stated and has not come: the days of the dossiers, and the codes that had come by then."""

from collections.abc import Mapping
from datetime import date

from central_server.storage.models import BranchUnsent, DeskRow, DossierRow, Unsent
from sync_protocol.vocabulary import DeskCode, DeviceId


def held_by_day(device: DeviceId, epoch: int, *, is_present: bool) -> dict[date, int]:
    """Dossiers by day of reception that an epoch of a device last stated it held back, less what has come since."""
    if is_present:
        of_device = (Unsent.desk == device.desk, Unsent.slot == device.slot)
        rows = Unsent.select(Unsent.received_on, Unsent.count).where(*of_device, Unsent.count > 0)
    else:
        of_epoch = (
            BranchUnsent.desk == device.desk,
            BranchUnsent.slot == device.slot,
            BranchUnsent.epoch == epoch,
            BranchUnsent.count > 0,
        )
        rows = BranchUnsent.select(BranchUnsent.received_on, BranchUnsent.count).where(*of_epoch)
    return dict(sorted(rows.tuples()))


def codes_by_day(device: DeviceId, epoch: int, days: Mapping[date, int]) -> dict[date, list[str]]:
    """Codes of the dossiers that an epoch of a device has opened, received on some days."""
    rows = DossierRow.select(DossierRow.received_on, DossierRow.dossier_code).where(
        DossierRow.desk == device.desk,
        DossierRow.received_on.in_(list(days)),
        DossierRow.id.startswith(f"{device.slot}.{epoch}."),
    )
    codes: dict[date, list[str]] = {}
    for day, code in rows.tuples():
        codes.setdefault(day, []).append(code)
    return codes


def identifier_code(desk: DeskCode) -> str:
    """With what the dossier codes of a desk begin."""
    return str(DeskRow.select(DeskRow.identifier_code).where(DeskRow.code == desk).scalar())
