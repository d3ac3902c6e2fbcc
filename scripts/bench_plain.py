"""What the centre's intake is measured against: a plain Flask + marshmallow + peewee service, as one writes it first.

One table with the dossier's fields and the usual indexes; each row is saved by itself. Run as
``python -m scripts.bench_plain DATABASE PORT``, DATABASE being a path or a ``postgresql://`` URL.
"""

import sys
from typing import Any

import waitress
from flask import Flask, request
from marshmallow import Schema, fields, validate
from peewee import AutoField, Database, DateTimeField, IntegerField, Model, SqliteDatabase, TextField
from playhouse.db_url import connect

THREADS = 4


class Dossier(Model):
    """A dossier as a table of its own."""

    id = AutoField()
    desk = TextField(index=True)
    dossier_code = TextField(unique=True)
    procedure_code = TextField(index=True)
    submitter_name = TextField()
    owner_name = TextField()
    owner_type = TextField()
    id_type = TextField()
    id_number = TextField(index=True)
    phone = TextField()
    address_text = TextField()
    channel = TextField()
    delivery_method = TextField()
    set_count = IntegerField()
    received_at = DateTimeField(index=True)


class DossierSchema(Schema):
    """What one dossier looks like on the wire."""

    desk = fields.String(required=True, validate=validate.Length(1, 40))
    dossier_code = fields.String(required=True, validate=validate.Length(1, 40))
    procedure_code = fields.String(required=True, validate=validate.Regexp(r"[0-9]\.[0-9]{6}"))
    submitter_name = fields.String(required=True, validate=validate.Length(2, 150))
    owner_name = fields.String(required=True, validate=validate.Length(2, 150))
    owner_type = fields.String(required=True, validate=validate.OneOf(["citizen", "business", "organisation", "other"]))
    id_type = fields.String(load_default="")
    id_number = fields.String(load_default="", validate=validate.Length(0, 20))
    phone = fields.String(load_default="", validate=validate.Length(0, 20))
    address_text = fields.String(load_default="", validate=validate.Length(0, 500))
    channel = fields.String(required=True, validate=validate.OneOf(["direct", "online", "post"]))
    delivery_method = fields.String(required=True, validate=validate.OneOf(["counter", "online", "post"]))
    set_count = fields.Integer(required=True, validate=validate.Range(1, 9999))
    received_at = fields.NaiveDateTime(required=True)


def plain_app(database: Database) -> Flask:
    """The service on a database."""
    app, schema = Flask(__name__), DossierSchema()

    @app.post("/dossiers")
    def save_one() -> dict[str, Any]:
        with database.connection_context(), database.atomic():
            return {"id": Dossier.create(**schema.load(request.get_json())).id}

    @app.post("/batches")
    def save_many() -> dict[str, Any]:
        rows = schema.load(request.get_json(), many=True)
        with database.connection_context(), database.atomic():
            return {"ids": [Dossier.create(**row).id for row in rows]}

    return app


def open_plain(where: str) -> Database:
    """The database, durable as the centre's own, with its table."""
    if where.startswith("postgresql://"):
        database = connect(where.replace("postgresql://", "psycopg3://", 1))
    else:
        database = SqliteDatabase(where, pragmas={"journal_mode": "wal", "synchronous": "full", "busy_timeout": 20_000})
    database.bind([Dossier])
    with database.connection_context():
        database.create_tables([Dossier])
    return database


if __name__ == "__main__":
    waitress.serve(plain_app(open_plain(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), threads=THREADS)
