"""The show itself: a training centre, 146 desks in their stories, the list of flagged desks, and a desk to try."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, TypeVar

import click

from scripts.bootstrap import ROOT
from scripts.demo_desk import INTERVAL_S, PASSWORD, Visit, install, work
from scripts.demo_world import REFERENCE, DeskPlan, Story, plan_world
from sync_protocol.instants import instant_text, local_date
from sync_protocol.messages import translated
from sync_protocol.standings import STANDING_NAMES
from sync_protocol.vocabulary import Standing

FOLDER = ROOT / ".demo"
PERIOD = "2021-10"
FINAL_AT = datetime(2021, 10, 21, 1, 0, tzinfo=UTC)
"""08:00 local on the morning after the period: every desk that still comes has come."""

FOUNDED_AT = datetime(2021, 9, 15, 1, 0, tzinfo=UTC)
LOADS = (
    ("units", "admin_units_vinh_phuc_2021.csv"),
    ("calendar", "calendar_vn_2019_2027.csv"),
    ("procedures", "procedures.csv"),
    ("limits", "procedure_limits.csv"),
    ("procedures", "invented_procedures.csv"),
    ("limits", "invented_procedure_limits.csv"),
    ("desks", "invented_desks.csv"),
)
PROVINCE_USER, SUPERVISOR_USER, SUPERVISED_UNIT = "tinh", "vinhyen", "243"
DOCUMENT_NUMBER = "01/BC-VP"
START_S_MAX = 30.0
Step = TypeVar("Step")


@dataclass(slots=True)
class Centre:
    """The centre of the show: its data folder, its address and, while it is plugged in, its process."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"

    def command(self, *words: str, given: str = "") -> str:
        """Runs `central-server` with words and gives what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "central_server", "--data", str(self.data), *words],
            input=given.encode(),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stderr.decode())
        return done.stdout.decode()

    def plug_in(self) -> None:
        """Starts serving and returns when it answers."""
        log = (self.data / "serve.log").open("ab")
        environment = os.environ | {"CENTRAL_PORT": str(self.port)}
        command = [sys.executable, "-m", "central_server", "--data", str(self.data), "serve"]
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        _wait_for(f"{self.url}/healthz", self.process)

    def unplug(self) -> None:
        """Stops serving at once, as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def show(*, seed: int, check: bool) -> int:
    """Runs the show; 0 if every desk's standing and counts are the truth."""
    # Who closes the window ends the show as with Ctrl-C; no centre stays behind.
    for ending in filter(None, (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP"))):
        signal.signal(ending, signal.default_int_handler)
    started_at = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    plans = plan_world(seed)
    centre = _founded()
    try:
        centre.plug_in()
        recorded = _play(centre, plans)
        rows = json.loads(centre.command("standings", "--period", PERIOD, "--json"))
        _print_flagged(rows)
        wrong = list(_differences(plans, rows))
        _publish(centre)
        took_s = time.monotonic() - started_at
        click.echo(
            f"\n{recorded} dòng đã ghi ở {len(plans)} bộ phận một cửa, {took_s:.0f} giây"
            f" / {recorded} lines recorded at {len(plans)} desks, {took_s:.0f} s"
        )
        click.echo(
            "\n".join(wrong) or f"Khớp sự thật ở cả {len(rows)} đơn vị / All {len(rows)} desks agree with the truth"
        )
        if not check:
            _let_try(centre, plans)
        return 1 if wrong else 0
    except KeyboardInterrupt:
        return 130
    finally:
        centre.unplug()


def _founded() -> Centre:
    """A training centre with the real reference data and two people."""
    centre = Centre(FOLDER / "centre", _free_port(8800))
    click.echo("Đang dựng máy chủ tập huấn … / Founding the training centre …")
    centre.command("init", "--training")
    centre.command("clock", instant_text(FOUNDED_AT))
    for what, name in LOADS:
        centre.command("load", what, str(REFERENCE / name))
    # What desks received before they had a machine is unknown, so the month in which they begin accuses nobody.
    since, reason = local_date(FOUNDED_AT).isoformat(), "Bắt đầu dùng phần mềm"
    centre.command("rule", "existence", "unknown", "--from", since, "--reason", reason)
    centre.command("user", "add", PROVINCE_USER, "--name", "Văn phòng tỉnh", "--role", "province", given=PASSWORD)
    centre.command(
        "user", "add", SUPERVISOR_USER, "--name", "Cán bộ theo dõi Vĩnh Yên",
        "--role", "supervisor", "--unit", SUPERVISED_UNIT, given=PASSWORD,
    )  # fmt: skip
    return centre


def _play(centre: Centre, plans: Iterable[DeskPlan]) -> int:
    """Installs all desks, then plays them in the order of their last contact, the centre's clock moving along.

    Gives the number of lines recorded.
    """
    invitations = map(json.loads, centre.command("invite", "--all", "--json").splitlines())
    codes = {invitation["desk"]: invitation["code"] for invitation in invitations}
    visits = [
        Visit(plan=plan, data=_desk_folder(plan), url=centre.url, code=codes[plan.desk_code])
        for plan in plans
        if plan.contact_at
    ]
    with _processes().Pool(os.cpu_count() or 2, maxtasksperchild=1) as pool:
        for _ in _progress("Đăng ký / enrolling", len(visits), pool.imap_unordered(install, visits)):
            pass
        return sum(_progress("Nhập hồ sơ / recording", len(visits), _worked(centre, pool, visits)))


def _worked(centre: Centre, pool: Pool, visits: list[Visit]) -> Iterator[int]:
    """Each desk at the time of its last contact; those that were in contact to the end together, the largest first."""
    by_time = sorted(visits, key=lambda visit: (_contact_at(visit), -visit.plan.dossier_count))
    for contact_at, group in groupby(by_time, key=_contact_at):
        centre.command("clock", instant_text(contact_at))
        for told in pool.imap_unordered(work, group):
            if told.refused:
                raise SystemExit(f"{told.desk_code}: {told.refused[:3]}")
            yield told.recorded


def _contact_at(visit: Visit) -> datetime:
    return min(visit.plan.contact_at or FINAL_AT, FINAL_AT) if _stops_early(visit.plan) else FINAL_AT


def _stops_early(plan: DeskPlan) -> bool:
    """Whether the desk was last in contact while the period still ran."""
    return plan.contact_at is not None and (FINAL_AT - plan.contact_at).days >= 1


def _processes() -> BaseContext:
    """A new process for each visit; where the system can fork, with the desk's modules loaded already."""
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    context = get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["scripts.demo_desk"])
    return context


def _progress(label: str, length: int, steps: Iterable[Step]) -> Iterator[Step]:
    with click.progressbar(steps, label=label, length=length) as bar:
        yield from bar


def _desk_folder(plan: DeskPlan) -> Path:
    return FOLDER / "desks" / plan.desk_code


def _print_flagged(rows: list[dict[str, Any]]) -> None:
    """The desks below the threshold and those of which it is not known yet, by district."""
    click.echo(f"\nKỳ 21/09/2021 – 20/10/2021 / period {PERIOD}")
    district = ""
    for row in rows:
        if row["standing"] == Standing.MET:
            continue
        if row["district"] != district:
            district = row["district"]
            click.echo(f"\n  {district}")
        word = translated(STANDING_NAMES[Standing(row["standing"])], {}, "vi")
        click.echo(
            f"    {row['name'].removeprefix('Bộ phận Một cửa '):24} {word:36} {row['arrived']:>5} đã đến "
            f"{row['unsent']:>4} chờ gửi"
        )
    counts = {standing: sum(row["standing"] == standing for row in rows) for standing in Standing}
    click.echo(
        "\n  "
        + " · ".join(
            f"{translated(STANDING_NAMES[standing], {}, 'vi')}: {count}" for standing, count in counts.items() if count
        )
    )


def _publish(centre: Centre) -> None:
    """Closes the period with what is known, and publishes its report."""
    centre.command("period", "close", PERIOD, "--reason", "Chốt với số liệu đã có, các xã còn lại gửi sau")
    issued_on = FINAL_AT.date().isoformat()
    centre.command(
        "publish", "monthly", "--period", PERIOD,
        "--number", DOCUMENT_NUMBER, "--issued-on", issued_on, "--by", PROVINCE_USER,
    )  # fmt: skip
    click.echo(
        f"\nĐã chốt kỳ, phát hành báo cáo {DOCUMENT_NUMBER} / period closed, report {DOCUMENT_NUMBER} published:"
        f" {centre.url}/publications"
    )


def _differences(plans: Iterable[DeskPlan], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Where a desk's standing or counts are not those that the generator knows."""
    told = {row["desk"]: row for row in rows}
    for plan in plans:
        row = told.get(plan.desk_code, {})
        truth = {
            "arrived": plan.expected.arrived,
            "unsent": plan.expected.unsent,
            "standing": plan.expected.standing.value,
            "flag": plan.expected.flag.value,
        }
        given = {name: row.get(name) for name in truth}
        if given != truth:
            yield f"KHÔNG KHỚP / DIFFERS {plan.desk_code}: {given} ≠ {truth}"
    for code in sorted(set(told) - {plan.desk_code for plan in plans}):
        yield f"KHÔNG KHỚP / DIFFERS {code}: ?"


def _let_try(centre: Centre, plans: Iterable[DeskPlan]) -> None:
    """Opens the page of the desk that is nearest to the threshold, and plugs the centre out and in on command."""
    plan = max((plan for plan in plans if plan.story is Story.FEW), key=lambda plan: plan.dossier_count)
    port = _free_port(8765)
    environment = os.environ | {
        "DESK_PORT": str(port),
        "DESK_SYNC_INTERVAL_S": str(INTERVAL_S),
        "DESK_KEY_STORE": "file",
    }
    command = [sys.executable, "-m", "desk_client", "--data", str(_desk_folder(plan)), "serve"]
    log = (_desk_folder(plan) / "serve.log").open("ab")
    desk = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(f"http://127.0.0.1:{port}/sign-in", desk)
        click.echo(f"""
Máy chủ / centre   {centre.url}/
                   tài khoản / sign in: {PROVINCE_USER} (tỉnh / province), {SUPERVISOR_USER} (Vĩnh Yên)
Bộ phận một cửa    {_page_of(plan, environment)}
  / a desk         {plan.name}; tài khoản / sign in: {plan.clerk_username}
Mật khẩu / password: {PASSWORD}

Bộ phận này có {plan.dossier_count} hồ sơ trong kỳ. Hãy rút máy chủ, nhập thêm hồ sơ với
ngày tiếp nhận 20/10/2021, rồi cắm lại và xem hồ sơ đến nơi.
This desk has {plan.dossier_count} dossiers in the period. Unplug the centre, record more
received on 20/10/2021, plug it in and watch them arrive.
""")
        _obey(centre)
    finally:
        desk.send_signal(signal.SIGTERM)
        desk.wait()


def _page_of(plan: DeskPlan, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "desk_client", "--data", str(_desk_folder(plan)), "status", "--json"]
    return str(json.loads(subprocess.check_output(command, env=environment))["page"])


def _obey(centre: Centre) -> None:
    while True:
        click.echo("[u] rút máy chủ / unplug   [p] cắm lại / plug in   [q] kết thúc / quit > ", nl=False)
        match sys.stdin.readline().strip().lower():
            case "u":
                centre.unplug()
                click.echo("Máy chủ đã rút / unplugged")
            case "p":
                centre.unplug()
                centre.plug_in()
                click.echo("Máy chủ đã cắm / plugged in")
            case "q" | "":
                return


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_S_MAX
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url}: không trả lời / does not answer")


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("no free port")
