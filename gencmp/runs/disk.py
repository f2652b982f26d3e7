"""How much disk space a run will take, estimated from its settings before training. No torch."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gencmp.errors import GencmpError
from gencmp.events import STEP_EVENTS
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.settings.layers import network_layers, parameter_count
from gencmp.training.schedule import OPTIMISERS, kept_epochs, pictured_epochs

# Bytes, measured on runs of the presets
SAMPLES = 36_000  # 64 pictures in an npz file: 45 kB while they are noise, 22 when they are digits
OPINIONS = 1_400  # of the judge and D on these samples
MAPS = 2_500  # of the judge's uncertainty over a VAE's plane, for epochs with saved weights
COPIES = 8_000  # ten digits and their reconstructions
TEST_DIGIT = 4.3  # its point on the plane: two float16, which hardly compress, and a label, which does
EPOCH_ROW = {"gan": 430, "vae": 300}  # in the store, like the next two
STEP_ROW, RUN_ROW = 75, 50_000  # a run's row includes its newest preview
TENSOR, CARD = 110, 1_500  # of a safetensors file's header
RANDOM_STATE = 5_056


class DiskFull(GencmpError):
    """The disk has no room for the run, or has become full."""


@dataclass(frozen=True)
class DiskUse:
    """Bytes on disk when a run has finished."""

    weights: int  # of all saved epochs
    optimisers: int  # of the newest of these epochs, to fork from
    state: int
    pictures: int
    rows: int  # in the store

    @property
    def total(self) -> int:
        return self.weights + self.optimisers + self.state + self.pictures + self.rows

    @property
    def needed(self) -> int:
        """Free space needed at the start: a new state is written before the old one is deleted, and the store has a log."""
        return self.total + self.state + 8_000_000


def disk_use(config: Config, images: int = 60_000, tests: int = 10_000) -> DiskUse:
    """Disk use of a run with these settings. images, tests: number of training and test pictures."""
    numbers = parameter_count(config)
    tensors = 2 * sum(map(len, network_layers(config).values()))  # weights and biases
    kept = kept_epochs(config.epochs, config.keep_per_decade)
    pictured = pictured_epochs(config.epochs, config.keep_per_decade)
    return DiskUse(
        weights=len(kept) * (4 * numbers + tensors * TENSOR + CARD),
        # Adam keeps two numbers for each weight. They hardly compress: without loss to five sixths, at 0.2 s an epoch
        optimisers=min(len(kept), OPTIMISERS) * (8 * numbers + 3 * tensors * TENSOR + CARD + RANDOM_STATE),
        state=12 * numbers + 4 * tensors * TENSOR + CARD + RANDOM_STATE,
        pictures=len(pictured) * _pictures(config, tests) + len(kept) * _maps(config),
        rows=_step_rows(config, images) * STEP_ROW + config.epochs * EPOCH_ROW[config.kind] + RUN_ROW,
    )


def _pictures(config: Config, tests: int) -> int:
    """Bytes of one epoch's arrays."""
    if isinstance(config, GanConfig):
        return SAMPLES + OPINIONS
    return SAMPLES + OPINIONS + COPIES + round(TEST_DIGIT * tests * (len(config.classes) or 10) / 10)


def _maps(config: Config) -> int:
    return MAPS if isinstance(config, VaeConfig) and config.latent_size == 2 else 0


def _step_rows(config: Config, images: int) -> int:
    there = min(config.limit or images, images * (len(config.classes) or 10) // 10)
    steps = -(-there // config.batch_size) * config.epochs
    return steps // max(1, -(-steps // STEP_EVENTS))


# Free space


def free_bytes(folder: Path) -> int:
    """Free bytes on the disk of a folder, which need not exist yet."""
    return shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free


def room_words(uses: Sequence[DiskUse], free: int) -> str:
    """ "Takes about 84 MB of disk; 54 GB are free." """
    return f"Takes about {size_words(sum(use.total for use in uses))} of disk; {size_words(free)} are free."


def refuse_full(uses: Sequence[DiskUse], home: Path, there: int = 0) -> None:
    """Raise DiskFull unless the disk has room for these runs. there: bytes of them that are already written."""
    needed, free = sum(use.needed for use in uses) - there, free_bytes(home)
    if needed > free:
        raise DiskFull(
            f"The disk of {home} has {size_words(free)} free, but about {size_words(needed)} are needed."
            " Keep fewer epochs, delete old runs, or set GENCMP_HOME to a folder on another disk."
        )


def size_words(count: float) -> str:
    """A number of bytes in words, with two significant digits or as a whole number.

    >>> size_words(84_300_000), size_words(1_260_000_000)
    ('84 MB', '1.3 GB')
    """
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{max(count, 0) / 1e6:.1f} MB"
