"""Data sets in memory: MNIST as shipped, its relatives through torchvision, and the user's own pictures."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from gencmp.config import SHIPPED_DATA, TORCHVISION_DATA, Config
from gencmp.downloads import fetch
from gencmp.errors import DataError
from gencmp.files import home
from gencmp.own_folder import folder_here

SIDE = 28
UNLABELLED = 255
TEN_DIGITS = tuple("0123456789")  # the names of MNIST's classes
DATA = Path(__file__).parent / "data"
IDX = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
TEST_SHARE = 7  # of a user's own pictures one in seven tests, as in MNIST


@dataclass(frozen=True)
class Split:
    """images: uint8 [n, 784], 0 background to 255 ink. labels: uint8 [n], UNLABELLED where there is none."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device) -> Split:
        return Split(self.images.to(device), self.labels.to(device))

    def batches(self, size: int, rng: torch.Generator | None = None) -> Iterator[Tensor]:
        """Pixels float32 [size, 784] in [0, 1], the last batch shorter; in the order that `rng` draws, else as they lie."""
        order = None if rng is None else torch.randperm(len(self), generator=rng).to(self.images.device)
        for start in range(0, len(self), size):
            rows = slice(start, start + size)
            # index_select copies whole rows: a seventh of the time of images[order[rows]]
            images = self.images[rows] if order is None else self.images.index_select(0, order[rows])
            yield images.to(torch.float32).div_(255)


