"""The commands that keep unsent dossiers from dying with a machine."""

import sys
from pathlib import Path

import click

from desk_client.commands.console import tell
from desk_client.opening import desk_on, open_desk
from desk_client.services import backing_up, putting_back
from desk_client.settings import read_settings
from desk_client.storage.keys import KEY_HEX_CHARACTERS, data_key
from sync_protocol.instants import instant_text
from sync_protocol.vaults import Unlock, by_file_key, by_phrase


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def backup(data: Path | None, file: Path, as_json: bool) -> None:
    """Writes an encrypted backup of this machine to FILE, for example on a USB stick, and reads it again.

    A password for it is asked, or read from standard input. Without it, only the province can open the backup.
    """
    settings = read_settings(data)
    desk = open_desk(settings)
    key_hex = data_key(settings.data, settings.key_store, is_new=False)
    made = backing_up.back_up(desk, key_hex, file, _phrase(is_new=True))
    tell(
        {"path": str(made.path), "made_at": instant_text(made.made_at), "bytes": made.bytes},
        f"Đã sao lưu và kiểm tra lại: {made.path}. Hãy cất ở nơi khác với máy này.\n"
        f"Backed up and checked: {made.path}. Keep it elsewhere than this machine.",
        as_json=as_json,
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def restore(data: Path | None, file: Path, as_json: bool) -> None:
    """Puts the backup FILE into an empty data folder, on this machine or a new one. The old machine is not used again.

    Its password is asked, or read from standard input; the key that the province read from it does as well.
    """
    done = putting_back.put_back(read_settings(data), file, _unlock(_phrase(is_new=False)), desk_on)
    tell(
        {"device": done.device, "made_at": done.made_at},
        f"Đã khôi phục máy {done.device}, đúng như lúc {done.made_at}. Máy sẽ gửi những gì máy chủ chưa có.\n"
        f"{done.device} restored, as it was at {done.made_at}. It sends what the centre does not have.",
        as_json=as_json,
    )


def _unlock(typed: str) -> Unlock:
    key_hex = "".join(typed.split("-")).strip().lower()
    is_key = len(key_hex) == KEY_HEX_CHARACTERS and set(key_hex) <= set("0123456789abcdef")
    return by_file_key(bytes.fromhex(key_hex)) if is_key else by_phrase(typed)


def _phrase(*, is_new: bool) -> str:
    if sys.stdin.isatty():
        words = "Mật khẩu của bản sao lưu / Password of the backup"
        return str(click.prompt(words, hide_input=True, confirmation_prompt=is_new))
    return sys.stdin.readline().rstrip("\n")
