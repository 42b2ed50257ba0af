"""The bot's exceptions, named by whose fault it is. Expected outcomes are values, not exceptions.

BotError
└── DatabaseInUseError    the deployer's: two processes on one SQLite file
"""


class BotError(Exception):
    """Anything of ours that ends the process."""


class DatabaseInUseError(BotError):
    """Another process uses this database file and does not end: SQLite is for one process."""
