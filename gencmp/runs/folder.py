"""The folder of a run, with its weights and pictures."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gencmp.errors import DamagedFile
from gencmp.files import read_at_most, write_whole
from gencmp.models.weights_file import epoch_of
from gencmp.picture_arrays import load_arrays


@dataclass(frozen=True)
class RunFolder:
    """The files of one run, or of a shipped model: `state.safetensors` to resume from; for each epoch
    `epochs/NNNNN.safetensors` (weights, if saved) and `epochs/NNNNN.npz` (the arrays of its Epoch event); for each with saved
    weights `optimiser/NNNNN.safetensors` (the rest of its state, which shipped models and early runs lack)."""

    path: Path

    @property
    def state(self) -> Path:
        return self.path / "state.safetensors"

    def weights(self, epoch: int) -> Path:
        return self.path / "epochs" / f"{epoch:05d}.safetensors"

    def optimiser(self, epoch: int) -> Path:
        return self.path / "optimiser" / f"{epoch:05d}.safetensors"

    def optimiser_after(self, epoch: int) -> Path | None:
        """The file with the optimiser's state after an epoch: the one kept with its weights, or the newest state, if that is
        of this epoch; None where there is neither."""
        kept = self.optimiser(epoch)
        if kept.exists():
            return kept
        return self.state if epoch_of(self.state) == epoch else None

    def keep_optimisers(self, count: int) -> None:
        """Delete the optimiser's state of all but the newest `count` epochs."""
        for path in sorted((self.path / "optimiser").glob("*.safetensors"))[:-count]:
            with suppress(PermissionError):  # on Windows, while another process reads it
                path.unlink(missing_ok=True)

    def arrays(self, epoch: int) -> Path:
        return self.path / "epochs" / f"{epoch:05d}.npz"

    def kept(self) -> list[int]:
        """Epochs with saved weights, in order."""
        return self._epochs("*.safetensors")

    def pictured(self) -> list[int]:
        """Epochs with saved pictures, in order."""
        return self._epochs("*.npz")

    def _epochs(self, pattern: str) -> list[int]:
        return sorted(
            int(path.stem) for path in (self.path / "epochs").glob(pattern) if re.fullmatch(r"[0-9]{1,9}", path.stem)
        )

    def write_arrays(self, epoch: int, arrays: Mapping[str, np.ndarray]) -> None:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        write_whole(self.arrays(epoch), buffer.getvalue())

    def add_arrays(self, epoch: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Add arrays to an epoch's file, replacing those of the same name. If none is replaced, they are appended and the
        existing bytes stay the same."""
        there = self.read_arrays(epoch)
        if there.keys() & arrays.keys():
            self.write_arrays(epoch, {**there, **arrays})
            return
        buffer = io.BytesIO(self.arrays_content(epoch))
        with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as file:
            for name, array in arrays.items():
                with file.open(f"{name}.npy", "w", force_zip64=True) as member:  # as numpy does
                    np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
        write_whole(self.arrays(epoch), buffer.getvalue())

    def read_arrays(self, epoch: int) -> dict[str, np.ndarray]:
        """All arrays of an epoch; empty if it has none. Raises DamagedFile."""
        try:
            return load_arrays(self.arrays_content(epoch), self._name(self.arrays(epoch)))
        except FileNotFoundError:
            return {}

    def arrays_content(self, epoch: int) -> bytes:
        """The file of an epoch's arrays. Raises FileNotFoundError, and DamagedFile for one that is too large to be ours."""
        path = self.arrays(epoch)
        try:
            return read_at_most(path)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise DamagedFile(f"{self._name(path)} cannot be read: {error.strerror}.") from None

    def _name(self, path: Path) -> str:
        return f"{self.path.name}/epochs/{path.name}"

    def samples(self, epoch: int) -> np.ndarray:
        """An epoch's samples, uint8 [n, 28, 28]. Raises DamagedFile, also where there are none."""
        return samples_in(self.read_arrays(epoch), self._name(self.arrays(epoch)))

    def size(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())


def samples_in(arrays: Mapping[str, np.ndarray], where: str) -> np.ndarray:
    """Raises DamagedFile where there are none. where: the file, for the error."""
    if "samples" not in arrays:
        raise DamagedFile(f"{where} has no samples, so there is nothing to show of this epoch. Choose another epoch.")
    return arrays["samples"]
