"""Settings of the tests of the protocol."""

from hypothesis import settings

# How long an example takes says something of the machine that runs the tests, and nothing of the code.
settings.register_profile("protocol", deadline=None)
settings.load_profile("protocol")
