"""Spreadsheets as people keep them: reading cells, finding columns, and what a cell's text means. No storage."""
