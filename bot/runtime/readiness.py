"""What a check of the process's readiness says while nothing is wrong: it starts, or it stops."""

from typing import Final

STARTING: Final = "starting"
STOPPING: Final = "stopping"
