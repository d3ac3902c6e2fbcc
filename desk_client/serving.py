"""Serving the desk's page on loopback, with the agent beside it in the same process."""

import logging
import signal
import sys
import threading
from functools import partial
from typing import Any

import click
from flask import Flask
from waitress.server import create_server

from desk_client.agent.joining import join
from desk_client.agent.lock import sole_agent
from desk_client.agent.loop import Agent
from desk_client.app import create_app
from desk_client.desk import Desk
from desk_client.practice import PracticeProcess
from desk_client.services.enrolment import prepare
from desk_client.storage.database import reading
from desk_client.web.importing import UPLOAD_BYTES_MAX
from sync_protocol.errors import N_, FieldSyncError

HOST = "127.0.0.1"
THREADS = 4
CONNECTIONS_MAX = 200
BODY_BYTES_MAX = 2 * UPLOAD_BYTES_MAX
"""Up to here a form that is too large gets its own words; the server takes it whole before it asks for a page."""

ANSWER_BYTES_MAX = 64 * 1024 * 1024


class PortTaken(FieldSyncError):
    """Something else listens on the port."""

    code = "port_taken"
    text = N_(
        "The port %(port)d is taken, perhaps by this program itself. Nothing was changed; "
        "close the other window, or set DESK_PORT to another number."
    )


def serve(desk: Desk) -> None:
    """Serves until interrupted; what is not enrolled yet is enrolled on its page. Raises AgentBusy, PortTaken."""
    agent, practice = Agent(desk), PracticeProcess(desk.settings.data)
    with sole_agent(desk.settings.data):
        prepare(desk)
        app = create_app(
            desk, hosts=_hosts(desk), wake=agent.wake, practise=practice.address, enrol=partial(join, desk)
        )
        server = _listening(desk, app)
        thread = threading.Thread(target=agent.run, name="agent")
        thread.start()
        try:
            _run(desk, server)
        finally:
            agent.stop()
            thread.join()
            practice.end()


def serve_practice(desk: Desk) -> None:
    """Serves the practice pages until interrupted or until its input ends; raises PortTaken.

    There is no agent: nothing of it is ever sent.
    """
    app = create_app(desk, hosts=_hosts(desk), wake=_nothing, practise=lambda: _address(desk), enrol=_nothing)
    server = _listening(desk, app)
    threading.Thread(target=_end_with_input, name="input", daemon=True).start()
    _run(desk, server)


def _run(desk: Desk, server: Any) -> None:
    click.echo(_address(desk))
    sys.stdout.flush()
    try:
        # A connection that stays open spares each request the checkpoint of a last one that closes.
        with reading(desk.database):
            server.run()
    finally:
        server.close()


def _listening(desk: Desk, app: Flask) -> Any:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    port = desk.settings.port
    try:
        return create_server(
            app,
            host=HOST,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS_MAX,
            max_request_body_size=BODY_BYTES_MAX,
            # Above these the server would keep what people send and read in a file, in the clear.
            inbuf_overflow=BODY_BYTES_MAX + 1,
            outbuf_overflow=ANSWER_BYTES_MAX,
            ident=None,
        )
    except OSError as error:
        raise PortTaken(port=port) from error


def _hosts(desk: Desk) -> frozenset[str]:
    port = desk.settings.port
    return frozenset({f"{HOST}:{port}", f"{desk.page_name()}:{port}"})


def _address(desk: Desk) -> str:
    return f"http://{desk.page_name()}:{desk.settings.port}/"


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    # Not by an interrupt: what was begun in the background of a shell ignores that, and would stay for ever.
    signal.raise_signal(signal.SIGTERM)


def _nothing(*_: str) -> None:
    """Practice has nothing to send, and is enrolled with the machine."""
