"""What a training's last bits depend on besides its settings: the processor, and how many threads share its work."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from gencmp.config import Config
from gencmp.cores import cores, threads
from gencmp.errors import GencmpError
from gencmp.files import home, write_whole
from gencmp.presets import PRESETS
from gencmp.processor import processor_facts
from gencmp.steps import stepper
from gencmp.training import build_trainer, multiplied_in

CHECK_STEPS = 4  # each touches every weight; a product's bits depend on its shape, hardly on its numbers
CHECKED = "threads.json"  # in the home of the runs


def kind_of_processor() -> str:
    """In words: "AMD EPYC (AVX2), float32"."""
    facts = processor_facts()
    return f"{facts['processor']} ({facts['features']}), {multiplied_in(_ANY, torch.device('cpu'))}"


_ANY = Config()


def same_bits_with_any_threads(config: Config, most: int, folder: Path | None = None, images: int = 60_000) -> bool:
    """Whether this machine trains the same weights, bit for bit, with 1, 2, 3 ... up to `most` threads.

    images: how many there are to train on, for the size of an epoch's last batch.

    Found out by training a few steps on random pictures with each number, some tenths of a second; kept in `folder`
    (the home of the runs) for this machine, this torch and these shapes.
    Library products may split sums among threads: MKL and oneDNN do for some shapes, on some processors.
    """
    if most == 1:
        return True
    path = (folder or home()) / CHECKED
    last = images % config.batch_size or config.batch_size
    known, key = _read(path), _key(config, most, last)
    if key not in known:
        known[key] = _check(config, range(1, most + 1), last)
        with suppress(OSError):  # a folder that may only be read: found out anew next time
            write_whole(path, json.dumps(known, indent=1).encode())
    return known[key]


def _check(config: Config, counts: Iterable[int], last: int) -> bool:
    before = torch.get_num_threads()
    try:
        return len({_weights_after(config, count, last) for count in counts}) == 1
    finally:
        torch.set_num_threads(before)


def _weights_after(config: Config, count: int, last: int) -> str:
    """A hash of all weights after a few steps: whole batches, and the one at an epoch's end."""
    torch.set_num_threads(count)
    device = torch.device("cpu")
    trainer = build_trainer(config, device)
    take = stepper(trainer, device, config.batch_size)
    pictures = torch.Generator().manual_seed(1)
    for step in range(CHECK_STEPS):
        size = config.batch_size if step else last
        take(torch.rand(size, 784, generator=pictures))
    digest = hashlib.sha256()
    for network in trainer.networks.values():
        for parameter in network.parameters():
            digest.update(parameter.detach().numpy().tobytes())
    return digest.hexdigest()


def _key(config: Config, most: int, last: int) -> str:
    """Names all that the answer depends on: the machine, torch, and what the steps compute."""
    same_work = config.replace(
        dataset="mnist", classes=(), limit=0, epochs=1, seed=0, keep_per_decade=1, threads="auto"
    )
    facts = [processor_facts(), cores(), platform.system(), torch.__version__, most, last, same_work.to_dict()]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, Any]:
    """A missing or damaged file is an empty one: what it held is found out anew."""
    try:
        known = json.loads(path.read_text("utf-8"))
        return known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        return {}


def checked_words() -> str:
    """For the doctor: whether the number of threads changes the paper presets' bits here."""
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
