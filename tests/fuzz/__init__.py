"""The fuzz of the front door: `python -m tests.fuzz`."""
