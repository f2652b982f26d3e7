"""Lessons that look at the shipped models: their digits side by side, and what is recorded of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from gencmp.data.pictures import digits_to_test
from gencmp.evaluation.comparison import shown
from gencmp.evaluation.kept_opinions import kept_judge_opinion, kept_real_opinion
from gencmp.evaluation.questions import answers, short_claim
from gencmp.graphics.sheets import grid, png
from gencmp.lessons.lesson import Finding, Lesson
from gencmp.lessons.places import Spread, centres, drawn, spread_of
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.pairs import newest_pair
from gencmp.settings.configs import SHIPPED_DATA
from gencmp.settings.paper import Door
from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.parts import link, paragraph
from gencmp.ui.learn.scatter import scatters
from gencmp.ui.measured import rows_of

SIDE = 8  # digits along a sheet
SURE = 0.9  # of a judge
MISSING = "The shipped models are missing: checkpoints/ is incomplete. Download the project again."
LABELS = {"gan": "GAN", "real": "Real", "vae": "VAE"}


def shipped_pair() -> dict[str, ModelRecord]:
    """By kind; empty where they are not installed."""
    found = {record.run.kind: record for record in open_catalog().shipped()}
    return found if {"gan", "vae"} <= found.keys() else {}


def show_shipped(lesson: Lesson) -> None:
    """What there is to look at in this lesson."""
    if lesson.key not in LOOKS:
        paragraph("Try it out there, then come back to see what came of it:")
        for door in lesson.doors:
            link(door.label, door.page, door.query)
        return
    pair = shipped_pair()
    if not pair:
        st.info(MISSING, icon=":material/search_off:")
        return
    look, draw = LOOKS[lesson.key]
    paragraph(look)
    draw(pair)


# What to look at


def _as_drawn(pair: Mapping[str, ModelRecord]) -> None:
    _sheets({key: (images, "") for key, (images, _) in _samples(pair).items()})


def _sorted(pair: Mapping[str, ModelRecord]) -> None:
    sheets = {}
    for key, (images, confidence) in _samples(pair).items():
        order = np.argsort(-confidence, kind="stable")
        unsure = int((confidence < SURE).sum())
        sheets[key] = (images[order], f"{unsure} of {len(images)} below a [confidence] of 90 %")
    _sheets(sheets)


def _placed(pair: Mapping[str, ModelRecord]) -> None:
    scatters({key: centres(images) for key, images in _many(pair).items()}, LABELS)


LOOKS: dict[str, tuple[str, Callable[[Mapping[str, ModelRecord]], None]]] = {
    "images": (
        "64 digits of each, as they come. Look for edges, grey haze, specks, and for digits that you cannot name.",
        _as_drawn,
    ),
    "shapes": (
        "64 digits of each, sorted by the [judge]'s [confidence]: the surest at the top left. Cover the headings, start from the"
        " end, and count those that you cannot name.",
        _sorted,
    ),
    "positions": (
        "The centre of mass of 1,000 digits of each: where the middle of the ink lies, in pixels from the middle of the"
        " picture. Is the cloud in the middle, and how wide is it beside that of real digits?",
        _placed,
    ),
}


def _samples(pair: Mapping[str, ModelRecord]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """64 pictures uint8 [64, 28, 28] of each with a judge's confidence; real ones from the test set."""
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


def _many(pair: Mapping[str, ModelRecord]) -> dict[str, np.ndarray]:
    """1,000 pictures of each, uint8 [1000, 28, 28]."""
    models = {key: drawn(record.folder.weights(record.run.epoch)) for key, record in pair.items()}
    return {"gan": models["gan"], "real": digits_to_test()[0][:1000].reshape(-1, 28, 28), "vae": models["vae"]}


def _sheets(sheets: Mapping[str, tuple[np.ndarray, str]]) -> None:
    """Pictures uint8 [64, 28, 28] and words for each."""
    data = {
        "sheets": [
            {"kind": key, "label": LABELS[key], "words": words, "picture": _address(images)}
            for key, (images, words) in sheets.items()
        ]
    }
    component("learn", "pictures")(data=data | addresses(), key="learn.pictures")


def _address(images: np.ndarray) -> str:
    """The pictures as one PNG within its address."""
    return f"data:image/png;base64,{base64.b64encode(png(grid(images, SIDE))).decode()}"


def newest_doors(lesson: Lesson) -> tuple[Door, ...]:
    """Where the newest own pair can be looked at in the same way; none in other lessons, or before there is one."""
    pair = newest_pair(open_catalog().store.queries) if lesson.key == "images" else None
    if pair is None:
        return ()
    query = {"runs": f"{pair.gan.id},{pair.vae.id}"}
    return (Door("Your newest pair on Verdict", "verdict", query), Door("Vote on your newest pair", "vote", query))


# What is recorded


def shipped_finding(lesson: Lesson) -> Finding | None:
    """What is recorded of the shipped models on this question; None where nothing is, or a component answers it."""
    pair = shipped_pair()
    found = FINDINGS.get(lesson.key)
    return found(pair) if pair and found else None


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


def _who_is_centred(pair: Mapping[str, ModelRecord]) -> Finding | None:
    spreads = {key: spread_of(centres(images)) for key, images in _many(pair).items()}
    real, gan, vae = (spreads[key] for key in ("real", "gan", "vae"))
    words = (
        f"The middle of the ink lies {_placed_words(real)} with real digits, {_placed_words(gan)} with the GAN's and"
        f" {_placed_words(vae)} with the VAE's (distance of the mean from the picture's middle, and [spread] around it)."
    )
    off = {key: abs(each.wide - real.wide) + abs(each.off - real.off) for key, each in {"GAN": gan, "VAE": vae}.items()}
    further = "even" if abs(off["GAN"] - off["VAE"]) < 0.1 else max(off, key=off.__getitem__)
    return Finding(words, further, further == "GAN" if further != "even" else None)


def _placed_words(spread: Spread) -> str:
    return f"{spread.off:.2f} ± {spread.wide:.2f} pixels off"


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
    "positions": _who_is_centred,
    "loss": _which_term_is_larger,
    "sizes": _what_stops,
}
