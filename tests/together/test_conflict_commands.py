"""What two machines entered differently is listed and settled on the command line."""

import json

from click.testing import CliRunner, Result

from desk_client.__main__ import cli
from desk_client.desk import Desk
from desk_client.services.conflicts import conflicts
from desk_client.services.lifecycle import dossier_of
from sync_protocol.events import Corrected
from tests.conftest import Link, only_on_sqlite, record, take
from tests.desk.projections import KEY
from tests.together.field import hush


def run(desk: Desk, *words: str) -> Result:
    """A command on a machine's folder."""
    folder = desk.settings.data
    (folder / "desk.key").write_text(KEY)
    return CliRunner().invoke(cli, ["--data", str(folder), *words], env={"DESK_KEY_STORE": "file"})


@only_on_sqlite
def test_a_conflict_is_listed_and_settled(link: Link, device: Desk, second_device: Desk) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    for desk, phone in ((device, "0987000011"), (second_device, "0987000022")):
        take(desk, dossier.id, Corrected(changes={"phone": phone}, reason="Ghi nhầm"))
    hush(link, device, second_device)

    [told] = json.loads(run(device, "conflicts", "--json").stdout)["conflicts"]
    settled = run(device, "conflicts", "settle", told["name"], "--replace", "--reason", "Đã gọi hỏi người nộp")

    assert (told["field"], told["stands"]["value"], told["says"]["value"]) == ("phone", "0987000011", "0987000022")
    assert settled.exit_code == 0
    assert dossier_of(device, dossier.id).content["phone"] == "0987000022"
    assert conflicts(device) == []


@only_on_sqlite
def test_a_choice_has_to_be_named(device: Desk) -> None:
    refused = run(device, "conflicts", "settle", "1.1.4:phone", "--reason", "Đã gọi hỏi")

    assert refused.exit_code != 0
