"""The page on loopback: the clerk's door. It calls services; the agent does not know it."""
