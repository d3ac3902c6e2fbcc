"""A province in one process: a centre, desks, clocks, network and disks, all drawn from one random generator a seed.

The services are the real ones on real files and the real HTTP interface; only the wire, the clocks and the power are
simulated. `world` runs a seed, `happenings` and `troubles` are what can happen, `invariants` is what must hold.
"""
