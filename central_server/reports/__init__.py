"""What a report says: figures, rates, changes, layouts and words. Pure; services, papers and pages call it."""
