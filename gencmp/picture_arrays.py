"""npz files of pictures and what belongs to them, checked as they are read. Never a pickle."""

from __future__ import annotations

import io
import math
import tokenize
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np

from gencmp.errors import DamagedFile
from gencmp.schema import Misfit

LARGEST = 200_000_000  # bytes of all arrays of a file; those of an epoch with 70,000 test pictures take 0.5 MB


@dataclass(frozen=True)
class _Form:
    """kinds: NumPy's letters for the types of number. shape: None for any length."""

    kinds: str
    shape: tuple[int | None, ...]
    finite: bool = True


_PICTURES = _Form("u", (None, 28, 28))
FORMS = {
    **dict.fromkeys(("samples", "originals", "reconstructions", "real", "fakes"), _PICTURES),
    "means": _Form("f", (None, None), finite=False),  # float16, which ends at 65,504
    "labels": _Form("u", (None,)),
    "judge": _Form("U", ()),
    "judge_classes": _Form("u", (None,)),
    "judge_confidence": _Form("f", (None,)),
    "d_opinion": _Form("f", (None,)),
    "doubt_even": _Form("u", (40, 40)),
    "doubt_quantile": _Form("u", (40, 40)),
}
AS_LONG = {"judge_classes": "judge_confidence", "means": "labels"}  # arrays that come together, of equal length


def load_arrays(content: bytes, where: str = "a file of pictures") -> dict[str, np.ndarray]:
    """The arrays of an npz file, by name. where: the file, for errors. Raises DamagedFile."""
    try:
        arrays = _unpacked(content)
        for name, array in arrays.items():
            _refuse_misfit(name, array)
        for name, other in AS_LONG.items():
            if name in arrays and len(arrays[name]) != len(arrays.get(other, ())):
                raise Misfit(f"{name} has {len(arrays[name])} entries, {other} {len(arrays.get(other, ()))}")
        if "judge" in arrays and "judge_classes" not in arrays:
            raise Misfit("judge_classes is missing")
        return arrays
    except _TROUBLE as error:
        raise DamagedFile(
            f"{where} is damaged, or gencmp did not write it ({_in_words(error)}). Its pictures are not shown; the weights of"
            " the model are in other files."
        ) from None


# What NumPy and zipfile raise for damaged content, as fuzzing has shown
_TROUBLE = (
    Misfit, ValueError, TypeError, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, SyntaxError,
    MemoryError, OverflowError, AttributeError, IndexError, tokenize.TokenError, zipfile.BadZipFile, zlib.error, UnicodeError,
)  # fmt: skip


def _unpacked(content: bytes) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        if size > LARGEST:
            raise Misfit(f"its arrays take {size / 1e6:,.0f} MB, wanted at most {LARGEST / 1e6:.0f}")
        for entry in archive.infolist():
            _refuse_shape(archive, entry)
    for last in (False, False, False, True):
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                return dict(file)
        except (
            SystemError
        ):  # before Python 3.11.5, when two threads parse at once (CPython issue 106905); a retry works
            if last:
                raise
    return {}


def _refuse_shape(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Raise Misfit for an array whose header promises more than its file holds: NumPy would reserve that much memory."""
    with archive.open(entry) as member:
        try:
            version = np.lib.format.read_magic(member)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(member)
        except SystemError:
            return  # see above
        if dtype.hasobject:
            raise Misfit(f"{entry.filename} is a pickle")
        if math.prod(shape) * dtype.itemsize > entry.file_size:
            raise Misfit(f"{entry.filename} says that it has the shape {shape}, which is more than it holds")


def _refuse_misfit(name: str, array: np.ndarray) -> None:
    form = FORMS.get(name)
    if form is None:
        return
    fits = len(array.shape) == len(form.shape) and all(
        wanted in (None, found) for wanted, found in zip(form.shape, array.shape, strict=True)
    )
    if not fits or array.dtype.kind not in form.kinds or (form.kinds == "u" and array.dtype.itemsize > 1):
        wanted = ", ".join("n" if size is None else str(size) for size in form.shape)
        raise Misfit(f"{name} is {array.dtype} {list(array.shape)}, wanted {TYPES[form.kinds]} [{wanted}]")
    if form.finite and array.dtype.kind == "f" and not np.isfinite(array).all():
        raise Misfit(f"{name} has numbers that are not finite")


TYPES = {"u": "uint8", "f": "floats", "U": "text"}


def _in_words(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200].rstrip(".")
