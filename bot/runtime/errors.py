"""The bot's exceptions, named by whose fault it is. Expected outcomes are values, not exceptions.

BotError
├── DatabaseInUseError    the deployer's: two processes on one SQLite file
├── RecordKeyError        the deployer's: TRUNK_AUDIT_KEY is not the record's (bot/store/writer.py)
├── DamagedDatabaseError  the deployer's: a database of the bot's that is not whole (bot/store/trouble.py)
├── UnfitDatabaseError    the deployer's: DATABASE_URL names a Postgres that is none for the bot
└── NoRecordError         the deployer's: DATABASE_URL names no database of this version
"""


class BotError(Exception):
    """Anything of ours that ends the process."""


class DatabaseInUseError(BotError):
    """Another process uses this database file and does not end."""

    def __str__(self) -> str:
        """Say what to do."""
        return (
            "Another process uses this database file. SQLite is for one process: stop the other one, or set "
            "DATABASE_URL to a Postgres database for several."
        )


class UnfitDatabaseError(BotError):
    """The database answers, and is none for the bot; which it is, the doctor says in words."""


class NoRecordError(BotError):
    """There is no record to read; the message says what to do."""
