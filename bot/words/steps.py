"""The steps of an operation that has several: what was done, what was not, what was never started."""

from bot.blockkit.report import Progress, Task
from bot.blockkit.text import Code, Line
from bot.domain.operation import LIVE, Found, Operation, Step, StepState
from bot.kinds.wording import Words
from bot.words.phrases import decided_by, several


def tasks(op: Operation, words: Words) -> tuple[Task, ...]:
    """List the steps in their order; none where there is only one, which the report is about."""
    if not several(op):
        return ()
    return tuple(Task(words.step(step.name, op.request), *_progress(op, step)) for step in op.steps)


def _progress(op: Operation, step: Step) -> tuple[Progress, Line]:
    told: tuple[Progress, Line]
    match step.state:
        case StepState.WAITING:
            told = Progress.PENDING, ("Waiting" if op.state in LIVE else "Not started",)
        case StepState.SENDING:
            told = Progress.IN_PROGRESS, ("Waiting for Vobiz",)
        case StepState.DONE:
            told = Progress.COMPLETE, _done(step)
        case StepState.REJECTED:
            told = Progress.ERROR, ("Vobiz refused it",)
        case StepState.NOT_SENT:
            told = Progress.ERROR, ("Not sent",)
        case StepState.NOT_DONE:
            told = Progress.ERROR, ("Closed as not done", *decided_by(step))
        case StepState.UNKNOWN if op.asking:
            told = Progress.ERROR, ("Not known: an operator must decide",)
        case StepState.UNKNOWN:
            told = Progress.IN_PROGRESS, ("Not known yet: I am checking the account",)
    return told


def _done(step: Step) -> Line:
    found: Line = ()
    if step.found is Found.LOOK:
        found = (" (found in the account)",)
    elif step.found is Found.PERSON:
        found = (" (picked", *decided_by(step), ")")
    return ("Done", *found) if step.thing is None else ("Done: ", Code(step.thing.id), *found)
