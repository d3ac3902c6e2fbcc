"""Pages for people and the interface for devices. Views call one service each."""
