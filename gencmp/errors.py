"""What can go wrong, each with a sentence a person can act on: what, where, found, wanted, what to do."""


class GencmpError(Exception):
    """The parent of every error that gencmp raises on purpose; its text is fit to show to a user."""


class ConfigError(GencmpError):
    """A setting is not what it may be. `field` names it, so that a form can tell the mistake in its place."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


class DataError(GencmpError):
    """A data set cannot be had or read."""


class SnapshotError(GencmpError):
    """A snapshot cannot be read, or does not fit the model it is loaded into."""


class RunNotFound(GencmpError):
    """No run, file or shipped model has this name."""


class RunStateError(GencmpError):
    """The run is not in a state in which this can be done."""


class RunTakenOver(GencmpError):
    """Another worker has the run: this one slept, with its machine perhaps, and the run was resumed in the meantime."""


class StoreError(GencmpError):
    """The folder of the runs cannot be made, read or written."""


class TrainingFailed(GencmpError):
    """The training cannot go on: a loss is no longer a number, say."""


class DeviceError(GencmpError):
    """The device that was asked for is not on this machine."""


class VoteError(GencmpError):
    """This cannot be done with a round of the blind vote, or not yet."""


class RoundNotFound(VoteError):
    """No round has this code."""


class RoundClosed(VoteError):
    """The round takes no more answers."""
