"""A route of the read API is made and described in one step, so that none is without its description."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from inspect import getdoc
from typing import Any

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Response, request
from marshmallow import Schema, ValidationError

from central_server.central import APP_VERSION
from central_server.storage.tokens import Permission
from central_server.web.present import central, reader
from central_server.web.read_schemas import NothingAsked, Refusal
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text

OPENAPI = "3.1.0"
TITLE = "Field sync: read API"
ABOUT = (
    "What other programs of a province read of its one-stop desks. Every question needs an access token in the header "
    "`Authorization: Bearer`; the province office issues it for a unit, and what lies outside that unit looks as if "
    "it were not there. Nothing here tells what citizens have told. Instants are UTC, days are local days in Viet Nam."
)
PARTS: Mapping[str, Mapping[str, Any]] = {
    "code": {"description": "Code of a desk", "schema": {"type": "string"}},
    "name": {"description": "Name of a period, as in the list of periods", "schema": {"type": "string"}},
    "revision": {
        "description": "0 for the first publication, then 1, 2 …",
        "schema": {"type": "integer", "minimum": 0},
    },
}
REFUSALS = {
    400: "What was asked does not fit",
    401: "There is no access token that is good",
    403: "The token is not for this",
    404: "It is not there, or lies outside the token's unit",
    409: "The cursor is not good any more",
    429: "Too many requests within a minute",
    503: "The database does not answer now",
}
PART = re.compile(r"<(?:\w+:)?(\w+)>")

log = logging.getLogger(__name__)

View = Callable[..., Mapping[str, Any]]


class BadQuery(FieldSyncError):
    """A question has parameters that are missing, unknown, too long, or stand twice."""

    code = "bad_query"
    text = N_("These parameters of the question do not fit: %(fields)s. Nothing was read; see the description.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A route with what describes it; `path` is that of the description."""

    path: str
    about: str
    permission: Permission
    question: Schema
    answer: Schema


@dataclass(frozen=True, slots=True)
class Readable:
    """The routes of a blueprint that programs read, each with its description."""

    blueprint: Blueprint
    routes: list[Described] = field(default_factory=list)

    def get(
        self, rule: str, permission: Permission, answer: type[Schema], question: type[Schema] = NothingAsked
    ) -> Callable[[View], View]:
        """Makes a route of a view, which is handed the parts of the address and what was asked, both checked."""

        def made(view: View) -> View:
            assert view.__doc__, "a route describes itself"
            described = Described(
                path=PART.sub(r"{\1}", f"{self.blueprint.url_prefix}{rule}"),
                about=getdoc(view) or "",
                permission=permission,
                question=question(),
                answer=answer(),
            )
            self.routes.append(described)
            self.blueprint.get(rule)(_answering(described, view))
            return view

        return made

    def description(self) -> dict[str, Any]:
        """The OpenAPI document."""
        spec = APISpec(
            title=TITLE,
            version=APP_VERSION,
            openapi_version=OPENAPI,
            info={"description": ABOUT},
            plugins=[MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))],
        )
        spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
        for each in self.routes:
            spec.path(path=each.path, operations={"get": _operation(each)})
        return spec.to_dict()


def _answering(described: Described, view: View) -> Callable[..., Response]:
    @wraps(view)
    def answered(**parts: Any) -> Response:
        who = reader()
        who.check(described.permission)
        content = view(**parts, **_asked(described.question))
        about: dict[str, Any] = {"training": central().about().training, "at": instant_text(central().now())}
        # Whose words these parts are is known by now: they have led to something. They may still hold a line break.
        log.info("token %s read %s %r", who.name, described.path, parts)
        return Response(orjson.dumps(described.answer.dump({**about, **content})), content_type="application/json")

    return answered


def _asked(question: Schema) -> Mapping[str, Any]:
    """The parameters, each at most once; raises BadQuery, which repeats no value."""
    given = request.args.to_dict(flat=False)
    if twice := sorted(name for name, values in given.items() if len(values) > 1):
        raise BadQuery(fields=_short(twice))
    try:
        asked: Mapping[str, Any] = question.load({name: value for name, [value] in given.items()})
    except ValidationError as error:
        raise BadQuery(fields=_short(sorted(error.normalized_messages()))) from error
    return asked


def _short(names: list[str]) -> str:
    return ", ".join(names)[:60]


def _operation(described: Described) -> dict[str, Any]:
    summary, _, more = described.about.partition("\n\n")
    refusals = {number: _said(told, Refusal()) for number, told in REFUSALS.items()}
    return {
        "summary": summary,
        "description": f"{more}\n\nNeeds the permission `{described.permission}`.".strip(),
        "operationId": re.sub(r"\W+", "_", described.path).strip("_"),
        "security": [{"token": []}],
        "parameters": [
            *({"in": "path", "name": name, "required": True, **PARTS[name]} for name in _parts(described.path)),
            {"in": "query", "schema": described.question},
        ],
        "responses": {200: _said("What was asked for", described.answer), **refusals},
    }


def _said(told: str, schema: Schema) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _parts(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _name(schema: Schema | type[Schema] | str) -> str:
    known = schema if isinstance(schema, type) else type(schema)
    return known.__name__
