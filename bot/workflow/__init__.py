"""One operation from start to end: intake, decisions, sending, looking, recovery. It tells nobody.

Imports kinds, slack, store, vobiz and below.
"""
