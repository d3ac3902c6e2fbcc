"""Counts are summed up by months of the usual series: most periods are whole ones, and few rows tell them."""

from datetime import date, timedelta
from typing import Any

from peewee import CompositeKey, DateField, IntegerField, Model, TextField, Value, fn

MONTHS_BEGIN = (1, 15, 21)


class Counter(Model):
    desk = TextField()
    received_on = DateField()
    ledger_on = DateField()
    slot = IntegerField()
    count = IntegerField()

    class Meta:
        primary_key = CompositeKey("desk", "received_on", "ledger_on", "slot")


class MonthCount(Model):
    desk = TextField()
    first_on = DateField()
    count = IntegerField()

    class Meta:
        table_name = "month_count"
        primary_key = CompositeKey("desk", "first_on")
        indexes = ((("first_on", "desk", "count"), False),)


def up(migrator: Any, db: Any) -> None:
    """Adds the table and sums up the daily counts that are there, month by month, from an index alone."""
    row, day = MonthCount, Counter
    with db.bind_ctx([day, row]):
        db.create_tables([row])
        months: dict[date, list[date]] = {}
        for (received_on,) in day.select(day.received_on).distinct().tuples():
            for first_on in _months_of(received_on):
                months.setdefault(first_on, []).append(received_on)
        for first_on, days in months.items():
            summed = day.select(day.desk, Value(first_on, converter=row.first_on.db_value), fn.SUM(day.count))
            summed = summed.where(day.received_on.in_(days)).group_by(day.desk)
            row.insert_from(summed, [row.desk, row.first_on, row.count]).execute()


def _months_of(day: date) -> list[date]:
    month = day.replace(day=1)
    month_before = month - timedelta(days=1) if month > date.min else month
    return [(day if day.day >= begins else month_before).replace(day=begins) for begins in MONTHS_BEGIN]
