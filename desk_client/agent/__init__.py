"""The agent: the one door to the centre. It calls services; pages do not know it."""
