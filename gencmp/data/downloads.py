"""Downloads MNIST's relatives with torchvision on first use, with progress, and caches them."""

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

# torchvision's class, the usual name, and the size of the download in MB, for the progress
SOURCES = {
    "fashion-mnist": ("FashionMNIST", "Fashion-MNIST", 31),
    "kmnist": ("KMNIST", "Kuzushiji-MNIST", 21),
    "qmnist": ("QMNIST", "QMNIST", 22),
}
log = logging.getLogger(__name__)
Pair = tuple[Tensor, Tensor]


def fetch(name: str, cache: Path, progress: Callable[[str], None]) -> tuple[Pair, Pair]:
    """(images uint8 [n, 784], labels uint8 [n]) of the training set and of the test set.

    Raises DataError when the download fails; an interrupted download leaves no files behind.
    """
    vision, label, megabytes = SOURCES[name]
    ready = cache / name
    if not ready.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=".half-", dir=cache))
        try:
            with _reporting(half, label, megabytes, progress):
                _pairs(vision, half, download=True)
            os.replace(half, ready)
        except (URLError, HTTPException, OSError, RuntimeError) as error:
            if not ready.is_dir():  # otherwise another worker has downloaded it in the meantime
                reason = " ".join(str(error).split())  # torchvision's message has many lines
                log.warning("%s: %s", label, reason)
                unreachable = "its server cannot be reached" if "urlopen" in reason else reason
                raise DataError(
                    f"{label} cannot be downloaded: {unreachable}. Connect to the network and try again, or choose MNIST, which is shipped."
                ) from None
        finally:
            shutil.rmtree(half, ignore_errors=True)
    try:
        return _pairs(vision, ready, download=False)
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        raise DataError(
            f"{label} in {ready} cannot be read ({error}). Delete that folder to download it again."
        ) from None


def _pairs(vision: str, root: Path, download: bool) -> tuple[Pair, Pair]:
    source = getattr(torchvision_datasets(), vision)
    train, test = (source(root, train=part, download=download) for part in (True, False))
    return _pair(train), _pair(test)


def _pair(data: Any) -> Pair:
    # QMNIST has eight columns, of which the first is the class
    labels = data.targets if data.targets.ndim == 1 else data.targets[:, 0]
    return data.data.reshape(len(data.data), -1), labels.to(torch.uint8)


def torchvision_datasets() -> ModuleType:
    """torchvision.datasets, even where torchvision's compiled operators do not match torch (a CPU build of torch, say).

    There the import fails because two operators are missing; declaring them fixes it, and gencmp never calls them.
    Imported in the function, because the import takes a second and most runs do not need it.
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
def _reporting(folder: Path, label: str, megabytes: int, progress: Callable[[str], None]) -> Iterator[None]:
    """Report how much has been downloaded, by checking the folder's size twice a second: torchvision itself only prints
    its progress."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            here = sum(path.stat().st_size for path in folder.rglob("*.gz")) / 1e6
            progress(f"Downloading {label}: {min(here, megabytes):.0f} of {megabytes} MB")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        with (
            open(os.devnull, "w", encoding="utf-8") as nowhere,
            redirect_stderr(nowhere),
        ):  # hides torchvision's progress bar
            yield
    finally:
        done.set()
        watcher.join()
