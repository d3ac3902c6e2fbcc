"""Serving the desk's page on loopback, with the agent beside it in the same process."""

import logging
import threading

import click
from waitress.server import create_server

from desk_client.agent.lock import sole_agent
from desk_client.agent.loop import Agent
from desk_client.app import create_app
from desk_client.desk import Desk
from desk_client.storage.database import reading
from sync_protocol.errors import N_, FieldSyncError

HOST = "127.0.0.1"
THREADS = 4
CONNECTIONS_MAX = 200


class PortTaken(FieldSyncError):
    """Something else listens on the port."""

    code = "port_taken"
    text = N_(
        "The port %(port)d is taken, perhaps by this program itself. Nothing was changed; "
        "close the other window, or set DESK_PORT to another number."
    )


def serve(desk: Desk) -> None:
    """Serves until interrupted; raises NotEnrolled, AgentBusy, PortTaken."""
    name, port = desk.identity().page_name, desk.settings.port
    agent = Agent(desk)
    app = create_app(desk, hosts=frozenset({f"{HOST}:{port}", f"{name}:{port}"}), wake=agent.wake)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with sole_agent(desk.settings.data):
        try:
            server = create_server(
                app, host=HOST, port=port, threads=THREADS, connection_limit=CONNECTIONS_MAX, ident=None
            )
        except OSError as error:
            raise PortTaken(port=port) from error
        thread = threading.Thread(target=agent.run, name="agent")
        thread.start()
        click.echo(f"http://{name}:{port}/")
        try:
            # A connection that stays open spares each request the checkpoint of a last one that closes.
            with reading(desk.database):
                server.run()
        finally:
            agent.stop()
            thread.join()
            server.close()
