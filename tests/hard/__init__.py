"""Hard tests of the desk: power cuts, kills, full disks and damaged files, of real processes on the real engine."""
