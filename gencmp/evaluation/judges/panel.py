"""The panel of judges: which ones there are, where they lie, and whether all are there. Imports no torch.

A distance in a classifier's features is that classifier's opinion. Five of them, of two architectures and several seeds,
show how much of it is. The first of the panel is "the judge", which names the classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gencmp.data.fingerprint import recent_fingerprint
from gencmp.files import SHIPPED, home
from gencmp.settings.configs import DATASETS, SHIPPED_DATA

JUDGES = 2  # version of judges of the user's own pictures; since 2 they have one named output per class
WEIGHTS, CARD = "weights.safetensors", "card.json"


@dataclass(frozen=True)
class Member:
    """One judge of the panel. steps: of training, each with a batch of 100. weights: how a file holds them; float16 is small."""

    architecture: str
    seed: int
    steps: int
    weights: str = "float16"

    @property
    def name(self) -> str:
        return f"{self.architecture}-{self.seed}"

    @property
    def label(self) -> str:
        return f"{TITLES[self.architecture]} {self.seed}"


TITLES = {"convnet": "Convnet", "lenet": "LeNet"}  # the number behind it is the seed
STEPS = 9000  # fifteen epochs of MNIST; more of a small data set
FIRST = Member("convnet", 0, STEPS, "float32")
# a third of the steps gives the other convnets an accuracy within 0.1 % of the first one's
PANEL = (
    FIRST,
    Member("convnet", 1, 3000),
    Member("convnet", 2, 3000),
    Member("lenet", 0, 6000),
    Member("lenet", 1, 6000),
)
SPACES = {"pixels": "pixels", "hog": "gradients (HOG)"}  # spaces without a network
SECONDS_A_STEP = {"convnet": 0.03, "lenet": 0.006}  # on two cores
LABELS = {member.name: member.label for member in PANEL} | SPACES


def label_of(space: str) -> str:
    """The label of a judge or space; of two judges together, "convnet-0+lenet-0", both."""
    return " and ".join(LABELS[name] for name in space.split("+"))


_given: dict[str, Path] = {}


def give_judge(dataset: str, folder: Path) -> None:
    """From now on, this process finds the first judge of these data in a folder to which it was sent."""
    _given[dataset] = folder


@contextmanager
def judges_in(dataset: str, folder: Path) -> Iterator[None]:
    """Meanwhile this process finds all judges of these data in a folder, and puts new ones there."""
    give_judge(dataset, folder)
    try:
        yield
    finally:
        _given.pop(dataset, None)


def judge_folder(dataset: str) -> Path:
    """The folder of a data set's first judge: with the shipped models for MNIST, otherwise in the user's home."""
    if dataset in _given:
        return _given[dataset]
    if dataset == SHIPPED_DATA:
        return SHIPPED / "judge"
    if dataset in DATASETS:
        return home() / "judges" / dataset
    digest = hashlib.sha256(f"{JUDGES}{dataset}{recent_fingerprint(dataset)}".encode()).hexdigest()[:8]
    return home() / "judges" / f"{Path(dataset).name}-{digest}"


def member_folder(dataset: str, member: Member) -> Path:
    """The folder of any judge of the panel."""
    if member == FIRST:
        return judge_folder(dataset)
    return (SHIPPED / "judges" if dataset == SHIPPED_DATA else judge_folder(dataset)) / member.name


def file_key(path: Path) -> str:
    """A hash of a file's content, 16 hex digits; empty when there is no file."""
    try:
        return _hash(path, path.stat().st_mtime_ns)
    except OSError:
        return ""


@lru_cache(maxsize=256)
def _hash(path: Path, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def judge_key(dataset: str) -> str:
    """A hash of the first judge's weights; empty when the data set has no judge yet."""
    return file_key(judge_folder(dataset) / WEIGHTS)


def missing_members(dataset: str) -> tuple[Member, ...]:
    """The judges of the panel that a data set does not have yet; the first may be among them."""
    return tuple(member for member in PANEL if not (member_folder(dataset, member) / CARD).exists())


def expected_seconds(*members: Member) -> float:
    """How long training these takes on two cores."""
    return sum(SECONDS_A_STEP[member.architecture] * member.steps for member in members)


def panel_key(dataset: str) -> str:
    """A hash of the whole panel's weights; empty while a judge is missing."""
    keys = {member.name: file_key(member_folder(dataset, member) / WEIGHTS) for member in PANEL}
    return key_of(keys) if all(keys.values()) else ""


def key_of(judges: Mapping[str, str]) -> str:
    """A hash of the judges' own, by their names."""
    return hashlib.sha256(" ".join(f"{name} {judges[name]}" for name in sorted(judges)).encode()).hexdigest()[:16]
