"""The twelve lessons in the paper's order, by key. Imports no torch."""

from __future__ import annotations

from gencmp.errors import ConfigError
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.of_both import IMAGES, LOSS, POSITIONS, SHAPES, SIZES
from gencmp.lessons.of_gan import ACTIVATIONS, BALANCE, DROPOUT, LAYERS, RATES
from gencmp.lessons.of_vae import BOUND, LATENT

LESSONS = {
    lesson.key: lesson
    for lesson in (
        IMAGES, SHAPES, BALANCE, POSITIONS, LAYERS, ACTIVATIONS, RATES, DROPOUT, LOSS, SIZES, LATENT, BOUND,
    )
}  # fmt: skip


def lesson_of(key: str) -> Lesson:
    """Raises ConfigError."""
    if key not in LESSONS:
        raise ConfigError("lesson", f"There is no lesson {key!r}. There are: {', '.join(LESSONS)}.")
    return LESSONS[key]


def lesson_after(lesson: Lesson) -> Lesson | None:
    """The next one in the paper's order; None after the last."""
    return next((each for each in LESSONS.values() if each.number == lesson.number + 1), None)
