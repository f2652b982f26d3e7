"""The pictures of a vote: real ones from the test set, and newly generated ones. Imports neither torch nor Streamlit."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np

from gencmp.data.classes import DIGITS, Nouns, nouns_of
from gencmp.data.pictures import digits_to_test
from gencmp.errors import RunNotFound
from gencmp.graphics.sheets import grid, png
from gencmp.latent import networks
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import class_names
from gencmp.ui.catalog import open_catalog
from gencmp.voting.store import Round

SIDE = 28


def image(digits: np.ndarray) -> str:
    """uint8 [n, 28, 28] as a data URL of a PNG; a set in rows of three."""
    return f"data:image/png;base64,{b64encode(png(grid(digits, columns=min(3, len(digits))))).decode()}"


def data_of(record: ModelRecord) -> tuple[str, tuple[int, ...]]:
    """The data set and classes that a model was trained on."""
    return record.run.config["dataset"], tuple(record.run.config["classes"])


def real_digits(record: ModelRecord) -> np.ndarray:
    """The test pictures of a model's data, uint8 [n, 28, 28]; it was not trained on any of them."""
    return digits_to_test(*data_of(record))[0].reshape(-1, SIDE, SIDE)


def nouns_of_round(the_round: Round) -> Nouns:
    """What to call the pictures of a round; "digits" if its model has been deleted meanwhile."""
    try:
        return nouns_of(class_names(open_catalog().find(the_round.models.gan).run))
    except RunNotFound:
        return DIGITS


def nouns_data(nouns: Nouns) -> dict[str, Any]:
    """What to call the pictures, if not digits, which is the browser's default."""
    return {} if nouns == DIGITS else {"nouns": vars(nouns)}


def drawn_digits(record: ModelRecord, count: int, seed: int) -> np.ndarray:
    """uint8 [count, 28, 28], generated with the last saved weights. Raises SnapshotError."""
    weights = networks.read_weights(record.folder.weights(record.folder.kept()[-1]))
    return networks.drawn(weights, count, seed)
