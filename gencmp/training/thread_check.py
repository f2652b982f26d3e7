"""What a training's last bits depend on besides its settings: the processor, and how many threads share its work."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import torch

from gencmp.data.digits import SIDE, Digits, Split
from gencmp.errors import GencmpError, TrainingFailed
from gencmp.events import Checkpoint, Epoch, Preview, Step, to_json
from gencmp.files import home, write_whole
from gencmp.settings.configs import Config, GanConfig
from gencmp.settings.presets import PRESETS
from gencmp.settings.widths import network_widths
from gencmp.training.build import matmul_dtype
from gencmp.training.cores import cores, threads
from gencmp.training.loop import TEST_BATCH, train
from gencmp.training.processor import flush_denormals, processor_facts

CHECK_STEPS = 4  # each touches every weight; a product's bits depend on its shape, hardly on its numbers
MAX_WORK = (
    5e10  # multiplications: the paper's models with four threads take 1.4e10 and 1.9e10, in half a second and a second
)
MAX_SECONDS = 3.0  # of a check, on a machine that is slow or busy
ADAM = 30  # an optimiser's step costs a weight about as much as so many pictures do
LIBRARIES = ("ATEN_", "DNNL_", "MKL_", "ONEDNN_", "OMP_")  # the environment variables that change their products
CHECKED = "threads.json"  # in the home of the runs


def kind_of_processor() -> str:
    """In words: "AMD EPYC (AVX2), float32"."""
    facts = processor_facts()
    return f"{facts['processor']} ({facts['features']}), {matmul_dtype(_ANY, torch.device('cpu'))}"


_ANY = Config()


def same_bits_with_any_threads(
    config: Config,
    most: int,
    folder: Path | None = None,
    images: int = 60_000,
    tests: int = 10_000,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Whether this machine was seen to train the same bits with 1, 2, 3 ... up to `most` threads.

    images, tests: how many there are to train on and to test with, for the sizes of the last batches.

    Found out by training a few steps on random pictures with each number, and comparing all that such a training tells:
    weights, Adam's moments, losses, gradient norms, test figures and pictures. That takes up to a second for the
    paper's networks; the answer is kept in `folder` (the home of the runs) for this machine, this torch and these
    shapes. Library products may split sums among threads: MKL and oneDNN do for some shapes, on some processors.
    False also where it was not shown: networks so wide that trying would hold up a run's start (more than MAX_WORK) are
    not tried at all, and one that takes longer than MAX_SECONDS is given up, to be tried again at the next start.
    """
    if most == 1:
        return True
    sizes = _sizes(config, images, tests)
    if most * _work(config, sizes) > MAX_WORK:
        return False
    path = (folder or home()) / CHECKED
    known, key = _read(path), _key(config, most, sizes)
    if key not in known:
        try:
            known[key] = _check(config, range(1, most + 1), sizes, clock)
        except _TooLong:
            return False
        with suppress(OSError):  # a folder that may only be read: found out anew next time
            write_whole(path, json.dumps(known, indent=1).encode())
    return known[key]


class Sizes(NamedTuple):
    """Of a short training that meets every size of batch which a run would meet."""

    images: int
    tests: int
    epochs: int


class _TooLong(Exception):
    pass


def _sizes(config: Config, images: int, tests: int) -> Sizes:
    """Whole batches and the one at an epoch's end, of both; CHECK_STEPS steps at least."""
    whole = min(images // config.batch_size, CHECK_STEPS - 1)
    few = whole * config.batch_size + images % config.batch_size
    steps = -(-few // config.batch_size)
    return Sizes(few, min(tests, TEST_BATCH + tests % TEST_BATCH), -(-CHECK_STEPS // steps))


def _work(config: Config, sizes: Sizes) -> int:
    """About as many weights as are multiplied by a picture's numbers, there and back, in one such training."""
    weights = sum(a * b for widths in network_widths(config).values() for a, b in pairwise(widths))
    turns = config.discriminator_steps + config.generator_steps if isinstance(config, GanConfig) else 1
    return sizes.epochs * weights * (3 * turns * (sizes.images + CHECK_STEPS * ADAM) + sizes.tests)


def _check(config: Config, counts: Iterable[int], sizes: Sizes, clock: Callable[[], float]) -> bool:
    before, until = torch.get_num_threads(), clock() + MAX_SECONDS
    try:
        found = (_told_with(config, count, sizes, lambda: clock() > until) for count in counts)
        first = next(found)
        return all(each == first for each in found)
    finally:
        torch.set_num_threads(before)


def _told_with(config: Config, count: int, sizes: Sizes, is_late: Callable[[], bool] = lambda: False) -> str:
    """A hash of all that a short training with so many threads tells: the whole state, and what its events show."""
    torch.set_num_threads(count)
    digest = hashlib.sha256()
    short = config.replace(dataset="mnist", classes=(), limit=0, epochs=sizes.epochs, device="cpu")
    with suppress(TrainingFailed):  # on random pictures it may; what came before is compared
        for event in train(short, _noise(sizes), clock=lambda: 0.0):
            if is_late():
                raise _TooLong
            match event:
                case Checkpoint():
                    digest.update(event.state)
                case Step() | Preview() | Epoch():
                    digest.update(to_json(event).encode())
    return digest.hexdigest()


def _noise(sizes: Sizes) -> Digits:
    """Random pictures of random classes."""
    rng = torch.Generator().manual_seed(1)

    def split(count: int) -> Split:
        images = torch.randint(256, (count, SIDE * SIDE), generator=rng, dtype=torch.uint8)
        return Split(images, torch.randint(10, (count,), generator=rng, dtype=torch.uint8))

    return Digits("noise", split(sizes.images), split(sizes.tests))


def _key(config: Config, most: int, sizes: Sizes) -> str:
    """Names all that the answer depends on: the machine, torch and its libraries' settings, and what the steps compute."""
    same_work = config.replace(
        dataset="mnist", classes=(), limit=0, epochs=1, seed=0, keep_per_decade=1, threads="auto"
    )
    libraries = {name: os.environ[name] for name in os.environ if name.startswith(LIBRARIES)}
    facts = [processor_facts(), libraries, cores(), platform.system(), torch.__version__, most, sizes]
    return hashlib.sha256(json.dumps([*facts, same_work.to_dict()], sort_keys=True).encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, Any]:
    """A missing or damaged file is an empty one: what it held is found out anew."""
    try:
        known = json.loads(path.read_text("utf-8"))
        return known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        return {}


def checked_words() -> str:
    """For the doctor: whether the number of threads changes the paper presets' bits here."""
    flush_denormals()
    try:
        same = {kind: same_bits_with_any_threads(PRESETS[kind]["paper"].config, threads(1)) for kind in PRESETS}
    except (GencmpError, OSError):
        return "could not check whether the number of threads changes a model's bits"
    others = ", ".join(kind.upper() for kind, answer in same.items() if not answer)
    return (
        f"the number of threads changes the bits of: {others}; it is kept for a whole run"
        if others
        else "the number of threads changes no bit"
    )
