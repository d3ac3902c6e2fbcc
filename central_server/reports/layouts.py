"""The layouts of reports as data: which tables, cut by what, with which figures, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sync_protocol.errors import N_
from sync_protocol.vocabulary import UnitLevel


class Cut(StrEnum):
    """What the rows of a table are."""

    INDICATOR = "indicator"
    LEVEL = "level"
    DISTRICT = "district"
    DESK = "desk"
    AGENCY = "agency"
    SERVICE_LEVEL = "service_level"
    FIELD = "field"
    PROCEDURE = "procedure"
    CLERK = "clerk"
    MONTH = "month"
    LIMITS = "limits"


class Kind(StrEnum):
    """How a table is composed: the figures of its rows, a ranking of them, or what its own module says."""

    FIGURES = "figures"
    RANKING = "ranking"
    UNRANKED = "unranked"
    ENTRY = "entry"
    FLAGGED = "flagged"
    RECONCILIATION = "reconciliation"
    GIVEN = "given"


class End(StrEnum):
    """Which end of a ranking a table shows."""

    WHOLE = "whole"
    BEST = "best"
    WORST = "worst"


class Comparison(StrEnum):
    """What a period is compared with."""

    BEFORE = "before"
    YEAR_BEFORE = "year_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a column of an official form: its number, and the text that it stands under."""

    number: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a layout.

    figures  ids of indicators, or names that `Choices.figure` makes one of; a ranking goes by the first
    most     so many rows at most, those with the most newly received; None for all. Of a ranking's end, so many and
             whoever has the rank of the last one
    level    the desks of units of this level alone
    is_form  whether it is the form II.06a, whose columns have numbers
    """

    id: str
    name: str
    cut: Cut
    figures: tuple[str, ...] = ()
    kind: Kind = Kind.FIGURES
    most: int | None = None
    level: UnitLevel | None = None
    end: End = End.WHOLE
    is_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A kind of report.

    months    of how many months it is, None where it is of any period
    compared  the periods that its summary compares with
    """

    id: str
    name: str
    tables: tuple[Table, ...]
    months: int | None = None
    compared: tuple[Comparison, ...] = tuple(Comparison)


KEY_FIGURES = (
    "carried_over",
    "received_new",
    "received_direct",
    "received_online",
    "received_post",
    "online_share",
    "received_online_partial",
    "received_online_full",
    "received_online_unlisted",
    "online_rate_offered",
    "on_the_spot",
    "on_the_spot_share",
    "workload",
    "resolved",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "resolved_no_limit",
    "on_time_rate",
    "late_rate",
    "closed_other",
    "sent_back_or_withdrawn_rate",
    "in_process",
    "in_process_in_time",
    "awaiting",
    "overdue",
    "due_unknown",
    "delivered",
    "delivered_post_share",
    "supplement_rate",
    "non_cash_rate",
    "satisfaction_very",
    "satisfaction_yes",
    "satisfaction_no",
)
UNIT_FIGURES = (
    "carried_over",
    "received_new",
    "received_online",
    "workload",
    "resolved",
    "resolved_late",
    "on_time_rate",
    "closed_other",
    "in_process",
    "overdue",
    "due_unknown",
)
DESK_FIGURES = (
    "received_new",
    "carried_over",
    "workload",
    "due",
    "resolved_in_time",
    "on_time_rate",
    "late_or_overdue",
    "late_rate",
    "sent_back_or_withdrawn",
    "sent_back_or_withdrawn_rate",
    "received_online",
    "online_share",
    "due_unknown",
)
"""What provinces publish of their desks every month. Source: domain guide 10.5."""

RANKED_BY_RATE = ("on_time_rate", "received_new", "due_unknown")
RANKED_BY_RECEIVED = ("received_new", "received_online", "on_time_rate")
RECONCILED = (
    "received_new",
    "received_direct",
    "received_online",
    "received_post",
    "resolved",
    "resolved_late",
    "closed_other",
    "delivered",
    "carried_over",
    "workload",
    "in_process",
)
MONTH_FIGURES = (
    "carried_over",
    "received_new",
    "received_online",
    "workload",
    "resolved",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "on_time_rate_resolved",
    "closed_other",
    "in_process",
    "delivered",
)
"""None of what was overdue when a month ended: that is known of the end of the whole period alone."""

