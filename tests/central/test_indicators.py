"""Each indicator against the formulas of the domain guide (10.3), written out by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_server.reports.counts import NAMES, Counts, total
from central_server.reports.indicators import BASES, BY_ID, INDICATORS
from central_server.reports.rates import Rate

ROWS = st.builds(Counts, **{name: st.integers(0, 2_000) for name in NAMES})


def by_hand(row: Counts) -> dict[str, Any]:
    """The indicators as the domain guide words them; a rate is a pair."""
    received = row.received_direct + row.received_online + row.received_post
    in_time = row.resolved_early + row.resolved_on_time
    resolved = in_time + row.resolved_late + row.resolved_no_limit
    due = in_time + row.resolved_late + row.overdue
    closed_other = row.withdrawn + row.sent_back + row.stopped
    paid = row.paid_cash + row.paid_non_cash + row.paid_unstated
    rated = row.rated_very_satisfied + row.rated_satisfied + row.rated_not_satisfied
    delivered = row.delivered_counter + row.delivered_post + row.delivered_online
    return {
        "received_new": received,
        "workload": row.carried_over + received,
        "online_share": (row.received_online, received),
        "resolved": resolved,
        "in_process": row.in_time + row.awaiting + row.overdue + row.due_unknown,
        "in_process_in_time": row.in_time + row.awaiting,
        "closed_other": closed_other,
        "delivered": delivered,
        "delivered_post_share": (row.delivered_post, delivered),
        "received_not_online": received - row.received_online,
        "resolved_in_time": in_time,
        "on_time_or_closed": row.resolved_on_time + closed_other,
        "resolved_or_closed": resolved + closed_other,
        "due": due,
        "late_or_overdue": row.resolved_late + row.overdue,
        "in_time_not_awaiting": row.in_time,
        "sent_back_or_withdrawn": row.sent_back + row.withdrawn,
        "on_time_rate_resolved_and_closed": (in_time, resolved + closed_other),
        "on_time_rate_due": (in_time, due),
        "on_time_rate_due_and_closed": (in_time, due + closed_other),
        "on_time_rate_resolved": (in_time, resolved),
        "on_time_rate_received": (in_time, received),
        "late_rate": (row.resolved_late + row.overdue, due),
        "sent_back_or_withdrawn_rate": (row.sent_back + row.withdrawn, due),
        "resolution_rate": (resolved, received),
        "early_share": (row.resolved_early, resolved),
        "on_time_share": (row.resolved_on_time, resolved),
        "post_share": (row.received_post, received),
        "supplement_rate": (row.supplemented, received),
        "paid": paid,
        "non_cash_rate": (row.paid_non_cash, paid),
        "rated": rated,
        "satisfaction_very": (row.rated_very_satisfied, rated),
        "satisfaction_yes": (row.rated_satisfied, rated),
        "satisfaction_no": (row.rated_not_satisfied, rated),
        "online_rate_offered": (row.received_online_offered, row.received_offered),
        "on_the_spot": row.received_on_the_spot,
        "on_the_spot_share": (row.received_on_the_spot, received),
    }


def told(row: Counts, id_: str) -> object:
    """An indicator of a row; a rate as a pair."""
    value = BY_ID[id_].of(row)
    return (value.numerator, value.denominator) if isinstance(value, Rate) else value


@given(row=ROWS)
def test_each_indicator_is_what_the_guide_says(row: Counts) -> None:
    assert {id_: told(row, id_) for id_ in by_hand(row)} == by_hand(row)


@given(row=ROWS)
def test_the_sums_of_a_row_are_indicators_and_the_same(row: Counts) -> None:
    sums = ("received_new", "workload", "resolved", "closed_other", "in_process", "delivered")

    assert [told(row, name) for name in sums] == [getattr(row, name) for name in sums]
    assert told(row, "on_time_rate_due") == (row.resolved_early + row.resolved_on_time, row.due)


@given(row=ROWS, other=ROWS)
def test_indicators_of_units_add_up(row: Counts, other: Counts) -> None:
    for each in INDICATORS:
        first, second, both = (told(one, each.id) for one in (row, other, total([row, other])))
        parts = (first, second) if each.basis is None else zip(first, second, strict=True)  # type: ignore[call-overload]
        assert both == (sum(parts) if each.basis is None else tuple(map(sum, parts))), each.id


def test_the_unknown_is_in_no_rate_and_in_no_base() -> None:
    rates = [each for each in INDICATORS if each.basis]

    assert [each.id for each in rates if "due_unknown" in each.counts] == []
    assert [basis for basis, parts in BASES.items() if "due_unknown" in parts] == []


def test_every_id_is_given_once_and_every_number_of_a_row_is_in_an_indicator() -> None:
    assert len(BY_ID) == len(INDICATORS)
    assert {name for each in INDICATORS for name in each.counts} == set(NAMES)


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda each: each.id)
def test_no_part_is_counted_twice(indicator: Any) -> None:
    assert len(set(indicator.counts)) == len(indicator.counts)
