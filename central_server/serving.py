"""Serving the centre with waitress; workers are stateless, so several processes may stand behind a proxy."""

import gc
import logging
import os
from typing import Any

import click
from waitress.server import create_server

from central_server.app import create_app
from central_server.central import Central
from central_server.storage.database import keeping
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.packing import CONTACT_BYTES_MAX

CONNECTIONS_MAX = 5_000
GARBAGE_VALUES = 50_000
"""After so many new values what can go is looked for; a contact makes as many, and they go by themselves at its end."""


class PortTaken(FieldSyncError):
    """Something else listens on the port."""

    code = "port_taken"
    text = N_("The port %(port)d is taken. Nothing was changed; stop the other program, or set CENTRAL_PORT.")


def serve(central: Central) -> None:
    """Serves until interrupted; raises PortTaken."""
    # Before there are threads, which stay where they were begun.
    _pin_to_one_core()
    server = listening(central)
    click.echo(f"http://{central.settings.host}:{central.settings.port}/")
    settle_memory()
    with keeping(central.database):
        try:
            server.run()
        finally:
            server.close()


def settle_memory() -> None:
    """What stands once the server does stays as long as it: nobody has to look through it for what can go."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_VALUES)


def listening(central: Central) -> Any:
    """A server that listens and does not answer until it is run; raises NotInitialised, PortTaken."""
    settings = central.settings
    central.about()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        return create_server(
            create_app(central),
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            connection_limit=CONNECTIONS_MAX,
            asyncore_use_poll=True,
            max_request_body_size=CONTACT_BYTES_MAX + 4_096,
            ident=None,
        )
    except OSError as error:
        raise PortTaken(port=settings.port) from error


def _pin_to_one_core() -> None:
    """Unpinned, waitress hands the interpreter lock between cores and serves a third of what one core can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
