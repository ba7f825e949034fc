"""The errors a user can meet: each is a sentence and a next step.

MlartError
├── NoRun                 nothing to log to
├── UnknownRun            a run id or name that the store does not know
├── UnknownArtifact       a path that the run does not have
├── WrongContent          an artifact whose bytes are not what they should be
├── UnknownFile           a local path or a variable that is not there
├── BadPath               a path that leaves its run or folder
├── NotRenderable         an object that no renderer knows
├── SpoolUnavailable      the spool cannot take an item (full, read-only)
├── GivenUp               nobody waits for the answer any more
├── TornItem              a spooled item whose bytes do not match its name
├── NameTaken             a file that another process put under this name first
├── StoreUnavailable      may work later: deliveries are retried
└── StoreRefused          will not work later: the item is buried with this reason
"""

from __future__ import annotations


class MlartError(Exception):
    """Something a user can mend.

    Parameters
    ----------
    problem
        What is wrong, as a sentence without its full stop.
    next_step
        What the user can do about it, in the same form.
    """

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(problem, next_step)
        self.problem = problem
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.problem}. {self.next_step}."


class NoRun(MlartError):
    """No run is active where one is needed."""

    def __init__(
        self,
        problem: str = "No MLflow run is active",
        next_step: str = "Open one with %mlart start, or name one with --run",
    ) -> None:
        super().__init__(problem, next_step)  # pickle gives both


class UnknownRun(MlartError):
    """The store has no such run."""


class UnknownArtifact(MlartError):
    """The run has no such artifact."""


class WrongContent(MlartError):
    """An artifact is not of the form it is read as, or not what the catalogue tells."""


class UnknownFile(MlartError):
    """A local file, folder or variable is not there."""


class BadPath(MlartError):
    """A path leaves the run or the folder it belongs to."""


class NotRenderable(MlartError):
    """No renderer knows how to store this object."""


class SpoolUnavailable(MlartError):
    """The spool on disk cannot be written."""


class GivenUp(MlartError):
    """Nobody waits for the answer any more: its work ends early."""

    def __init__(self, problem: str = "The request was given up", next_step: str = "Ask again") -> None:
        super().__init__(problem, next_step)  # pickle gives both


class TornItem(MlartError):
    """A spooled item is not what its name says."""


class NameTaken(MlartError):
    """A file is in the way of one that was to be new."""


class StoreUnavailable(MlartError):
    """The artifact store does not answer now; a later try may succeed.

    Attributes
    ----------
    whole_host
        The host does not answer at all: its other runs need not be tried.
    retry_after
        Seconds for which the store asks to be left alone; None when it does not say.
    """

    whole_host = False
    retry_after: float | None = None

    @classmethod
    def of_host(cls, problem: str, next_step: str, retry_after: float | None = None) -> StoreUnavailable:
        """An error that all runs of a host share."""
        error = cls(problem, next_step)
        error.whole_host, error.retry_after = True, retry_after
        return error


class StoreRefused(MlartError):
    """The artifact store will never take this; trying again is useless."""


def left_words(left: int) -> str:
    """What waits after the end of a process, and what delivers it."""
    return f"{left} items wait in the spool; `mlart flush` or the next %load_ext delivers them"
