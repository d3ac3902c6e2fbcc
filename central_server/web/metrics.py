"""Figures about the running of the centre for Prometheus, without the name or code of a person or a desk.

What the database knows is read from it at each scrape, so that it does not matter which process answers. What only a
process knows, its own requests, bears the number of the process.
"""

import os
import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from central_server.central import APP_VERSION
from central_server.services.measuring import measured
from central_server.storage.tokens import Permission
from central_server.web.present import central, reader
from sync_protocol.vocabulary import DeviceState, Standing, VerdictKind

ACCEPTED = "accepted"
NO_ROUTE = "none"
EXTENSION = "metrics"

metrics = Blueprint("metrics", __name__)


class OfTheDatabase(Collector):
    """What every process tells alike."""

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        now = measured(central())
        yield InfoMetricFamily(
            "central", "The program.", {"version": APP_VERSION, "training": "yes" if now.training else "no"}
        )
        yield _gauge("central_ledger_entries", "Entries accepted into the ledgers of all desks.", now.entries)
        yield _gauge(
            "central_kept_beside_entries", "Entries of parted journals, outside of every ledger.", now.kept_beside
        )
        yield _gauge("central_database_bytes", "Room that the database takes.", now.database_bytes)
        if now.backup_age_s is not None:
            yield _gauge("central_backup_age_seconds", "Since the last verified backup.", now.backup_age_s)
        verdicts = GaugeMetricFamily("central_unsettled_entries", "Entries not simply applied.", labels=["verdict"])
        for verdict in VerdictKind:
            if verdict is not VerdictKind.APPLIED:
                verdicts.add_metric([verdict.value], now.waiting.get(verdict, 0))
        yield verdicts
        devices = GaugeMetricFamily("central_devices", "Enrolled machines.", labels=["state"])
        for state in DeviceState:
            devices.add_metric([state.value], now.devices.get(state, 0))
        yield devices
        desks = GaugeMetricFamily("central_desks", "Desks by standing in the running period.", labels=["standing"])
        for standing in Standing:
            desks.add_metric([standing.value], now.desks.get(standing, 0))
        yield desks


class Measures:
    """The figures of one process, and those of the database beside them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(OfTheDatabase())
        self.process = str(os.getpid())
        self.requests = Histogram(
            "central_request_duration_seconds",
            "Requests of this process by route.",
            ["process", "method", "route", "status"],
            registry=self.registry,
        )
        self.contacts = Counter(
            "central_contacts",
            "Contacts of devices with this process, by how they ended.",
            ["process", "outcome"],
            registry=self.registry,
        )

    def begin(self) -> None:
        """Takes the time."""
        g.began_s = time.perf_counter()

    def end(self, response: Response) -> Response:
        """Counts the request by its route, never by its address, which may name a desk."""
        route = request.url_rule.rule if request.url_rule else NO_ROUTE
        status = f"{response.status_code // 100}xx"
        self.requests.labels(self.process, request.method, route, status).observe(time.perf_counter() - g.began_s)
        if request.endpoint == "api.contact":
            self.contacts.labels(self.process, g.get("refusal", ACCEPTED)).inc()
        return response


def measure(app: Flask) -> None:
    """Measures the requests of an application."""
    measures = app.extensions[EXTENSION] = Measures()
    app.before_request(measures.begin)
    app.after_request(measures.end)


@metrics.get("/metrics")
def show() -> Response:
    """The figures, for a token with the permission `metrics`.

    The centre stands behind a proxy, so that a request from this machine may be anybody's: without a token nobody.
    """
    reader().check(Permission.METRICS)
    return Response(generate_latest(current_app.extensions[EXTENSION].registry), content_type=CONTENT_TYPE_LATEST)


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)