@dataclass(frozen=True)
class Digits:
    """A data set, whole in memory.

    classes:     the name of each label, by its number; () when nothing is labelled.
    fingerprint: what a folder of own data held when it was read; "" for a data set known by name.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...] = TEN_DIGITS
    fingerprint: str = ""

    def to(self, device: torch.device) -> Digits:
        return replace(self, train=self.train.to(device), test=self.test.to(device))


Progress = Callable[[str], None]  # told in words: "Downloading Fashion-MNIST: 12 of 31 MB"


def load(config: Config, cache: Path | None = None, progress: Progress = lambda words: None) -> Digits:
    """The data that the config asks for: its data set, its digits, its limit.

    cache: where downloads are kept, by default under the user's home of runs.
    Raises DataError when they cannot be had or read, or nothing is left after choosing.
    """
    if config.dataset == SHIPPED_DATA:
        digits = load_idx(DATA, SHIPPED_DATA)
    elif config.dataset in TORCHVISION_DATA:
        train, test = (Split(*pair) for pair in fetch(config.dataset, cache or home() / "data", progress))
        digits = Digits(config.dataset, train, test)
    else:
        digits = load_folder(folder_here(config.dataset), progress)
    return choose(digits, config.classes, config.limit)


def choose(digits: Digits, classes: Sequence[int] = (), limit: int = 0) -> Digits:
    """Only these classes (all when empty), and only the first `limit` training images (all when 0)."""
    train, test = _only(digits.train, classes), _only(digits.test, classes)
    if not len(train) or not len(test):
        of_these = f" of {', '.join(map(str, classes))}" if classes else ""
        raise DataError(
            f"{digits.name} has no pictures{of_these}: {len(train)} to train on, {len(test)} to test with."
            " Choose other digits, or none to take all."
        )
    if limit:
        train = Split(train.images[:limit], train.labels[:limit])
    return replace(digits, train=train, test=test)


def _only(split: Split, classes: Sequence[int]) -> Split:
    if not classes:
        return split
    rows = torch.isin(split.labels, torch.tensor(classes, dtype=torch.uint8))
    return Split(split.images[rows], split.labels[rows])


def entropy_floor(split: Split) -> float:
    """The lowest reconstruction that any decoder can reach on these pictures, in nats per image.

    Binary cross entropy against a grey pixel x is least where the decoder says x itself, and is then the entropy
    of a coin with chance x: above zero for every pixel that is neither black nor white.
    """
    x = torch.arange(256, dtype=torch.float64) / 255
    counts = torch.bincount(split.images.flatten().cpu(), minlength=256).double()  # MPS knows no float64
    entropy = -(torch.xlogy(x, x) + torch.xlogy(1 - x, 1 - x))
    return float(counts @ entropy) / len(split)


# IDX files


def load_idx(folder: Path, name: str) -> Digits:
    """The four files of an MNIST-like data set, compressed or not. Raises DataError naming the file at fault."""
    train, test = (_idx_split(*(folder / file for file in IDX[part])) for part in ("train", "test"))
    return Digits(name, train, test)


def _idx_split(images_path: Path, labels_path: Path) -> Split:
    split = Split(_idx_images(images_path), _idx_labels(labels_path))
    if len(split.images) != len(split.labels):
        raise DataError(
            f"{labels_path}: {len(split.labels)} labels for {len(split.images)} pictures in {images_path.name}. Fetch both files again."
        )
    return split


def _idx_images(path: Path) -> Tensor:
    images = read_idx(path)
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise DataError(
            f"{path}: found shape {list(images.shape)}, wanted [n, {SIDE}, {SIDE}]. Scale the pictures, or give them as PNG files."
        )
    return torch.from_numpy(images.reshape(len(images), SIDE * SIDE))


def _idx_labels(path: Path) -> Tensor:
    labels = read_idx(path)
    if labels.ndim != 1:
        raise DataError(f"{path}: found shape {list(labels.shape)}, wanted [n]: one label a picture.")
    return torch.from_numpy(labels)


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of bytes, also as `path`.gz (format: LeCun's MNIST page). Raises DataError."""
    zipped = path.with_name(path.name + ".gz")
    try:
        content = path.read_bytes() if path.exists() else gzip.decompress(zipped.read_bytes())
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing, and so is {zipped.name}. Put the four IDX files of the data set into that folder."
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. Fetch the file again.") from None
    if content[:3] != b"\x00\x00\x08" or len(content) < 4:
        raise DataError(
            f"{path} is no IDX file of bytes: it starts with {content[:4].hex() or 'nothing'}, wanted 000008 and the dimensions."
        )
    shape = np.frombuffer(content, ">u4", count=min(content[3], len(content) // 4 - 1), offset=4).astype(int)
    body = np.frombuffer(content, np.uint8, offset=min(4 + 4 * content[3], len(content)))
    if body.size != math.prod(shape):
        raise DataError(
            f"{path}: found {body.size} bytes of data, its header wants {math.prod(shape)}. The file is cut: fetch it again."
        )
    return body.reshape(shape).copy()


# The user's own pictures


def load_folder(folder: Path, progress: Progress = lambda words: None) -> Digits:
    """A folder of the four IDX files, or of pictures of any size; a picture's label is the digit its folder is named by.

    Pictures without a label are taken too. One in seven is kept for testing, the same ones every time.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder. Give the whole path of a folder of IDX files or of pictures.")
    if any((folder / f"{IDX['train'][0]}{end}").exists() for end in ("", ".gz")):
        return load_idx(folder, folder.name)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES and path.is_file())
    if len(paths) < TEST_SHARE:
        raise DataError(
            f"{folder} holds {len(paths)} pictures; wanted at least {TEST_SHARE}, or the four IDX files. "
            f"Pictures may be {', '.join(sorted(p[1:] for p in PICTURES))}."
        )
    images = np.empty((len(paths), SIDE * SIDE), np.uint8)
    for index, path in enumerate(paths):
        images[index] = read_picture(path).ravel()
        if index % 500 == 0:
            progress(f"Reading {folder.name}: {index} of {len(paths)} pictures")
    labels = np.array([_label(path, folder) for path in paths], np.uint8)
    order = np.random.default_rng(0).permutation(len(paths))  # folders are sorted by class, batches should not be
    cut = max(1, len(paths) // TEST_SHARE)
    test, train = order[:cut], order[cut:]
    take = partial(_take, images, labels)
    return Digits(folder.name, take(train), take(test))


def _take(images: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Split:
    return Split(torch.from_numpy(images[rows]), torch.from_numpy(labels[rows]))


def _label(path: Path, folder: Path) -> int:
    names = [part for part in path.relative_to(folder).parts[:-1] if part.isdecimal() and int(part) < 10]
    return int(names[-1]) if names else UNLABELLED


def read_picture(path: Path) -> np.ndarray:
    """Any picture that Pillow reads -> uint8 [28, 28], light ink on dark ground, scaled and centred as MNIST was.

    Dark ink on light ground is turned over; the ink is fitted into 20 x 20 and its centre of mass put in the middle
    (LeCun et al. 1998). A picture that is 28 x 28 already is left as it is.
    """
    try:
        with Image.open(path) as picture:
            pixels = _grey(ImageOps.exif_transpose(picture))
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:  # SyntaxError: Pillow, of a broken PNG
        raise DataError(
            f"{path} cannot be read as a picture: {error}. Remove it from the folder, or save it again as PNG."
        ) from None
    if np.median(np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))) > 127:
        pixels = 255 - pixels
    return pixels.copy() if pixels.shape == (SIDE, SIDE) else centre(pixels)


def _grey(picture: Image.Image) -> np.ndarray:
    """uint8 [h, w]. More than 8 bits are spread from black to white, where Pillow would cut them off at 255; what is
    clear becomes white behind dark ink and black behind light ink."""
    if picture.mode[0] in "IF":
        deep = np.nan_to_num(np.asarray(picture, np.float64))
        return ((deep - deep.min()) * (255 / (np.ptp(deep) or 1.0))).round().astype(np.uint8)
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L"), np.uint8)
    coloured = picture.convert("RGBA")
    grey, seen = np.asarray(coloured.convert("L"), np.float64), np.asarray(coloured.getchannel("A"), np.float64) / 255
    ground = 255 if (grey * seen).sum() < 128 * seen.sum() else 0
    return (grey * seen + ground * (1 - seen)).round().astype(np.uint8)


def centre(pixels: np.ndarray) -> np.ndarray:
    """Light ink on dark, uint8 [h, w] of any size -> [28, 28]: ink scaled into 20 x 20, centre of mass in the middle."""
    rows, columns = np.nonzero(pixels > 40)[:2]
    if not rows.size:
        return np.zeros((SIDE, SIDE), np.uint8)
    ink = Image.fromarray(pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    scale = 20 / max(ink.size)
    ink = ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))), Image.Resampling.LANCZOS)
    small = np.asarray(ink, np.float64)
    weight = small.sum() or 1.0
    y, x = (small.sum(1) @ np.arange(ink.height) / weight, small.sum(0) @ np.arange(ink.width) / weight)
    top = int(np.clip(round(SIDE / 2 - 0.5 - y), 0, SIDE - ink.height))
    left = int(np.clip(round(SIDE / 2 - 0.5 - x), 0, SIDE - ink.width))
    out = np.zeros((SIDE, SIDE), np.uint8)
    out[top : top + ink.height, left : left + ink.width] = small.round().astype(np.uint8)
    return out
