"""gencmp's exceptions. Each message tells the user what is wrong and where, what was found and wanted, and what to do."""


class GencmpError(Exception):
    """The base class of all errors that gencmp raises on purpose; the message can be shown to a user."""


class ConfigError(GencmpError):
    """A setting is invalid. field: its name, so that a form can show the error next to it."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


class DataError(GencmpError):
    """A data set cannot be found, downloaded or read."""


class SnapshotError(GencmpError):
    """A snapshot cannot be read, or does not fit the model it is loaded into."""


class RunNotFound(GencmpError):
    """No run, file or shipped model has this name."""


class DamagedFile(GencmpError):
    """A file of gencmp is not what it must be: cut off, changed by something else, or of another kind."""


class DamagedRun(RunNotFound):
    """The run's row in the store is not what it must be, so the run is left out."""


class RunStateError(GencmpError):
    """The operation is not possible in the run's present state."""


class RunTakenOver(GencmpError):
    """Another worker owns the run: this one was suspended, perhaps with its machine, and the run was resumed meanwhile."""


class TrainingLost(GencmpError):
    """The process or the computer that trained a run has gone; the run can go on elsewhere from its last state."""


class ClusterError(GencmpError):
    """There is no cluster to train on, or it cannot be used."""


class ClusterGone(ClusterError):
    """The whole cluster is lost while runs train on it: nobody's fault, and they wait for it."""


class StoreError(GencmpError):
    """The folder of the runs cannot be made, read or written."""


class TrainingFailed(GencmpError):
    """The training cannot continue, for example because a loss is not finite."""


class DeviceError(GencmpError):
    """This machine does not have the requested device."""


class VoteError(GencmpError):
    """The operation is not possible with a round of the blind vote, or not yet."""


class RoundNotFound(VoteError):
    """No round has this code."""


class RoundClosed(VoteError):
    """The round no longer accepts answers."""


class NotAllowed(GencmpError):
    """The visitor may not do this here; the teacher may."""


class BadRequest(GencmpError):
    """A request asks for something that cannot be: a number out of range, too many names, an address too long."""


class TooBusy(GencmpError):
    """Too much is being computed already. after: seconds until another try makes sense."""

    def __init__(self, message: str, after: int):
        super().__init__(message)
        self.after = after
