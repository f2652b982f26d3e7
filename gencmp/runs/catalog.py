"""Models by name: recorded runs, shipped models, and files, all read in the same way. Imports no torch.

A shipped model is an exported run: a folder of `card.json` (the run and how it was made), `curves.json`
(its steps and epochs), `README.md` (the card for people) and `epochs/`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol

from gencmp.errors import RunNotFound
from gencmp.events import Changed, Checkup
from gencmp.files import SHIPPED
from gencmp.left_out import LeftOut
from gencmp.runs.folder import RunFolder
from gencmp.runs.names import is_path
from gencmp.runs.reading.cards import Curves, read_card, read_curves
from gencmp.runs.run import Choice, EpochRow, Run
from gencmp.runs.store import RunStore


class ModelRecord(Protocol):
    """A run with its curves and files."""

    @property
    def run(self) -> Run: ...
    @property
    def folder(self) -> RunFolder: ...
    @property
    def is_shipped(self) -> bool: ...
    def steps(self, after: int = 0, points: int = 0) -> dict[str, list[float]]: ...
    def spark(self, column: str, points: int) -> list[float]: ...
    def epochs(self, after: int = 0, points: int = 0) -> list[EpochRow]: ...
    def changes(self) -> list[Changed]: ...
    def checkups(self) -> list[Checkup]: ...


class StoredRun:
    """A run in the store."""

    is_shipped = False

    def __init__(self, store: RunStore, run: Run):
        self.store, self.run = store, run
        self.folder = store.queries.folder(run.id)

    def steps(self, after: int = 0, points: int = 0) -> dict[str, list[float]]:
        return self.store.queries.steps(self.run.id, after, points)

    def spark(self, column: str, points: int) -> list[float]:
        """A measure at `points` places of the run, for a sparkline."""
        return self.store.queries.spark(self.run, column, points)

    def epochs(self, after: int = 0, points: int = 0) -> list[EpochRow]:
        return self.store.queries.epochs(self.run.id, after, points)

    def changes(self) -> list[Changed]:
        """The settings that were changed while it trained, first one first."""
        return self.store.queries.changes(self.run.id)

    def checkups(self) -> list[Checkup]:
        """The quick evaluations made while it trained, first one first."""
        return self.store.queries.checkups(self.run.id)


class ShippedRun:
    """An exported run in its own folder. Its curves were thinned on export, so `points` is ignored.

    Raises DamagedFile, as do the methods that read its curves.
    """

    is_shipped = True

    def __init__(self, path: Path):
        self.folder = RunFolder(path)
        self.card, self.run = read_card(path)

    def steps(self, after: int = 0, points: int = 0) -> dict[str, list[float]]:
        columns = self._curves.steps
        first = next((i for i, step in enumerate(columns["step"]) if step > after), len(columns["step"]))  # type: ignore[operator]
        return {name: list(column[first:]) for name, column in columns.items()}  # type: ignore[arg-type]

    def spark(self, column: str, points: int) -> list[float]:
        values = self.steps()[column]
        return values[:: max(1, len(values) // points)]

    def epochs(self, after: int = 0, points: int = 0) -> list[EpochRow]:
        return [row for row in self._curves.epochs if row.epoch > after]

    def changes(self) -> list[Changed]:
        return list(self._curves.changes)

    def checkups(self) -> list[Checkup]:
        """None: the last epoch has a whole verdict."""
        return []

    @property
    def _curves(self) -> Curves:
        return read_curves(self.folder.path, self.run.kind)


def without_pictures(record: ModelRecord) -> str:
    """Why a model has no pictures, in a sentence."""
    return _without(record, record.run.name, "pictures", "Train it for at least one epoch.")


def _without(record: ModelRecord, name: str, what: str, advice: str) -> str:
    if not record.run.epoch or (record.run.is_open and record.run.epoch == 1):
        return f"{name} has not finished an epoch yet, so it has no {what}. {advice}"
    folder = record.folder.path / "epochs"
    state = "holds none" if folder.is_dir() else "is missing"
    return (
        f"{name} has finished epoch {record.run.epoch}, but its {what} are gone: {folder} {state}."
        " Put the folder back from a backup, or train the run again."
    )


def _whole(folder: Path) -> ModelRecord:
    """A shipped model with its curves. Raises DamagedFile."""
    record = ShippedRun(folder)
    record.epochs()
    return record


class Catalog:
    """Looks up models by name: in the store of runs, and among the shipped models."""

    def __init__(self, store: RunStore, shipped: Path = SHIPPED):
        self.store = store
        self.shipped_folder = shipped
        self._left_out = LeftOut()

    def shipped(self) -> list[ModelRecord]:
        """The paper's first, then by name. Folders without a card are skipped, and so is the judge, which has no epochs; so are models whose
        card or curves are damaged, see left_out."""
        cards = sorted(self.shipped_folder.glob("*/card.json"))
        folders = [card.parent for card in cards if (card.parent / "epochs").is_dir()]
        found = (self._left_out.read(folder.name, partial(_whole, folder)) for folder in folders)
        return sorted(filter(None, found), key=lambda record: record.run.preset != "paper")

    def shipped_pair(self) -> dict[str, ModelRecord]:
        """The first shipped model of each kind, "gan" and "vae": the paper's, if it is there; {} unless both kinds are."""
        of_kind = {record.run.kind: record for record in reversed(self.shipped())}
        return {kind: of_kind[kind] for kind in ("gan", "vae")} if len(of_kind) == 2 else {}

    def left_out(self) -> list[str]:
        """A sentence on each damaged run and shipped model that was met so far; the rest is shown without them."""
        return self._left_out.sentences + self.store.queries.left_out.sentences

    def recorded(self, limit: int = -1, kind: str = "", wanted: str = "") -> list[ModelRecord]:
        """Newest first; see RunQueries.newest."""
        return [StoredRun(self.store, run) for run in self.store.queries.newest(limit, kind, wanted)]

    def choices(self) -> list[Choice]:
        """Every model with weights and pictures: shipped ones first, then runs, newest first.

        Takes one query and hardly any disk access, as there may be a thousand runs.
        """
        shipped = [record.run for record in self.shipped()]
        own = [each for each in self.store.queries.trained() if self._has_weights(each)]
        return [Choice(run.id, run.name, run.kind, run.state, run.epoch, is_shipped=True) for run in shipped] + own

    def _has_weights(self, choice: Choice) -> bool:
        """The first epoch's weights are always saved before the second epoch begins; until then only the folder shows it."""
        return choice.epoch > 1 or choice.state == "finished" or bool(self.store.queries.folder(choice.id).kept())

    def find(self, name: str) -> ModelRecord:
        """By a run's id, else a shipped model's id or name, else a run's name. Raises RunNotFound.

        Names are matched exactly. A run can have the same name as a shipped model that was added later, or one that an
        early version allowed: then the name means the shipped model, and the run is found by its id.
        """
        run = self.store.queries.find(name)
        if run is not None and name == run.id:
            return StoredRun(self.store, run)
        for record in self.shipped():
            if name in (record.run.name, record.run.id):
                return record
        if run is not None:
            return StoredRun(self.store, run)
        there = ", ".join([r.run.name for r in self.shipped()] + [run.name for run in self.store.queries.newest(5)])
        raise RunNotFound(f"There is no run or shipped model {name!r}. There are: {there or 'none yet'}.")

    def namesake(self, name: str) -> str:
        """A sentence about the run of this name if the name means a shipped model or a file instead; else empty."""
        run = self.store.queries.find(name)
        if run is None or name == run.id:
            return ""
        if is_path(name):
            return f"{name} is read as a file; refer to your run of that name by its id, {run.id}."
        if self.find(name).is_shipped:
            return f"{name} is the shipped model; refer to your run of that name by its id, {run.id}."
        return ""

    def title(self, record: ModelRecord) -> str:
        """The name of a model; with its id where the name alone means another one."""
        run = record.run
        return f"{run.name} ({run.id})" if not record.is_shipped and self.namesake(run.name) else run.name

    def dataset(self, name: str) -> str | None:
        """The data set of a model's run on this computer, including the path of its folder, which weights do not contain.

        None for a file that is not in a run's folder.
        """
        if not is_path(name):
            return str(self.find(name).run.config["dataset"])
        folder = Path(name).absolute().parent.parent
        run = self.store.queries.find(folder.name) if folder.parent == self.store.home else None
        return run.config["dataset"] if run else None

    def weights(self, name: str, epoch: int | None = None) -> Path:
        """The weights file of a model: a given .safetensors path, or a saved epoch of a run or shipped model (default: the last).

        Raises RunNotFound when there is none.
        """
        if is_path(name):
            return Path(name)
        record = self.find(name)
        kept = record.folder.kept()
        if epoch is not None and epoch not in kept:
            raise RunNotFound(
                f"{name} has no checkpoint of epoch {epoch}. It has: {', '.join(map(str, kept)) or 'none yet'}."
            )
        if not kept:
            raise RunNotFound(_without(record, name, "weights", "Train it further first."))
        return record.folder.weights(kept[-1] if epoch is None else epoch)
