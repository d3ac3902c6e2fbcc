"""The commands for the day on which the centre burns down, and for whoever checks its word."""

import getpass
import secrets
import sys
from pathlib import Path

import click

from central_server.central import Central
from central_server.commands.console import centre_of, console_user, tell
from central_server.opening import open_central, prepare_folder
from central_server.services import backing_up, exporting, founding, recovering, restoring, unsealing, verifying
from central_server.services.backing_up import BACKUP_FOLDER
from central_server.services.examining import RowDiffers
from central_server.services.recovering import KIT_FILE
from central_server.services.restoring import Ground
from central_server.settings import read_settings
from sync_protocol.instants import instant_text, system_clock
from sync_protocol.messages import error_text


@click.command()
@click.option("--training", is_flag=True, help="A practice centre; sealed for its life.")
@click.option("--kit", type=click.Path(path_type=Path), default=None, help="Where the sheet of the recovery kit goes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def init(data: Path | None, training: bool, kit: Path | None, as_json: bool) -> None:
    """Founds a centre in an empty data folder, and makes its recovery kit, to be printed and kept elsewhere."""
    settings = read_settings(data)
    prepare_folder(settings.data)
    central = open_central(settings)
    founding.found(central, training=training)
    if not as_json:
        click.echo(f"Đã tạo máy chủ trong {settings.data}\nCentre founded in {settings.data}")
    _tell_kit(central, kit or settings.data / KIT_FILE, as_json=as_json)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the sheet goes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def kit(data: Path | None, out: Path, as_json: bool) -> None:
    """Makes a new recovery kit. Later backups are sealed for it; keep the old one for the earlier backups."""
    _tell_kit(centre_of(data), out, as_json=as_json)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder, best on another disk.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def backup(data: Path | None, out: Path | None, as_json: bool) -> None:
    """Writes an encrypted backup, reads it again and checks it. Only the recovery kit opens it."""
    central = centre_of(data)
    made = backing_up.back_up(central, out or central.settings.data / BACKUP_FOLDER)
    content = {
        "path": str(made.path),
        "made_at": instant_text(made.made_at),
        "bytes": made.bytes,
        "devices": made.devices,
        "entries": made.entries,
        "dossiers": made.dossiers,
    }
    tell(
        content,
        f"Đã sao lưu và kiểm tra lại {made.dossiers} hồ sơ, {made.entries} bản ghi: {made.path}\n"
        f"{made.dossiers} dossiers, {made.entries} entries backed up and checked: {made.path}",
        as_json=as_json,
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--kit", type=click.Path(path_type=Path), required=True, help="The kit's page, or its QR code's text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def restore(data: Path | None, file: Path | None, kit: Path, as_json: bool) -> None:
    """Stands the centre up again from the backup FILE in an empty data folder. Without FILE only its keys are put back.

    The recovery code is asked, or read from standard input.
    """
    settings = read_settings(data)
    opened = recovering.read_kit(kit, _recovery_code())
    if file is None:
        restoring.restore_keys(settings, opened)
        tell({"keys": True}, f"Đã đặt lại khóa vào {settings.data}\nKeys put back in {settings.data}", as_json=as_json)
        return
    ground = Ground(wall=system_clock, randomness=secrets.token_bytes, who=console_user())
    done = restoring.restore(settings, file, opened, ground)
    _complain(done.faults)
    content = {
        "made_at": instant_text(done.made_at),
        "devices": done.devices,
        "entries": done.entries,
        "dossiers": done.dossiers,
        "faults": len(done.faults),
    }
    tell(
        content,
        f"Đã khôi phục {done.dossiers} hồ sơ, {done.entries} bản ghi của {done.devices} máy, đúng như lúc "
        f"{instant_text(done.made_at)}. Các máy sẽ tự gửi lại phần mới hơn.\n"
        f"{done.dossiers} dossiers, {done.entries} entries of {done.devices} machines restored, as they were at "
        f"{instant_text(done.made_at)}. The machines send again by themselves what is newer.",
        as_json=as_json,
    )
    sys.exit(1 if done.faults else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def verify(data: Path | None, as_json: bool) -> None:
    """Checks every chain, content and signature of the database, and what was made of them."""
    done = verifying.verify(centre_of(data))
    _complain(done.faults)
    counts = {
        "devices": done.devices,
        "entries": done.entries,
        "statements": done.statements,
        "dossiers": done.dossiers,
    }
    words = (
        f"Đã kiểm tra {done.entries} bản ghi, {done.statements} báo cáo tình trạng, {done.dossiers} hồ sơ: "
        f"{done.fault_count} chỗ sai\n"
        f"{done.entries} entries, {done.statements} statements, {done.dossiers} dossiers checked: "
        f"{done.fault_count} faults"
    )
    tell(counts | {"faults": done.fault_count}, words, as_json=as_json)
    sys.exit(1 if done.fault_count else 0)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def export(data: Path | None, out: Path, as_json: bool) -> None:
    """Writes all that an auditor needs, who checks it with scripts/verify_export.py. It holds personal data."""
    done = exporting.export(centre_of(data), out)
    tell(
        {"folder": str(out), "centre_key": done.centre_key, "lines": dict(done.lines)},
        f"Đã xuất {done.lines['entries']} bản ghi vào {out} – khóa của máy chủ: {done.centre_key}\n"
        f"{done.lines['entries']} entries exported to {out} – the centre's key: {done.centre_key}",
        as_json=as_json,
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def unseal(data: Path | None, file: Path) -> None:
    """Reads the key of a desk's backup FILE whose password is lost; desk-client restore takes it for the password."""
    central = centre_of(data)
    key_hex = unsealing.unsealed_key(central, file, by=console_user()).hex()
    click.echo("-".join(key_hex[at : at + 4] for at in range(0, len(key_hex), 4)))


def _tell_kit(central: Central, path: Path, *, as_json: bool) -> None:
    """The code is shown once and kept nowhere."""
    code = recovering.make_kit(central, path)
    tell(
        {"kit": str(path), "recovery_code": code},
        f"Bộ khôi phục: {path}\nMã khôi phục (chỉ hiện một lần): {code}\n"
        "Hãy in bộ khôi phục, chép mã vào giấy, cất ở tòa nhà khác, rồi xóa tệp trên máy này.\n"
        f"Recovery kit: {path}\nRecovery code (shown once): {code}\n"
        "Print the kit, write the code on paper, keep them in another building, then delete the file here.",
        as_json=as_json,
    )


def _recovery_code() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Mã khôi phục / Recovery code: ")
    return sys.stdin.readline()


def _complain(faults: list[RowDiffers]) -> None:
    for each in faults:
        click.echo(f"{error_text(each, 'vi')}\n{error_text(each, 'en')}", err=True)
