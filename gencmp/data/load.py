"""load(config): the data set that a config asks for, in memory: MNIST as shipped, its relatives, or a user's own."""

from __future__ import annotations

from pathlib import Path

from gencmp.config import SHIPPED_DATA, TORCHVISION_DATA, Config
from gencmp.data.digits import Digits, Split, choose
from gencmp.data.downloads import fetch
from gencmp.data.folders import Progress, load_folder
from gencmp.data.idx import load_idx
from gencmp.data.shipped import DATA
from gencmp.files import home


def load(config: Config, cache: Path | None = None, progress: Progress = lambda words: None) -> Digits:
    """The data that the config asks for: its data set, its digits, its limit.

    cache: where downloads are kept, by default under the user's home of runs.
    Raises DataError when they cannot be had or read, or nothing is left after choosing.
    """
    if config.dataset == SHIPPED_DATA:
        digits = load_idx(DATA, SHIPPED_DATA)
    elif config.dataset in TORCHVISION_DATA:
        train, test = (Split(*pair) for pair in fetch(config.dataset, cache or home() / "data", progress))
        digits = Digits(config.dataset, train, test)
    else:
        digits = load_folder(Path(config.dataset), progress)
    return choose(digits, config.classes, config.limit)
