"""A Vobiz account on loopback: its trunks, its HTTP, and the faults that it can be given."""
