"""A centre that serves over real sockets inside the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from waitress.wasyncore import close_all

from central_server.central import Central
from central_server.serving import listening
from tests.processes import free_port


def unlimited(central: Central) -> Central:
    """A centre that never says that somebody asks too often: a minute stands still here, while thousands ask."""
    settings = replace(central.settings, contacts_per_minute=10**9, enrolments_per_minute=10**9)
    return replace(central, settings=settings)


@contextmanager
def serving(central: Central) -> Iterator[int]:
    """Serves with the production server in threads; gives the port, and leaves no thread behind."""
    port = free_port()
    server = listening(unlimited(replace(central, settings=replace(central.settings, port=port, threads=4))))
    thread = threading.Thread(target=server.run, name="centre")
    thread.start()
    try:
        yield port
    finally:
        # Its loop ends where nothing is left to watch; that may only be said inside it.
        server.trigger.pull_trigger(lambda: close_all(server._map))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()
