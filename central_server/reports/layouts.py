"""The layouts of reports as data: which tables, cut by what, with which figures, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sync_protocol.errors import N_


class Cut(StrEnum):
    """What the rows of a table are."""

    INDICATOR = "indicator"
    DISTRICT = "district"
    DESK = "desk"
    FIELD = "field"
    PROCEDURE = "procedure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a layout.

    figures  ids of indicators
    most     so many rows at most, those with the most newly received; None for all
    """

    id: str
    name: str
    cut: Cut
    figures: tuple[str, ...]
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A kind of report."""

    id: str
    name: str
    tables: tuple[Table, ...]


KEY_FIGURES = (
    "carried_over",
    "received_new",
    "received_direct",
    "received_online",
    "received_post",
    "online_share",
    "workload",
    "resolved",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "resolved_no_limit",
    "on_time_rate_due",
    "on_time_rate_resolved",
    "closed_other",
    "sent_back_or_withdrawn_rate",
    "in_process",
    "in_process_in_time",
    "awaiting",
    "overdue",
    "due_unknown",
    "delivered",
    "delivered_post_share",
)
UNIT_FIGURES = (
    "carried_over",
    "received_new",
    "received_online",
    "workload",
    "resolved",
    "resolved_late",
    "on_time_rate_due",
    "closed_other",
    "in_process",
    "overdue",
    "due_unknown",
)
FORM_06A = (
    "workload",
    "received_online",
    "received_direct",
    "received_post",
    "carried_over",
    "resolved",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "resolved_no_limit",
    "closed_other",
    "in_process",
    "in_process_in_time",
    "overdue",
    "due_unknown",
)

MONTHLY = Layout(
    id="monthly",
    name=N_("Reception and return of administrative procedures' results"),
    tables=(
        Table(id="summary", name=N_("In all"), cut=Cut.INDICATOR, figures=KEY_FIGURES),
        Table(id="districts", name=N_("By district"), cut=Cut.DISTRICT, figures=UNIT_FIGURES),
        Table(id="fields", name=N_("By field"), cut=Cut.FIELD, figures=UNIT_FIGURES),
        Table(
            id="procedures",
            name=N_("Procedures with the most dossiers"),
            cut=Cut.PROCEDURE,
            figures=UNIT_FIGURES,
            most=10,
        ),
        Table(id="desks", name=N_("By one-stop desk"), cut=Cut.DESK, figures=UNIT_FIGURES),
    ),
)
FORM_II_06A = Layout(
    id="ii06a",
    name=N_("Form II.06a/VPCP/KSTT: dossiers received and resolved"),
    tables=(
        Table(id="units", name=N_("By unit"), cut=Cut.DISTRICT, figures=FORM_06A),
        Table(id="fields", name=N_("By field"), cut=Cut.FIELD, figures=FORM_06A),
    ),
)
LAYOUTS: Mapping[str, Layout] = {each.id: each for each in (MONTHLY, FORM_II_06A)}
