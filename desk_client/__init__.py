"""One device of a desk: a local encrypted journal, a page on loopback, and an agent that sends when it can."""
