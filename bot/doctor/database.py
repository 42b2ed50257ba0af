"""Judging the database: whether it answers, takes what is written, is of this version, and lasts. Pure."""

from types import MappingProxyType
from typing import Final

from bot.doctor.probe_answers import Database, NoFile, Silence, Stored, Unusable
from bot.domain.check import Check, Verdict, not_checked
from bot.store.database import BASELINE, HEAD, usable
from bot.store.fitness import OLDEST, Unfit

NAME: Final = "database"

_UNFIT: Final = MappingProxyType(
    {
        Unfit.OLD: (
            f"this Postgres is older than version {OLDEST // 10000}",
            f"Use version {OLDEST // 10000} or newer.",
        ),
        Unfit.ENCODING: (
            "its encoding is not UTF8, and what people type would not fit",
            "Create a database WITH ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL.",
        ),
        Unfit.NO_FILE: ("is a folder or a device, and no file", "Name a file in DATABASE_URL."),
        Unfit.POOLED: (
            "a pooler in transaction mode (as PgBouncer's) is before Postgres: no lock holds through it",
            "Name the server itself in DATABASE_URL, or a port where the pooler is in session mode.",
        ),
    }
)

# Kinds of file systems as Linux names them (/proc/mounts).
_PLACES: Final = MappingProxyType(
    {
        **dict.fromkeys(("tmpfs", "ramfs"), "in memory: it is lost with the machine"),
        "overlay": "in a container's own file system: it is lost with the container",
        **dict.fromkeys(
            ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"),
            "on a network file system, where SQLite's locks do not hold",
        ),
    }
)


def database_check(said: Database) -> Check:
    """Judge what was found at DATABASE_URL."""
    match said:
        case None:
            return not_checked(NAME)
        case Silence(reason):
            return Check(NAME, Verdict.FAILURE, reason, "Check DATABASE_URL, and whether the database runs.")
        case NoFile(path, possible=False):
            todo = "Make the folder, writable by the bot's user, or correct DATABASE_URL."
            return Check(NAME, Verdict.FAILURE, f"{path} is not there and cannot be made", todo)
        case NoFile(path):
            todo = "The first start makes it. If the bot ran before, DATABASE_URL names another place now."
            return Check(NAME, Verdict.WARNING, f"{path} is not there yet", todo)
        case Unusable(reason, cure):
            return Check(NAME, Verdict.FAILURE, reason, cure)
        case Stored() as stored:
            return _stored(stored)


def _stored(stored: Stored) -> Check:
    if stored.unfit is not None:
        return Check(NAME, Verdict.FAILURE, *_UNFIT[stored.unfit])
    return _version(stored.version) or _place(stored)


def _version(version: str | None) -> Check | None:
    if version is None:
        todo = "The first start sets it up. If the bot ran before, DATABASE_URL names another one now."
        return Check(NAME, Verdict.WARNING, "answers, and is empty", todo)
    if version > HEAD and usable(version):
        found = f"answers, and is of a newer version ({version}, this one knows {HEAD}), as in a deploy"
        return Check(NAME, Verdict.WARNING, found, "Install that version, unless you went back on purpose.")
    if version > HEAD:
        found = f"was made by a newer version of the bot ({version}, this one knows {HEAD})"
        return Check(NAME, Verdict.FAILURE, found, "Install that version, or restore a backup.")
    if version < BASELINE:
        found = f"was made by version 0.1.0 ({version}), which nothing brings up to date"
        todo = "Name a new one in DATABASE_URL, and keep this one for its record."
        return Check(NAME, Verdict.FAILURE, found, todo)
    if version < HEAD:
        found = f"answers, and is of an older version ({version}, this one needs {HEAD})"
        return Check(NAME, Verdict.WARNING, found, "Back it up; the next start brings it up to date.")
    return None


def _place(stored: Stored) -> Check:
    place = _PLACES.get(stored.filesystem or "")
    if place is not None:
        todo = "Put it on a local disk that lasts, or use Postgres."
        return Check(NAME, Verdict.WARNING, f"answers, but lies {place}", todo)
    return Check(NAME, Verdict.OK, f"answers, at migration {stored.version}")


def filesystem_of(path: str, mounts: str) -> str | None:
    """Find the kind of file system under an absolute path in the text of /proc/mounts, or None."""
    best, kind = "", None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # Spaces in mount points are written \040 (getmntent(3)).
        point = fields[1].replace("\\040", " ").rstrip("/")
        if (path == point or path.startswith(f"{point}/")) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind
