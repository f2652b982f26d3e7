"""Who may do what: the one place that decides. Pure functions; guard.py asks them at every door. Imports no Streamlit.

On the dashboard's own computer, and for a signed-in teacher, everything is allowed. Everybody else watches, explores,
compares and votes; where the teacher allows it, they also train runs of their own, within limits.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from gencmp.errors import NotAllowed
from gencmp.files import home
from gencmp.runs.disk import disk_use
from gencmp.settings.configs import Config
from gencmp.settings.own_folder import name_of, names_folder
from gencmp.ui.rights.visitor import HERE, Visitor

# What is asked, as it stands in a refusal
START, STEER, STOP, RENAME, DELETE = (
    "start or resume runs",
    "pause, step or change runs",
    "stop this",
    "rename runs",
    "delete runs",
)
MEASURE, ROUND, LEAD, UPLOAD, FOLDER = (
    "queue an evaluation",
    "open a vote",
    "lead this vote",
    "upload pictures",
    "name a folder",
)
CLASS, WORK = "change the rules for the class", "do a worker's work"
OPEN_CLASS, LEAD_CLASS = "open a class", "lead this class"

FOLDERS = "GENCMP_FOLDERS"  # folders of pictures that a teacher may name from another computer
RUNS_OF_ALL = 60  # runs of all students together
DISK = 100_000_000  # bytes of one student's run: the paper's "quick" presets need half
MOST_RUNS, MOST_EPOCHS = 5, 20  # that a teacher can allow each student


@dataclass(frozen=True)
class Rights:
    """voter: the token by which a browser votes or hosts rounds."""

    visitor: Visitor
    is_teacher: bool
    voter: str = ""

    @property
    def is_here(self) -> bool:
        return self.visitor.is_here

    @property
    def browser(self) -> str:
        return self.visitor.browser


OWNER = Rights(HERE, True)


@dataclass(frozen=True)
class ClassRules:
    """What the teacher lets the class do. runs, epochs: of each student. shows_pictures: the training pictures of own folders."""

    may_train: bool = False
    runs: int = 2
    epochs: int = 5
    shows_pictures: bool = False

    @classmethod
    def from_json(cls, text: str) -> ClassRules:
        """Whatever is missing or not of its type is as at first."""
        try:
            found = json.loads(text)
        except ValueError:
            return cls()
        known = {each.name: type(each.default) for each in fields(cls)}
        if not isinstance(found, dict):
            return cls()
        given: dict[str, Any] = {name: value for name, value in found.items() if type(value) is known.get(name)}
        return cls(**given)

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def refuse(act: str) -> None:
    raise NotAllowed(f"Only the teacher may {act} here. Teachers sign in with the key in the header.")


def need_teacher(rights: Rights, act: str) -> None:
    """Raises NotAllowed for anybody else."""
    if not rights.is_teacher:
        refuse(act)


def need_start(
    rights: Rights, rules: ClassRules, config: Config, made: int, of_all: int, goes_on: bool = False
) -> None:
    """Raises NotAllowed unless a run may be made. made, of_all: runs that this browser, and all students, have in the store.
    goes_on: it is a fork or a repetition, whose folder somebody was allowed to name before."""
    if rights.is_teacher:
        if names_folder(config.dataset) and not goes_on:
            need_folder(rights, Path(config.dataset))
        return
    if not rules.may_train or not rights.browser:
        refuse(START)
    if words := _too_much(rules, config, made, of_all):
        raise NotAllowed(words)


def _too_much(rules: ClassRules, config: Config, made: int, of_all: int) -> str:
    if names_folder(config.dataset):
        return "Only the teacher may train on own pictures here. Choose another data set."
    if config.epochs > rules.epochs:
        return f"Found {config.epochs} epochs, wanted at most {rules.epochs}: your teacher has set this limit."
    if made >= rules.runs:
        return f"You have trained {made} of {rules.runs} runs. Ask your teacher for more."
    if of_all >= RUNS_OF_ALL:
        return f"The class has trained {of_all} runs, which is as many as fit here. Ask your teacher to delete some."
    if disk_use(config).total > DISK:
        return f"This run would need {disk_use(config).total / 1e6:.0f} MB, wanted at most {DISK / 1e6:.0f}. Choose a smaller network."
    return ""


def need_stop(rights: Rights, owner: str) -> None:
    """owner: the browser that started the run; "" for a teacher's."""
    if not (rights.is_teacher or (owner and owner == rights.browser)):
        refuse(STOP)


def need_round(rights: Rights, hosts: bool, act: str = LEAD) -> None:
    """hosts: whether this browser opened the round, or has its host link."""
    if not (rights.is_teacher or hosts):
        refuse(act)


def need_leader(rights: Rights, owner: str) -> None:
    """owner: the token of the browser that leads a class."""
    if not (rights.is_teacher or (owner and owner == rights.voter)):
        refuse(LEAD_CLASS)


# Folders


def named_folders(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The folders that the owner has named in FOLDERS, separated as in PATH."""
    return [
        Path(each).expanduser().resolve() for each in environment.get(FOLDERS, "").split(os.pathsep) if each.strip()
    ]


def need_folder(rights: Rights, folder: Path, more: Iterable[Path] = ()) -> None:
    """Raises NotAllowed, with the same words whether the folder exists or not. more: folders to read besides the owner's."""
    need_teacher(rights, FOLDER)
    allowed = [*named_folders(), *more]
    if not rights.is_here and not any(folder.resolve().is_relative_to(each) for each in allowed):
        raise NotAllowed(
            "From another computer, only folders can be read that the owner has named at the start:"
            f" {FOLDERS}=/home/me/digits streamlit run dashboard.py"
        )


def sees_pictures(rights: Rights, rules: ClassRules, dataset: str) -> bool:
    """Whether the training and test pictures of this data set may be shown."""
    return rights.is_teacher or rules.shows_pictures or not names_folder(dataset)


_PATH = re.compile(r"(?<![\w./\\])(?:[A-Za-z]:)?(?:[/\\][^/\\\s'\"()]+){2,}")


def without_paths(words: str, config: Mapping[str, Any] | None = None) -> str:
    """A sentence for those who may not know where things lie: the last part of a path stands for it. config: of the run that the
    sentence is about, whose folder may have spaces in its path."""
    dataset = str((config or {}).get("dataset", ""))
    if names_folder(dataset):
        words = words.replace(dataset, name_of(dataset))
    words = words.replace(str(home()), "runs")
    return _PATH.sub(lambda found: re.split(r"[/\\]", found[0])[-1], words)
