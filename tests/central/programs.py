"""Another program that reads from the centre by a token; each answer is held against the description of the API."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from openapi_schema_validator import OAS31Validator
from werkzeug.test import TestResponse

from central_server.central import Central
from central_server.services import tokens
from central_server.storage.tokens import Permission
from central_server.web.read_api import readable

READ = "/api/read/v1"
ALL = tuple(Permission)
OF_A_UNIT = (Permission.STANDINGS, Permission.DOSSIERS)


@dataclass
class Program:
    """A program with a token; none where `secret` is empty."""

    app: Flask
    secret: str

    def ask(self, path: str, **query: str) -> TestResponse:
        """The answer to a question, which has to be as it is described."""
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        answer = self.app.test_client().get(path, query_string=query, headers=headers)
        if path.startswith(READ) and path != f"{READ}/openapi.json":
            self._check(path, answer)
        return answer

    def read(self, path: str, **query: str) -> Any:
        """What is told where all is well."""
        answer = self.ask(READ + path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def _check(self, path: str, answer: TestResponse) -> None:
        description = readable.description()
        [described] = [
            operations["get"]
            for template, operations in description["paths"].items()
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        ]
        schema = described["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        OAS31Validator(schema | {"components": description["components"]}).validate(answer.json)


def program(app: Flask, central: Central, unit: str, *permissions: Permission, days: int = 30) -> Program:
    """A program with a fresh token for a unit; for everything that a unit's may read where nothing is named."""
    wanted = permissions or OF_A_UNIT
    issued = tokens.issue(
        central,
        f"phan-mem-{unit}-{'-'.join(sorted(wanted))}-{days}"[:40],
        unit_code=unit,
        permissions=wanted,
        days=days,
        by="cli:root",
    )
    return Program(app, issued.secret)
