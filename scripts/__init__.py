"""What people run from the source tree: the demo, its training world, the tests, the checks; only tests import it."""
