"""Routes of the Explore page: models, weights, the encoder's output for the test pictures, the pictures.

The address of weights contains a hash of their content, so browsers can cache them forever. Imports no torch.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gencmp.data.classes import data_title
from gencmp.data.pictures import digits_to_test
from gencmp.errors import SnapshotError
from gencmp.evaluation.judges.panel import judge_folder
from gencmp.evaluation.kept_opinions import MAPS, REACH, kept_map, why_unjudged
from gencmp.latent import networks
from gencmp.models.weights_file import read_content, read_facts, without_paths
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.run import class_names
from gencmp.settings.own_folder import portable_config
from gencmp.ui.requests.bounds import choice, number
from gencmp.ui.routes.answers import computed, need_pictures

# private: a proxy with logins might serve its cache to other users
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
NEVER = {"Cache-Control": "no-store"}
_packing = Lock()
CURVE_POINTS = 500  # epochs per curve; those of longer runs are thinned evenly


def models(catalog: Catalog) -> list[dict[str, Any]]:
    """Every model with at least one saved epoch: shipped ones first, then runs, newest first."""
    return [
        {
            "id": each.id,
            "name": each.name,
            "kind": each.kind,
            "state": each.state,
            "shipped": each.is_shipped,
            "last": each.epoch,
        }
        for each in catalog.choices()
    ]


def kept(request: Request, record: ModelRecord) -> Response:
    """One model: its facts, its saved epochs with the hashes for their addresses, and its curve by epoch."""
    run, folder = record.run, record.folder
    curve = record.epochs(points=CURVE_POINTS)
    facts = {
        "id": run.id, "name": run.name, "kind": run.kind, "state": run.state, "epochs": run.epochs, "config": portable_config(run.config),
        "shipped": record.is_shipped, "open": run.is_open, "classes": class_names(run), "data": data_title(run.config["dataset"]),
        "kept": [[epoch, _content_hash(folder.weights(epoch))] for epoch in folder.kept()],
        "curve": [{"epoch": row.epoch, **row.measures, **{f"test_{name}": x for name, x in row.test.items()}} for row in curve],
        "ambiguity": run.kind == "vae" and run.config["latent_size"] == 2 and (judge_folder(run.config["dataset"]) / "card.json").exists(),
    }  # fmt: skip
    return JSONResponse(facts, headers=NEVER)


def weights(request: Request, record: ModelRecord) -> Response:
    """The safetensors file of a saved epoch, without the path of the user's pictures."""
    path = _weights_file(request, record)
    with _packing:  # a class that opens Explore together asks for the same file at the same moment
        content = _packed_weights(path, _content_hash(path))
    answer = _for_ever(request, path, content)
    answer.headers["Content-Encoding"] = "gzip"
    return answer


@lru_cache(maxsize=4)  # of 4 MB
def _packed_weights(path: Path, content_hash: str) -> bytes:
    """Compressed once: that takes 0.1 s and saves a twelfth, and in every answer it would cost more than it saves."""
    content = read_content(path)
    read_facts(content, path.name)  # raises an error with a clear message if the file is damaged
    return gzip.compress(without_paths(content), 1, mtime=0)


def directions(request: Request, record: ModelRecord) -> Response:
    """The principal directions of a saved epoch's latent space: float32 [directions, latent size]."""
    path = _weights_file(request, record)

    def compute() -> bytes:
        return networks.read_weights(path).directions().astype("<f4").tobytes()

    return _for_ever(request, path, computed("directions", (path, _content_hash(path)), compute))


def _weights_file(request: Request, record: ModelRecord) -> Path:
    epoch = request.path_params["epoch"]
    path = record.folder.weights(epoch)
    if not path.is_file():
        there = ", ".join(map(str, record.folder.kept())) or "none yet"
        raise SnapshotError(f"{record.run.name} has no checkpoint of epoch {epoch}. It has: {there}.")
    return path


def _for_ever(request: Request, path: Path, content: bytes) -> Response:
    """Cached forever, if the hash in the address is that of the current file."""
    headers = FOR_EVER if request.path_params["content_hash"] == _content_hash(path) else NEVER
    return Response(content, media_type="application/octet-stream", headers=headers)