RECEIVED = N_("Dossiers received")
DONE = N_("Dossiers resolved")
OPEN = N_("Dossiers in process")
FORM_HEADS: Mapping[str, Head] = {
    "workload": Head(number="(3)", group=RECEIVED),
    "received_online": Head(number="(4)", group=RECEIVED),
    "received_not_online": Head(number="(5)", group=RECEIVED),
    "carried_over": Head(number="(6)", group=RECEIVED),
    "form_resolved": Head(number="(7)", group=DONE),
    "resolved_early": Head(number="(8)", group=DONE),
    "form_on_time": Head(number="(9)", group=DONE),
    "resolved_late": Head(number="(10)", group=DONE),
    "in_process": Head(number="(11)", group=OPEN),
    "in_process_in_time": Head(number="(12)", group=OPEN),
    "overdue": Head(number="(13)", group=OPEN),
}
"""The columns of the form in its order; (1) is the number of the row, (2) its name. Source: domain guide 10.5."""

BESIDE_FORM = ("resolved_no_limit", "form_closed_other", "form_awaiting", "due_unknown")
"""What the form has no column for: it stands behind the others, since nothing may be folded into them unsaid."""

FORM_CHECKS = (
    ("workload", ("received_online", "received_not_online", "carried_over")),
    ("workload", ("form_resolved", "in_process", "form_closed_other")),
    ("form_resolved", ("resolved_early", "form_on_time", "resolved_late", "resolved_no_limit")),
    ("in_process", ("in_process_in_time", "overdue", "form_awaiting", "due_unknown")),
)
"""What each row of the form must fulfil, 3 = 4 + 5 + 6 = 7 + 11, 7 = 8 + 9 + 10, 11 = 12 + 13, with what is beside."""

SUMMARY = Table(id="summary", name=N_("In all"), cut=Cut.INDICATOR, figures=KEY_FIGURES)
RANKINGS = (
    Table(
        id="ranking_on_time",
        name=N_("Districts by rate in time"),
        cut=Cut.DISTRICT,
        figures=RANKED_BY_RATE,
        kind=Kind.RANKING,
    ),
    Table(
        id="ranking_received",
        name=N_("Districts by dossiers received"),
        cut=Cut.DISTRICT,
        figures=RANKED_BY_RECEIVED,
        kind=Kind.RANKING,
    ),
    Table(
        id="unranked",
        name=N_("Districts that are not ranked"),
        cut=Cut.DISTRICT,
        figures=RANKED_BY_RATE,
        kind=Kind.UNRANKED,
    ),
)
DESK_RANKINGS = (
    Table(
        id="best_desks",
        name=N_("One-stop desks with the best rate in time"),
        cut=Cut.DESK,
        figures=RANKED_BY_RATE,
        kind=Kind.RANKING,
        most=10,
        end=End.BEST,
    ),
    Table(
        id="worst_desks",
        name=N_("One-stop desks with the lowest rate in time"),
        cut=Cut.DESK,
        figures=RANKED_BY_RATE,
        kind=Kind.RANKING,
        most=10,
        end=End.WORST,
    ),
    Table(
        id="most_desks",
        name=N_("One-stop desks that received the most"),
        cut=Cut.DESK,
        figures=RANKED_BY_RECEIVED,
        kind=Kind.RANKING,
        most=10,
        end=End.BEST,
    ),
    Table(
        id="unranked_desks",
        name=N_("One-stop desks that are not ranked"),
        cut=Cut.DESK,
        figures=RANKED_BY_RATE,
        kind=Kind.UNRANKED,
    ),
)
ENTRY = (
    Table(id="idle", name=N_("Desks that enter nothing or little"), cut=Cut.DISTRICT, kind=Kind.ENTRY),
    Table(id="idle_desks", name=N_("List of these desks"), cut=Cut.DESK, kind=Kind.FLAGGED),
)
PROCEDURES = (
    Table(id="fields", name=N_("By field"), cut=Cut.FIELD, figures=UNIT_FIGURES),
    Table(id="service_levels", name=N_("By service level"), cut=Cut.SERVICE_LEVEL, figures=UNIT_FIGURES),
    Table(
        id="procedures",
        name=N_("Procedures with the most dossiers"),
        cut=Cut.PROCEDURE,
        figures=UNIT_FIGURES,
        most=10,
    ),
)
UNITS = (
    Table(id="levels", name=N_("By level"), cut=Cut.LEVEL, figures=UNIT_FIGURES),
    Table(
        id="centre",
        name=N_("The province's centre by agency"),
        cut=Cut.AGENCY,
        figures=UNIT_FIGURES,
        level=UnitLevel.PROVINCE,
    ),
    Table(id="districts", name=N_("By district"), cut=Cut.DISTRICT, figures=UNIT_FIGURES),
)
MONTHS = (
    Table(id="months", name=N_("By month"), cut=Cut.MONTH, figures=MONTH_FIGURES),
    Table(
        id="reconciliation",
        name=N_("What the months say and what the whole says"),
        cut=Cut.INDICATOR,
        figures=RECONCILED,
        kind=Kind.RECONCILIATION,
    ),
)
EXTERNAL = Table(id="external", name=N_("Figures from elsewhere"), cut=Cut.INDICATOR, kind=Kind.GIVEN)
LISTED = Table(id="listed", name=N_("Procedures done on the spot and offered online"), cut=Cut.LEVEL, kind=Kind.GIVEN)
TIME_CUT = Table(id="time_cut", name=N_("Time cut from the limits by law"), cut=Cut.LIMITS, kind=Kind.GIVEN)
CUT_MOST = Table(
    id="cut_procedures",
    name=N_("Procedures whose limit was cut the most"),
    cut=Cut.PROCEDURE,
    kind=Kind.GIVEN,
    most=10,
)
CUT_ALL = Table(id="cut_procedures", name=N_("Procedures whose limit was cut"), cut=Cut.PROCEDURE, kind=Kind.GIVEN)
SCORING = Table(id="scoring", name=N_("Scoring"), cut=Cut.DESK, kind=Kind.GIVEN)

