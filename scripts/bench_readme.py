"""README's tables of what the system costs, made of a run's figures between two marks."""

import os
from collections.abc import Sequence
from pathlib import Path

from scripts.bench_contacts import BATCH
from scripts.bench_row import Row
from scripts.bench_wire import BATCHES

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- measured by scripts/bench.py -->\n", "<!-- until here -->\n"
UNKNOWN = "–"
"""Stands where a figure was not measured on this machine."""

WIRE_HEAD = ["bytes of a dossier in a contact of", *map(str, BATCHES)]
WIRE = {
    "sealed, its header and salt with it": "wire: a new dossier in a batch of {}, without statement",
    "plain JSON rows under gzip": "wire: the same as JSON rows under gzip, batch of {}",
}

DESK_HEAD = ["a durable save at the desk", ""]
DESK = {
    "through the whole use case, ms": ("desk: a durable save through the whole use case", 2),
    "beside a bare insert of the dossier's row, times": ("desk: ratio of the two", 1),
    "waits for the disk (`fsync`)": ("desk: waits for the disk in a save (fsync)", 2),
}

ENGINES = ("SQLite", "PostgreSQL")
CENTRE_HEAD = [f"the centre over HTTP, everything on, contacts of {BATCH}", *ENGINES]
CENTRE = {
    "dossiers a second": (f"{{}}: the centre, everything on, batches of {BATCH}", 0),
    "processor time a dossier, µs": ("{}: the centre's processor time for a dossier", 0),
    "plain service, one dossier a POST, dossiers a second": ("{}: plain service, one dossier a POST", 0),
    f"plain service, batches of {BATCH}, dossiers a second": (
        f"{{}}: plain service, batches of {BATCH}, rows saved",
        0,
    ),
    "its processor time a dossier in batches, µs": ("{}: its processor time for a dossier in batches", 0),
    "bare inserts of the centre's rows, dossiers a second": ("{}: the same rows of the centre, bare inserts", 0),
    "the centre beside the plain service, one a POST, times": ("{}: the centre beside one a POST", 1),
    "the centre beside the plain service, batches, times": ("{}: the centre beside batches", 1),
}


def written(rows: Sequence[Row]) -> None:
    """Writes README's block anew."""
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    README.write_text(before + block(rows) + rest.partition(END)[2], "utf-8")


def block(rows: Sequence[Row]) -> str:
    """What README says between the marks."""
    figures = {row.name: row.value for row in rows}
    wire = [[what, *(_told(figures, name.format(size)) for size in BATCHES)] for what, name in WIRE.items()]
    desk = [[what, _told(figures, name, digits)] for what, (name, digits) in DESK.items()]
    centre = [
        [what, *(_told(figures, name.format(engine), digits) for engine in ENGINES)]
        for what, (name, digits) in CENTRE.items()
    ]
    statement = _told(figures, "wire: a contact that has nothing new")
    headers = _told(figures, "wire: the headers of a request, statement or not")
    floor = next((_told(figures, row.name) for row in rows if row.name.startswith("wire: the floor")), UNKNOWN)
    return f"""{BEGIN}{_table(WIRE_HEAD, wire)}
A contact that has nothing new takes {statement} bytes, the HTTP headers of a request {headers}. All that the dossiers
say, in columns under xz and neither sealed nor salted, would take {floor} bytes each.

{_table(DESK_HEAD, desk)}
{_table(CENTRE_HEAD, centre)}
Medians of one run on {os.cpu_count()} cores; the centre and the plain service are asked in turn. That one is Flask,
marshmallow and peewee with the same fields, checks, key and indexes, as durable, on the same server.
`python3 scripts/bench.py --readme` measures again.
{END}"""


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _told(figures: dict[str, float], name: str, digits: int = 0) -> str:
    return f"{figures[name]:,.{digits}f}" if name in figures else UNKNOWN