def posterior(request: Request, record: ModelRecord) -> Response:
    """A saved epoch's encodings of the test pictures: two uint32 (how many, latent size), then float16 means and
    log variances, each [n, latent], then uint8 labels [n]; little-endian."""
    path = record.folder.weights(request.path_params["epoch"])
    if record.run.kind != "vae" or not path.is_file():
        raise SnapshotError(f"{record.run.name} has no encoder at this epoch.")

    def compute() -> bytes:
        return _posterior(path, _content_hash(path), *_data_of(record))

    return _for_ever(request, path, computed("posterior", (path, _content_hash(path)), compute, is_kept=True))


def ambiguity(request: Request, record: ModelRecord) -> Response:
    """The judge's uncertainty over the plane, as saved with the epoch, row by row from the top: MAP x MAP bytes, 255 where two
    classes tie.

    The query's `spacing` and `reach` (which is always REACH) define the grid as in planes.grid; the map exists for one reach only.
    """
    path = record.folder.weights(request.path_params["epoch"])
    if record.run.kind != "vae" or not path.is_file():
        raise SnapshotError(f"{record.run.name} has no decoder at this epoch.")
    spacing = choice(request, "spacing", tuple(MAPS))
    number(request, "reach", REACH, REACH, REACH)  # the judge's map exists for that reach only
    headers = FOR_EVER if request.path_params["content_hash"] == _content_hash(path) else NEVER
    run, arrays = record.run, record.folder.read_arrays(request.path_params["epoch"])
    found = kept_map(arrays, run.config["dataset"], spacing)
    if found is None:
        why = why_unjudged(run.config["dataset"], class_names(run), run.id)
        raise SnapshotError(f"There is no map of the judge's uncertainty: {why}.")
    return Response(found.tobytes(), media_type="application/octet-stream", headers=headers)


def tested(request: Request, record: ModelRecord) -> Response:
    """The number of test pictures of a model's data, and the share of their ink that is grey."""
    images, _ = digits_to_test(*_data_of(record))
    return JSONResponse(
        {"count": len(images), "grey": _greyness(*_data_of(record))}, headers={"Cache-Control": "max-age=86400"}
    )


@lru_cache(maxsize=8)
def _greyness(dataset: str, classes: tuple[int, ...]) -> float:
    """Among pixels with more than a quarter of full ink, the share with less than three quarters; as in words.js."""
    images, _ = digits_to_test(dataset, classes)
    ink = int((images > 63).sum())
    return round(int(((images > 63) & (images < 192)).sum()) / max(ink, 1), 4)


def digits(request: Request, record: ModelRecord) -> Response:
    """The test pictures of a model's data: uint32 (how many), uint8 labels [n], uint8 pixels [n, 784]."""
    need_pictures(record.run.config["dataset"])
    content = _packed_digits(*_data_of(record))
    headers = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=86400"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@lru_cache(maxsize=4)
def _packed_digits(dataset: str, classes: tuple[int, ...]) -> bytes:
    images, labels = digits_to_test(dataset, classes)
    return gzip.compress(len(images).to_bytes(4, "little") + labels.tobytes() + images.tobytes(), 4)


@lru_cache(maxsize=64)
def _posterior(path: Path, content_hash: str, dataset: str, classes: tuple[int, ...]) -> bytes:
    images, labels = digits_to_test(dataset, classes)
    means, log_vars = networks.posterior(networks.read_weights(path), images)
    sizes = np.array(means.shape, "<u4").tobytes()
    return sizes + means.astype("<f2").tobytes() + log_vars.astype("<f2").tobytes() + labels.tobytes()


def _data_of(record: ModelRecord) -> tuple[str, tuple[int, ...]]:
    return record.run.config["dataset"], tuple(record.run.config["classes"])


def _content_hash(path: Path) -> str:
    facts = path.stat()
    return _cached_hash(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=4096)
def _cached_hash(path: Path, changed: int, size: int) -> str:
    return networks.content_hash(path)
