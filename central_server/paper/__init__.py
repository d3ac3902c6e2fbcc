"""Sheets of paper that the centre prints, drawn from what they are handed; called by services."""
