"""What the shipped models show in lessons without runs of their own: their digits, and what is recorded of them. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gencmp.data.pictures import digits_to_test
from gencmp.evaluation.comparison import shown
from gencmp.evaluation.kept_opinions import kept_judge_opinion, kept_real_opinion
from gencmp.evaluation.measures import Measure
from gencmp.evaluation.questions import answers, short_claim
from gencmp.lessons.lesson import Finding, Lesson
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.evaluations.measured import judged, rows_of
from gencmp.settings.configs import SHIPPED_DATA

SIDE = 8  # digits along a sheet
LABELS = {"gan": "GAN", "real": "Real", "vae": "VAE"}


def samples(pair: Mapping[str, ModelRecord]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each kind 64 pictures, uint8 [64, 28, 28], with a judge's confidence; real ones from the test set."""
    found = {}
    for key in LABELS:
        found[key] = _of_real() if key == "real" else _of_model(pair[key])
    return found


def _of_model(record: ModelRecord) -> tuple[np.ndarray, np.ndarray]:
    arrays = record.folder.read_arrays(record.run.epoch)
    opinion = kept_judge_opinion(arrays, SHIPPED_DATA)
    images = arrays["samples"]
    return images, opinion.confidence[: len(images)] if opinion else np.ones(len(images), np.float32)


def _of_real() -> tuple[np.ndarray, np.ndarray]:
    images, labels = digits_to_test()
    count = SIDE * SIDE
    opinion = kept_real_opinion(SHIPPED_DATA, (), labels, count)
    return images[:count].reshape(-1, 28, 28), opinion.confidence if opinion else np.ones(count, np.float32)


# What is recorded


def shipped_finding(lesson: Lesson, catalog: Catalog) -> Finding | None:
    """What is recorded of the shipped models on this question; None where nothing is, or a component answers it."""
    pair = catalog.shipped_pair()
    found = FINDINGS.get(lesson.key)
    return found(pair) if pair and found else None


BOUNDS = ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p")  # each above the one before


def bounds_of(catalog: Catalog) -> list[Measure]:
    """The shipped VAE's bounds on log p(x), and log p(x) itself; none where it is missing or not measured."""
    pair = catalog.shipped_pair()
    verdict, _ = judged(pair["vae"]) if pair else (None, None)
    return [verdict[name] for name in BOUNDS if name in verdict] if verdict else []


def _whose_are_clearer(pair: Mapping[str, ModelRecord]) -> Finding | None:
    measured = rows_of(pair["gan"], pair["vae"])
    if measured is None:
        return None
    clear = next((each for each in answers(measured.rows) if each.question.name == "clear"), None)
    better = clear.better if clear and not clear.disputed else ""
    words = short_claim(measured.gan, measured.vae, measured.rows)
    return Finding(words, better or "depends", better == "VAE" if better else None)


def _who_is_legible(pair: Mapping[str, ModelRecord]) -> Finding | None:
    measured = rows_of(pair["gan"], pair["vae"])
    row = next((row for row in measured.rows if row.name == "unrecognised"), None) if measured else None
    if row is None:
        return None
    real = f", of real ones {shown(row.floor)}" if row.floor else ""
    words = f"Of 10,000 digits each, the share [not recognised]: of the GAN's {shown(row.gan)}, of the VAE's {shown(row.vae)}{real}."
    worse = {"GAN": "VAE", "VAE": "GAN"}.get(row.leader, "even")
    return Finding(words, worse, row.leader == "VAE" if row.leader else None)


def _which_term_is_larger(pair: Mapping[str, ModelRecord]) -> Finding | None:
    epochs = pair["vae"].epochs()
    test = epochs[-1].test if epochs else {}
    whole, lost, kl = (test.get(name) for name in ("negative_elbo", "reconstruction", "kl"))
    if not (whole and lost and kl):
        return None
    words = (
        f"Of the {whole:.1f} [nats] that the shipped VAE loses on a test digit, {lost:.1f} are [reconstruction] and {kl:.1f}"
        " are [KL]."
    )
    share = lost / whole
    return Finding(words, "reconstruction" if share > 0.6 else "kl" if share < 0.4 else "half", None)


def _what_stops(pair: Mapping[str, ModelRecord]) -> Finding:
    words = (
        "PyTorch stops with an error at the first [batch], and names both sizes: a [layer|linear layer] takes exactly as many"
        " numbers as it was built for."
    )
    return Finding(words, "error", True)


FINDINGS: dict[str, Callable[[Mapping[str, ModelRecord]], Finding | None]] = {
    "images": _whose_are_clearer,
    "shapes": _who_is_legible,
    "loss": _which_term_is_larger,
    "sizes": _what_stops,
}
