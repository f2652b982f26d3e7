"""Checks whether the number of threads changes the bits of a training on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch

from gencmp.data.digits import SIDE, Digits, Split
from gencmp.errors import GencmpError, TrainingFailed
from gencmp.events import Checkpoint, Epoch, Preview, Step, to_json
from gencmp.files import home, read_at_most, write_whole
from gencmp.schema import parse_json
from gencmp.settings.configs import Config, GanConfig
from gencmp.settings.layers import network_layers, parameter_count
from gencmp.settings.presets import PRESETS
from gencmp.training.build import matmul_dtype
from gencmp.training.cores import cores, threads
from gencmp.training.loop import TEST_BATCH, train
from gencmp.training.processor import flush_denormals, processor_facts

CHECK_STEPS = 4  # few suffice: each step uses every weight, and how a matmul rounds depends on its shape
# multiplications: the paper's models with four threads need 1.4e10 and 1.9e10, in half a second and one second
MAX_WORK = 5e10
MAX_SECONDS = 3.0  # of a check on a slow or busy machine
ADAM_COST = 30  # per weight, an optimiser's step costs about as much as this many pictures
LIBRARIES = (
    "ATEN_",
    "DNNL_",
    "MKL_",
    "ONEDNN_",
    "OMP_",
)  # environment variables that change how these libraries multiply
CACHE_FILE = "threads.json"  # in the folder of the runs


def processor_words() -> str:
    """For example "AMD EPYC (AVX2), float32"."""
    facts = processor_facts()
    return f"{facts['processor']} ({facts['features']}), {matmul_dtype(_ANY, torch.device('cpu'))}"


_ANY = Config()


def same_bits_with_any_threads(
    config: Config,
    max_threads: int,
    folder: Path | None = None,
    images: int = 60_000,
    tests: int = 10_000,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Whether this machine trains to the same bits with each number of threads from 1 to `max_threads`.

    images, tests: the numbers of training and test images, which determine the sizes of the last batches.
    folder:        where results are cached, by default the folder of the runs.

    The check trains a few steps on random pictures with each number of threads, and compares the whole output: weights,
    Adam's moments, losses, gradient norms, test measures and pictures. This takes up to a second for the paper's
    networks; the result is cached for this machine, torch version and shapes. Bits can differ because libraries may split
    sums among threads: MKL and oneDNN do so for some shapes on some processors.
    False also when there is no result: networks so wide that the check would delay a run's start (more than MAX_WORK)
    are not checked, and a check that takes longer than MAX_SECONDS is abandoned and repeated at the next start.
    """
    if max_threads == 1:
        return True
    sizes = _sizes(config, images, tests)
    if max_threads * _work(config, sizes) > MAX_WORK:
        return False
    path = (folder or home()) / CACHE_FILE
    known, key = _read(path), _key(config, max_threads, sizes)
    if key not in known:
        try:
            known[key] = _check(config, range(1, max_threads + 1), sizes, clock)
        except _TooLong:
            return False
        with suppress(OSError):  # a read-only folder: the check is repeated next time
            write_whole(path, json.dumps(known, indent=1).encode())
    return bool(known[key])


class Sizes(NamedTuple):
    """Of a short training that has every batch size of the full run."""

    images: int
    tests: int
    epochs: int


class _TooLong(Exception):
    pass


def _sizes(config: Config, images: int, tests: int) -> Sizes:
    """Full batches and the last partial one, for training and testing; at least CHECK_STEPS steps."""
    whole = min(images // config.batch_size, CHECK_STEPS - 1)
    few = whole * config.batch_size + images % config.batch_size
    steps = -(-few // config.batch_size)
    return Sizes(few, min(tests, TEST_BATCH + tests % TEST_BATCH), -(-CHECK_STEPS // steps))


def _work(config: Config, sizes: Sizes) -> int:
    """The approximate number of multiplications in one such training, forward and backward."""
    one = sum(layer.multiplications for layers in network_layers(config).values() for layer in layers)
    updates = config.discriminator_steps + config.generator_steps if isinstance(config, GanConfig) else 1
    adam = 3 * updates * CHECK_STEPS * ADAM_COST * parameter_count(config)
    return sizes.epochs * (one * (3 * updates * sizes.images + sizes.tests) + adam)


def _check(config: Config, counts: Iterable[int], sizes: Sizes, clock: Callable[[], float]) -> bool:
    before, deadline = torch.get_num_threads(), clock() + MAX_SECONDS
    try:
        hashes = (_training_hash(config, count, sizes, lambda: clock() > deadline) for count in counts)
        first = next(hashes)
        return all(each == first for each in hashes)
    finally:
        torch.set_num_threads(before)


def _training_hash(config: Config, count: int, sizes: Sizes, is_late: Callable[[], bool] = lambda: False) -> str:
    """A hash of the states and events of a short training with `count` threads."""
    torch.set_num_threads(count)
    digest = hashlib.sha256()
    short = config.replace(dataset="mnist", classes=(), limit=0, epochs=sizes.epochs, device="cpu")
    with suppress(TrainingFailed):  # on random pictures it may diverge; the events before that are compared
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


def _key(config: Config, max_threads: int, sizes: Sizes) -> str:
    """A hash of everything the result depends on: the machine, torch and its libraries' settings, and the computation."""
    same_work = config.replace(
        dataset="mnist", classes=(), limit=0, epochs=1, seed=0, keep_per_decade=1, threads="auto"
    )
    libraries = {name: os.environ[name] for name in os.environ if name.startswith(LIBRARIES)}
    precision = matmul_dtype(config, torch.device("cpu"))
    facts = [processor_facts(), libraries, cores(), platform.system(), torch.__version__, precision, max_threads, sizes]
    return hashlib.sha256(json.dumps([*facts, same_work.to_dict()], sort_keys=True).encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, Any]:
    """The cached results; none when the file is missing or damaged, so that the check is repeated."""
    try:
        known = parse_json(read_at_most(path))
        return known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        return {}


def thread_check_words() -> str:
    """For the doctor: whether the number of threads changes the bits of the paper's presets on this machine."""
    flush_denormals()
    try:
        same = {kind: same_bits_with_any_threads(PRESETS[kind]["paper"].config, threads(1)) for kind in PRESETS}
    except (GencmpError, OSError):
        return "could not check whether the number of threads changes a model's bits"
    others = ", ".join(kind.upper() for kind, answer in same.items() if not answer)
    return (
        f"the number of threads changes the bits of: {others}; a run keeps its number throughout"
        if others
        else "the number of threads does not change a model's bits"
    )
