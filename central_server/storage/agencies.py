"""The agencies that decide on procedures: departments and branches of the province, and those of the ministries."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from central_server.storage.models import AgencyRow
from central_server.storage.reference import IN_FORCE_FROM


class AgencyKind(StrEnum):
    """A department (*sở*), another agency of the province (*ban, ngành*), one of a ministry (*ngành dọc*), an office
    of a district or commune (*phòng*)."""

    DEPARTMENT = "department"
    BRANCH = "branch"
    VERTICAL = "vertical"
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency under a name for a time, both days inclusive; its code stays when it is renamed."""

    code: str
    name: str
    kind: AgencyKind
    valid_from: date = IN_FORCE_FROM
    valid_to: date | None = None

    def was_there(self, first_on: date, last_on: date | None) -> bool:
        """Whether it bore this name on a day from the first to the last, None for no end."""
        return self.valid_from <= (last_on or date.max) and first_on <= (self.valid_to or date.max)


def keep(agency: Agency) -> None:
    """Adds an agency, or changes what is said of it from the same day on."""
    AgencyRow.insert(
        code=agency.code,
        valid_from=agency.valid_from,
        valid_to=agency.valid_to,
        name=agency.name,
        kind=agency.kind.value,
    ).on_conflict(
        conflict_target=[AgencyRow.code, AgencyRow.valid_from],
        preserve=[AgencyRow.valid_to, AgencyRow.name, AgencyRow.kind],
    ).execute()


def agencies() -> list[Agency]:
    """All of them under all their names, each after those it bore before."""
    return [
        Agency(
            code=row.code, name=row.name, kind=AgencyKind(row.kind), valid_from=row.valid_from, valid_to=row.valid_to
        )
        for row in AgencyRow.select().order_by(AgencyRow.code, AgencyRow.valid_from)
    ]
