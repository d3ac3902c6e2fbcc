"""The tests: claims about the protocol, the desk, the centre, and both together."""
