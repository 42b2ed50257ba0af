"""What was seen of a trunk after an operation had ended: a checklist of one moment, and its first call.

It is kept with the operation as JSON. What the findings are called and mean is in `bot.proof.checklist`.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Noted(BaseModel):
    """One point of a checklist: the word for what was found, and what its words quote where it is not ok."""

    model_config = ConfigDict(frozen=True)

    finding: str
    data: Mapping[str, str] = {}


class Pending(BaseModel):
    """A request about a trunk that had not ended then: its reference, and the verbs of what it does."""

    model_config = ConfigDict(frozen=True)

    ref: str
    verbs: tuple[str, ...]


class Ready(BaseModel):
    """What an examination showed of the trunk with the id `trunk`, at a time (ms).

    `pending` is what is asked for already. `command` is what people type in front of a verb. `unseen` says in
    a word why nothing was seen; then there are no points, and nothing may be concluded.
    """

    model_config = ConfigDict(frozen=True)

    trunk: str
    at: int
    command: str
    points: tuple[Noted, ...] = ()
    unseen: str | None = None
    pending: tuple[Pending, ...] = ()


class Call(BaseModel):
    """A call that the account's records tell of; who called whom is not kept.

    `at` is when it began (ms); where Vobiz stated no time zone it is not `zoned`, and `at` is as if it were
    UTC. `answered` is None where that was not said. `seconds` is how long it was connected, `cause` why it
    ended, in Vobiz's word. It is the `first` one unless an earlier one may have been missed.
    """

    model_config = ConfigDict(frozen=True)

    at: int
    zoned: bool = True
    answered: bool | None = None
    seconds: int | None = None
    cause: str | None = None
    first: bool = True


class Proof(BaseModel):
    """What is to be seen of the trunk of an operation that makes one carry calls, and what was so far.

    With `watched` its first call is waited for.
    """

    model_config = ConfigDict(frozen=True)

    watched: bool = False
    ready: Ready | None = None
    call: Call | None = None