MONTHLY = Layout(
    id="monthly",
    name=N_("Reception and return of administrative procedures' results"),
    months=1,
    tables=(
        SUMMARY,
        *UNITS,
        *RANKINGS,
        *PROCEDURES,
        *ENTRY,
        Table(id="desks", name=N_("By one-stop desk"), cut=Cut.DESK, figures=UNIT_FIGURES),
        LISTED,
        TIME_CUT,
        EXTERNAL,
    ),
)
DESKS = Layout(
    id="desks",
    name=N_("Monthly report of the one-stop desks"),
    months=1,
    tables=(
        SUMMARY,
        Table(id="levels", name=N_("By level"), cut=Cut.LEVEL, figures=DESK_FIGURES),
        Table(id="districts", name=N_("By district"), cut=Cut.DISTRICT, figures=DESK_FIGURES),
        *RANKINGS,
        Table(id="desks", name=N_("By one-stop desk"), cut=Cut.DESK, figures=DESK_FIGURES),
        Table(id="clerks", name=N_("By clerk who received"), cut=Cut.CLERK, figures=DESK_FIGURES),
        *DESK_RANKINGS,
        *ENTRY,
        EXTERNAL,
    ),
)
QUARTERLY = Layout(
    id="quarterly",
    name=N_("Quarterly report"),
    months=3,
    tables=(SUMMARY, *MONTHS, *UNITS, *RANKINGS, *PROCEDURES, SCORING, *ENTRY, LISTED, TIME_CUT, CUT_MOST, EXTERNAL),
)
YEARLY = Layout(
    id="yearly",
    name=N_("Yearly report"),
    # A year's points are those of its quarters, on a page of their own.
    months=12,
    tables=tuple(CUT_ALL if table is CUT_MOST else table for table in QUARTERLY.tables if table is not SCORING),
    # The year before is the period before.
    compared=(Comparison.YEAR_BEFORE,),
)
FORM_06A = (*FORM_HEADS, *BESIDE_FORM)
FORM_II_06A = Layout(
    id="ii06a",
    name=N_("Form II.06a/VPCP/KSTT: dossiers received and resolved"),
    tables=(
        Table(id="units", name=N_("By unit"), cut=Cut.DISTRICT, figures=FORM_06A, is_form=True),
        Table(id="fields", name=N_("By field"), cut=Cut.FIELD, figures=FORM_06A, is_form=True),
    ),
    compared=(),
)
LAYOUTS: Mapping[str, Layout] = {each.id: each for each in (MONTHLY, DESKS, QUARTERLY, YEARLY, FORM_II_06A)}
