"""What the explore page's browser fetches: models, weights, where the encoder puts the test digits, the digits.

Weights have their content's name in their address, so a browser keeps them for ever. Nothing here imports torch,
unless a run was trained on other data than the shipped MNIST, or the judge is asked.
"""

from __future__ import annotations

import gzip
import importlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gencmp import latent
from gencmp.config import SHIPPED_DATA, VaeConfig
from gencmp.errors import SnapshotError
from gencmp.measures import judge_folder
from gencmp.mnist import shipped_digits
from gencmp.own_folder import portable_config
from gencmp.shelf import Record, Shelf

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NEVER = {"Cache-Control": "no-store"}
CURVE_POINTS = 500  # epochs of a curve: a longer run's are evenly spread
MAP = 56  # points a side of the judge's map: 3,136 pictures, a second to judge


def models(shelf: Shelf) -> list[dict[str, Any]]:
    """Every model with at least one kept epoch: those that ship first, then runs, newest first."""
    return [
        {
            "id": each.id,
            "name": each.name,
            "kind": each.kind,
            "state": each.state,
            "shipped": each.is_shipped,
            "last": each.epoch,
        }
        for each in shelf.choices()
    ]


def kept(request: Request, record: Record) -> Response:
    """One model: its facts, its kept epochs with the stamps of their addresses, and its curve by epoch."""
    run, folder = record.run, record.folder
    curve = record.epochs(points=CURVE_POINTS)
    told = {
        "id": run.id, "name": run.name, "kind": run.kind, "state": run.state, "epochs": run.epochs, "config": portable_config(run.config),
        "shipped": record.is_shipped, "open": run.is_open,
        "kept": [[epoch, _stamp(folder.weights(epoch))] for epoch in folder.kept()],
        "curve": [{"epoch": row.epoch, **row.measures, **{f"test_{name}": x for name, x in row.test.items()}} for row in curve],
        "ambiguity": run.kind == "vae" and run.config["latent_size"] == 2 and (judge_folder(run.config["dataset"]) / "card.json").exists(),
    }  # fmt: skip
    return JSONResponse(told, headers=NEVER)


def weights(request: Request, record: Record) -> Response:
    """latent.browser_weights() of a kept epoch."""
    epoch = request.path_params["epoch"]
    path = record.folder.weights(epoch)
    if not path.is_file():
        there = ", ".join(map(str, record.folder.kept())) or "none yet"
        raise SnapshotError(f"{record.run.name} has not kept epoch {epoch}. It has: {there}.")
    headers = FOR_EVER if request.path_params["stamp"] == _stamp(path) else NEVER
    return Response(
        latent.browser_weights(latent.read_weights(path)), media_type="application/octet-stream", headers=headers
    )


def posterior(request: Request, record: Record) -> Response:
    """Where a kept epoch's encoder puts the test digits: two uint32 (how many, latent size), then float16 means and
    log variances, each [n, latent], then uint8 labels [n]; little-endian."""
    path = record.folder.weights(request.path_params["epoch"])
    if record.run.kind != "vae" or not path.is_file():
        raise SnapshotError(f"{record.run.name} has no encoder at this epoch.")
    headers = FOR_EVER if request.path_params["stamp"] == _stamp(path) else NEVER
    content = _posterior(path, _stamp(path), *_data_of(record))
    return Response(content, media_type="application/octet-stream", headers=headers)


def ambiguity(request: Request, record: Record) -> Response:
    """The judge's doubt over the plane, row by row from the top: MAP x MAP bytes, 255 where two digits tie.

    The query's `spacing` and `reach` say how the plane is laid out, as for latent.grid.
    """
    path = record.folder.weights(request.path_params["epoch"])
    if record.run.kind != "vae" or not path.is_file():
        raise SnapshotError(f"{record.run.name} has no decoder at this epoch.")
    spacing, reach = request.query_params.get("spacing", "even"), float(request.query_params.get("reach", 4))
    headers = FOR_EVER if request.path_params["stamp"] == _stamp(path) else NEVER
    content = _ambiguity(path, _stamp(path), record.run.config["dataset"], spacing, reach)
    return Response(content, media_type="application/octet-stream", headers=headers)


@lru_cache(maxsize=64)
def _ambiguity(path: Path, stamp: str, dataset: str, spacing: str, reach: float) -> bytes:
    judges, doubts = (
        importlib.import_module(f"gencmp.{name}") for name in ("judge", "ambiguity")
    )  # torch, when first asked for
    points = latent.grid(MAP, spacing, reach).reshape(-1, 2)
    found = doubts.ambiguity(latent.read_weights(path), judges.judge_of(dataset), points)
    return (255 * found).round().astype(np.uint8).tobytes()


def digits(request: Request, record: Record) -> Response:
    """The test digits of a model's data: uint32 (how many), uint8 labels [n], uint8 pixels [n, 784]."""
    content = _packed_digits(*_data_of(record))
    headers = {"Content-Encoding": "gzip", "Cache-Control": "max-age=86400"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@lru_cache(maxsize=4)
def _packed_digits(dataset: str, classes: tuple[int, ...]) -> bytes:
    images, labels = digits_to_test(dataset, classes)
    return gzip.compress(len(images).to_bytes(4, "little") + labels.tobytes() + images.tobytes(), 4)


@lru_cache(maxsize=64)
def _posterior(path: Path, stamp: str, dataset: str, classes: tuple[int, ...]) -> bytes:
    images, labels = digits_to_test(dataset, classes)
    means, log_vars = latent.posterior(latent.read_weights(path), images)
    sizes = np.array(means.shape, "<u4").tobytes()
    return sizes + means.astype("<f2").tobytes() + log_vars.astype("<f2").tobytes() + labels.tobytes()


@lru_cache(maxsize=4)
def digits_to_test(dataset: str, classes: tuple[int, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """The test pictures uint8 [n, 784] and labels uint8 [n] of a data set, or of some of its classes."""
    if dataset != SHIPPED_DATA:
        datasets = importlib.import_module("gencmp.datasets")  # torch: only where the data need it
        split = datasets.load(VaeConfig(dataset=dataset, classes=classes)).test
        return split.images.numpy(), split.labels.numpy()
    images, labels = shipped_digits("test")
    rows = np.isin(labels, classes) if classes else slice(None)
    return images.reshape(len(images), -1)[rows], labels[rows]


def _data_of(record: Record) -> tuple[str, tuple[int, ...]]:
    return record.run.config["dataset"], tuple(record.run.config["classes"])


def _stamp(path: Path) -> str:
    facts = path.stat()
    return _stamped(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=4096)
def _stamped(path: Path, changed: int, size: int) -> str:
    return latent.stamp(path)
