"""What the centre's intake is measured against: a plain Flask + marshmallow + peewee service, as one writes it first.

It knows by a token who asks, takes all that a reception may say, checks each field, and keeps it in one table with the
key and the indexes of the centre's own; each row is saved by itself, all of a request in one durable transaction.
Nothing is done badly: one schema for all requests, connections that stay open, the same server on one core. Run as
``python -m scripts.bench_plain DATABASE PORT``, DATABASE being a path or a ``postgresql://`` URL.
"""

import hmac
import json
import os
import sys
from typing import Any
from zoneinfo import ZoneInfo

import waitress
from flask import Flask, abort, request
from marshmallow import Schema, ValidationError, fields, validate
from peewee import (
    BooleanField,
    CompositeKey,
    Database,
    DateField,
    DateTimeField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.db_url import connect
from playhouse.pool import PooledSqliteDatabase

THREADS = 8
TOKEN = "the desk's own"  # noqa: S105
"""What a caller shows; the least by which a service knows whom it hears."""

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class Dossier(Model):
    """A dossier as a table of its own."""

    desk = TextField()
    id = TextField()
    dossier_code = TextField()
    slip_code = TextField(default="")
    stage = TextField(default="received")
    is_supplemented = BooleanField(default=False)
    received_at = DateTimeField()
    received_on = DateField()
    recorded_at = DateTimeField()
    received_by = TextField()
    procedure_code = TextField()
    submitter_name = TextField()
    owner_name = TextField()
    owner_type = TextField()
    channel = TextField()
    delivery_method = TextField()
    set_count = IntegerField()
    summary = TextField(default="")
    authorisation = TextField(default="")
    id_type = TextField(null=True)
    id_number = TextField(default="")
    birth_date = DateField(null=True)
    birth_precision = TextField(null=True)
    sex = TextField(null=True)
    phone = TextField(default="")
    email = TextField(default="")
    address_text = TextField(default="")
    address_unit_id = TextField(default="")
    components = TextField(default="[]")
    fee_amount_vnd = IntegerField(null=True)
    payment_status = TextField(null=True)
    payment_method = TextField(null=True)
    competent_unit = TextField(default="")
    storage_location = TextField(default="")
    copy_count = IntegerField(null=True)
    page_count = IntegerField(null=True)
    out_of_area = BooleanField(default=False)
    filed_by_clerk = BooleanField(default=False)
    source = TextField(default="desk")
    external_code = TextField(default="")
    due_on = DateField(null=True)

    class Meta:
        primary_key = CompositeKey("desk", "id")
        # Those of the centre's own table that a fresh reception enters.
        indexes = (
            (("desk", "dossier_code"), False),
            (("received_on", "desk", "procedure_code", "channel", "is_supplemented", "stage"), False),
            (("desk", "due_on", "received_on", "stage", "procedure_code"), False),
        )


def text(least: int = 0, most: int = 500, **kwargs: Any) -> fields.String:
    """A text of some length."""
    return fields.String(validate=validate.Length(least, most), **kwargs)


def word(*words: str, **kwargs: Any) -> fields.String:
    """One of some words."""
    return fields.String(validate=validate.OneOf(words), **kwargs)


def matching(pattern: str, **kwargs: Any) -> fields.String:
    """A text of a form."""
    return fields.String(validate=validate.Regexp(rf"(?:{pattern})?\Z"), **kwargs)


def whole(least: int, most: int, **kwargs: Any) -> fields.Integer:
    """A whole number between two bounds."""
    return fields.Integer(strict=True, validate=validate.Range(least, most), **kwargs)


class ComponentSchema(Schema):
    """A paper of a dossier."""

    name = text(1, 300, required=True)
    originals = whole(0, 9_999)
    certified_copies = whole(0, 9_999)
    photocopies = whole(0, 9_999)


class DossierSchema(Schema):
    """A dossier on the wire: where and by whom it was received, and all that a reception may say."""

    desk = text(1, 40, required=True)
    id = text(1, 60, required=True)
    received_at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    received_by = text(1, 40, required=True)
    dossier_code = matching(r"[A-Z0-9.]+-[0-9]{6}-[0-9]{4,6}", required=True)
    slip_code = matching(r"[A-Z0-9.]+-[0-9]{6}-[0-9]{4,6}")
    procedure_code = text(8, 40, required=True)
    submitter_name = text(2, 150, required=True)
    owner_name = text(2, 150, required=True)
    owner_type = word("citizen", "business", "state_agency", "organisation", "other", required=True)
    channel = word("direct", "online", "post", required=True)
    delivery_method = word("counter", "post", "online", required=True)
    set_count = whole(1, 999, required=True)
    summary = text()
    authorisation = text()
    id_type = word("cccd", "cmnd", "passport", "tax_code", "other", allow_none=True)
    id_number = matching("[0-9A-Z-]{5,20}")
    birth_date = fields.Date(allow_none=True)
    birth_precision = word("day", "year", allow_none=True)
    sex = word("male", "female", allow_none=True)
    phone = matching("0[0-9]{9,10}")
    email = text(0, 150)
    address_text = text()
    address_unit_id = text(0, 40)
    components = fields.List(fields.Nested(ComponentSchema), validate=validate.Length(max=50))
    fee_amount_vnd = whole(0, 10**12, allow_none=True)
    payment_status = word("unpaid", "pending", "paid", "refunded", "cancelled", allow_none=True)
    payment_method = word("cash", "non_cash", allow_none=True)
    competent_unit = text(0, 150)
    storage_location = text(0, 100)
    copy_count = whole(0, 9_999, allow_none=True)
    page_count = whole(0, 9_999, allow_none=True)
    out_of_area = fields.Boolean()
    filed_by_clerk = fields.Boolean()
    source = word("desk", "import", "opening")
    external_code = text(0, 60)
    due_on = fields.Date(allow_none=True)


def saved(row: dict[str, Any]) -> str:
    """The id of a dossier that was checked, now a row."""
    received_on = row["received_at"].astimezone(LOCAL).date()
    components = json.dumps(row.pop("components", []), ensure_ascii=False)
    return str(Dossier.create(**row, received_on=received_on, components=components).id)


def plain_app(database: Database) -> Flask:
    """The service on a database."""
    app, schema = Flask(__name__), DossierSchema()

    @app.errorhandler(ValidationError)
    def refused(error: ValidationError) -> tuple[dict[str, Any], int]:
        return {"errors": error.messages}, 422

    @app.before_request
    def refuse_strangers() -> None:
        shown = request.headers.get("Authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {TOKEN}".encode()):
            abort(401)

    @app.post("/dossiers")
    def save_one() -> dict[str, Any]:
        row = schema.load(request.get_json())
        with database.connection_context(), database.atomic():
            return {"id": saved(row)}

    @app.post("/batches")
    def save_many() -> dict[str, Any]:
        rows = schema.load(request.get_json(), many=True)
        with database.connection_context(), database.atomic():
            return {"ids": [saved(row) for row in rows]}

    return app


def open_plain(where: str) -> Database:
    """The database, durable as the centre's own, with its table; its connections are kept."""
    if where.startswith("postgresql://"):
        database = connect(where.replace("postgresql://", "psycopg3+pool://", 1))
    else:
        pragmas = {"journal_mode": "wal", "synchronous": "full", "busy_timeout": 20_000}
        database = PooledSqliteDatabase(where, pragmas=pragmas, check_same_thread=False)
    database.bind([Dossier])
    with database.connection_context():
        database.create_tables([Dossier])
    return database


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        # As the centre does: unpinned, waitress serves a third of what one core can.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    app = plain_app(open_plain(sys.argv[1]))
    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[2]), threads=THREADS, asyncore_use_poll=True)
