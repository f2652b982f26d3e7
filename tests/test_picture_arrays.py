import io
import zipfile
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from gencmp.errors import DamagedFile
from gencmp.picture_arrays import load_arrays


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


SAMPLES = np.arange(64 * 784, dtype=np.uint32).astype(np.uint8).reshape(64, 28, 28)
GOOD = npz(samples=SAMPLES, means=np.full((5, 2), np.inf, np.float16), labels=np.zeros(5, np.uint8), more=np.ones(3))


def test_good_arrays_are_read() -> None:
    assert np.array_equal(load_arrays(GOOD)["samples"], SAMPLES)


@pytest.mark.parametrize(
    "arrays",
    [{"samples": SAMPLES.astype(float)}, {"samples": SAMPLES[0]}, {"samples": SAMPLES.astype(np.uint16)},
     {"means": np.zeros((5, 2)), "labels": np.zeros(4, np.uint8)}, {"means": np.zeros((5, 2))}, {"judge": np.array("x")},
     {"judge_classes": np.zeros(2, np.uint8), "judge_confidence": np.full(2, np.nan)}, {"samples": np.array([None])}],
)  # fmt: skip
def test_arrays_of_another_form_are_refused(arrays: Any) -> None:
    with pytest.raises(DamagedFile, match=r"00003\.npz is damaged"):
        load_arrays(npz(**arrays), "00003.npz")


def test_damaged_files_are_refused_with_a_sentence() -> None:
    for cut in range(0, len(GOOD), 97):
        with pytest.raises(DamagedFile):
            load_arrays(GOOD[:cut])
    for place in range(0, len(GOOD), 31):
        content = bytearray(GOOD)
        content[place] ^= 0xFF
        with suppress(DamagedFile):  # and nothing else
            load_arrays(bytes(content))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("samples.npy", "w") as member:
            np.lib.format.write_array_header_1_0(
                member, {"descr": "|u1", "fortran_order": False, "shape": (10**12, 28, 28)}
            )
        archive.writestr("zeros", bytes(1000))
    with pytest.raises(DamagedFile, match="more than it holds"):
        load_arrays(buffer.getvalue())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("samples.npy", "w") as member:
        for _ in range(250):
            member.write(bytes(1_000_000))
    with pytest.raises(DamagedFile, match="at most 200"):
        load_arrays(buffer.getvalue())
