"""A centre's life at random: devices of several desks work, fall silent, send late, declare, are lost and found again.

Everything goes through the services that people and devices use. Between two happenings the clock moves on.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from central_server.central import Central
from central_server.services import closing, deciding, ruling, signing_in
from central_server.services import devices as machines
from central_server.services.devices import DeviceAction
from central_server.storage import holding
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import FieldSyncError
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import Declaration, DeskCode, Role
from tests.central.writing import Writer, accept, enrolled_writer
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER, NOVEMBER = SERIES.month(2021, 10), SERIES.month(2021, 11)
DESKS = ("H62.11.01", "H62.11.02", "H62.12.01")
WHO = "tinh"


@dataclass
class Life:
    """A centre with what happens to it; `sent` is what the centre holds of each writer's journal."""

    central: Central
    clock: StandingClock
    dice: Random
    writers: list[Writer] = field(default_factory=list)
    sent: dict[int, int] = field(default_factory=dict)
    receptions: dict[int, list[tuple[str, date]]] = field(default_factory=dict)
    late: list[bytes] = field(default_factory=list)

    def begin(self) -> None:
        """Somebody who decides, and two machines of the first desk, one of each other one."""
        signing_in.add_user(
            self.central,
            username=WHO,
            full_name="Trần Thị Tỉnh",
            role=Role.PROVINCE,
            unit_code=None,
            password="mot-cua-2021",
        )
        for code in (DESKS[0], *DESKS):
            self.enrol(code)

    def enrol(self, code: DeskCode | None = None) -> None:
        """One machine more."""
        seed = bytes([len(self.writers) + 1]) * 32
        self.writers.append(enrolled_writer(self.central, code or self.dice.choice(DESKS), seed))
        self.sent[len(self.writers) - 1] = 0
        self.receptions[len(self.writers) - 1] = []

    def go_on(self) -> None:
        """Something happens, and time passes: mostly minutes, sometimes a night or days."""
        happenings = [self.contact] * 8 + [self.receive] * 5 + [self.rare()]
        self.dice.choice(happenings)()
        self.clock.move(seconds=self.dice.choice((7, 300, 1_800, 5_000, 20_000, 60_000)))

    def rare(self) -> Callable[[], None]:
        """Something that happens now and then."""
        rarely = (self.take_back, self.move, self.declare, self.come_late, self.release, self.rule, self.exempt)
        return self.dice.choice((*rarely, self.change_state, self.change_state, self.step_period, self.enrol_if_few))

    def receive(self) -> None:
        """A device enters some dossiers, of these days or of earlier ones."""
        number, writer = self._one()
        for _ in range(self.dice.choice((1, 2, 9, 30))):
            on = self.clock.at.date() - timedelta(days=self.dice.choice((0, 0, 0, 1, 5, 20)))
            self.receptions[number].append((writer.receive(on), on))

    def take_back(self) -> None:
        """A device voids a dossier."""
        number, writer = self._one()
        if self.receptions[number]:
            writer.void(*self.receptions[number].pop())

    def move(self) -> None:
        """A device corrects the day of a reception."""
        number, writer = self._one()
        if not self.receptions[number]:
            return
        subject, on = self.receptions[number].pop()
        day = on - timedelta(days=self.dice.choice((1, 15)))
        changes = {"received_at": f"{day}T03:00:00Z"}
        writer.write("correct", {"changes": changes, "reason": "Nhầm ngày"}, {on: -1, day: 1}, subject=subject)
        self.receptions[number].append((subject, day))

    def declare(self) -> None:
        """A device confirms a period with its next contact."""
        number, writer = self._one()
        period = self.dice.choice((OCTOBER, NOVEMBER))
        word = self.dice.choice(tuple(Declaration))
        writer.write("declare", {"period": str(period), "declaration": word.value}, happened_at=self.clock.at)
        self._send(number, writer.head, declarations=((period, word),))

    def contact(self) -> None:
        """A device sends all, some or nothing of what it holds; or it meant to, and that comes later."""
        number, writer = self._one()
        head = self.dice.choice((writer.head, writer.head, self.sent[number], (writer.head + self.sent[number]) // 2))
        if self.dice.random() < 0.1:
            self.late.append(writer.alone(acknowledged=self.sent[number]))
            return
        self._send(number, head)

    def come_late(self) -> None:
        """What was written long ago arrives behind newer words."""
        if self.late:
            accept(self.central, self.late.pop(0))

    def change_state(self) -> None:
        """A machine is lost, suspended, put in reserve, approved again."""
        _, writer = self._one()
        action = self.dice.choice(
            (DeviceAction.LOST, DeviceAction.SUSPEND, DeviceAction.SPARE) + (DeviceAction.APPROVE,) * 4
        )
        with suppress(FieldSyncError):
            machines.change_state(self.central, writer.device, action, by=WHO, reason="Theo báo cáo của xã")

    def release(self) -> None:
        """The province has some of what was set aside judged again."""
        code = self.dice.choice(DESKS)
        with reading(self.central.database):
            held = [str(each.id) for each in holding.held([code], 50)]
        with suppress(FieldSyncError):
            if held:
                names = self.dice.sample(held, self.dice.randint(1, len(held)))
                deciding.release(self.central, EVERYTHING, code, names, reason="Đã đối chiếu sổ", by=WHO)

    def rule(self) -> None:
        """Another threshold."""
        ruling.rule_threshold(
            self.central, self.dice.choice((5, 20, 50)), first_on=OCTOBER.first_on, by=WHO, reason="Quyết định mới"
        )

    def exempt(self) -> None:
        """A desk is left out of judgement, or enters elsewhere, or neither any more."""
        code, period = self.dice.choice(DESKS), self.dice.choice((OCTOBER, NOVEMBER))
        days: dict[str, Any] = {
            "first_on": period.first_on,
            "last_on": period.last_on,
            "by": WHO,
            "reason": "Theo công văn",
        }
        if self.dice.random() < 0.5:
            ruling.exempt(self.central, code, **days, is_over=self.dice.random() < 0.7)
        else:
            ruling.note_other_software(self.central, code, self.dice.choice(("", "iGate")), **days)

    def step_period(self) -> None:
        """The period is closed, restated or opened again, where that can be."""
        step = self.dice.choice((closing.close, closing.restate, closing.reopen))
        with suppress(FieldSyncError):
            step(self.central, OCTOBER, by=WHO, reason="Đến hạn báo cáo")

    def enrol_if_few(self) -> None:
        """One machine more, but not many."""
        if len(self.writers) < 7:
            self.enrol()

    def _one(self) -> tuple[int, Writer]:
        number = self.dice.randrange(len(self.writers))
        return number, self.writers[number]

    def _send(self, number: int, head: int, **said: object) -> None:
        writer, first = self.writers[number], self.sent[number] + 1
        if head < first:
            writer.send(writer.alone(acknowledged=self.sent[number], **said))
            return
        writer.send(writer.contact(first, head, **said))
        self.sent[number] = head


PERIODS: tuple[Period, ...] = (OCTOBER, NOVEMBER)
