"""One operation from start to end: intake, decisions, sending, looking, recovery; above notify."""
