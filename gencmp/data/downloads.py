"""MNIST's relatives, fetched by torchvision on request, with progress, kept for the next time."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from http.client import HTTPException
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import torch
from torch import Tensor

from gencmp.errors import DataError

# torchvision's class, the name people know, and the size of its download in MB, for the progress
SOURCES = {
    "fashion-mnist": ("FashionMNIST", "Fashion-MNIST", 31),
    "kmnist": ("KMNIST", "Kuzushiji-MNIST", 21),
    "qmnist": ("QMNIST", "QMNIST", 22),
}
log = logging.getLogger(__name__)
Pair = tuple[Tensor, Tensor]


def fetch(name: str, cache: Path, progress: Callable[[str], None]) -> tuple[Pair, Pair]:
    """(images uint8 [n, 784], labels uint8 [n]) of the training and of the test set.

    Raises DataError when the download fails. A download that is cut off leaves nothing behind.
    """
    vision, label, megabytes = SOURCES[name]
    ready = cache / name
    if not ready.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=".half-", dir=cache))
        try:
            with _told(half, label, megabytes, progress):
                _pairs(vision, half, download=True)
            os.replace(half, ready)
        except (URLError, HTTPException, OSError, RuntimeError) as error:
            if not ready.is_dir():  # another worker may have been faster
                reason = " ".join(str(error).split())  # torchvision's has many lines
                log.warning("%s: %s", label, reason)
                unreachable = "its server cannot be reached" if "urlopen" in reason else reason
                raise DataError(
                    f"{label} cannot be downloaded: {unreachable}. Connect to the network and start again, or choose MNIST, which is shipped."
                ) from None
        finally:
            shutil.rmtree(half, ignore_errors=True)
    try:
        return _pairs(vision, ready, download=False)
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        raise DataError(
            f"{label} in {ready} cannot be read ({error}). Delete that folder, and it is downloaded again."
        ) from None


def _pairs(vision: str, root: Path, download: bool) -> tuple[Pair, Pair]:
    source = getattr(torchvision_datasets(), vision)
    train, test = (source(root, train=part, download=download) for part in (True, False))
    return _pair(train), _pair(test)


def _pair(data: Any) -> Pair:
    labels = (
        data.targets if data.targets.ndim == 1 else data.targets[:, 0]
    )  # QMNIST tells eight things, the class first
    return data.data.reshape(len(data.data), -1), labels.to(torch.uint8)


def torchvision_datasets() -> ModuleType:
    """torchvision.datasets, also where its compiled operators do not fit torch (a CPU build of torch, say).

    There torchvision fails to import for want of two operators that we never call; declaring them cures it.
    It is imported here and not above because it costs a second that most runs need not pay.
    """
    for operator in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, operator):
            torch.library.define(
                f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            )
    from torchvision import datasets

    found: ModuleType = datasets
    return found


@contextmanager
def _told(folder: Path, label: str, megabytes: int, progress: Callable[[str], None]) -> Iterator[None]:
    """Say how much has come, by looking at the folder twice a second: torchvision itself tells only a terminal."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            here = sum(path.stat().st_size for path in folder.rglob("*.gz")) / 1e6
            progress(f"Downloading {label}: {min(here, megabytes):.0f} of {megabytes} MB")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):  # its own progress bar
            yield
    finally:
        done.set()
        watcher.join()
