"""The judge's eye without torch: the same as the judge's own; and the nearest training digit, by hand."""

import numpy as np
import pytest
import torch

from gencmp.data.shipped import shipped_digits
from gencmp.errors import SnapshotError
from gencmp.evaluation import judge_numpy, nearest
from gencmp.evaluation.judge import judge_of
from gencmp.latent.networks import read_weights
from gencmp.models.snapshot import read
from gencmp.training.build import load_model


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """70 digits, more than go through at once, and two pictures that are none."""
    none = np.random.default_rng(0).integers(0, 256, (2, 28, 28), np.uint8)
    return np.concatenate((shipped_digits("test")[0][:70], none))


def test_it_sees_what_the_judge_sees(pictures):
    wanted = judge_of()(torch.from_numpy(pictures.copy())).probabilities.numpy()
    assert np.allclose(judge_numpy.judged(pictures), wanted, atol=1e-5)


def test_it_names_real_digits(pictures):
    assert (judge_numpy.judged(pictures).argmax(1)[:70] == shipped_digits("test")[1][:70]).all()


def test_nobody_judges_data_without_a_judge(pictures, tmp_path):
    assert judge_numpy.judged(pictures, str(tmp_path)) is None


def test_a_damaged_judge_is_told(pictures, monkeypatch, tmp_path):
    (tmp_path / "weights.safetensors").write_bytes(b"no weights")
    monkeypatch.setattr(judge_numpy, "judge_folder", lambda dataset: tmp_path)
    with pytest.raises(SnapshotError, match="damaged"):
        judge_numpy.judged(pictures)


def test_an_opinion_is_the_discriminators(store, trained, gan, pictures):
    path = store.folder(trained(gan).id).weights(2)
    model = load_model(read(path))
    pixels = torch.from_numpy(pictures.reshape(-1, 784).copy()).float() / 127.5 - 1
    wanted = torch.sigmoid(model.networks["discriminator"](pixels)).flatten().detach().numpy()
    assert read_weights(path).kind == "gan"
    assert np.allclose(judge_numpy.opinion(path, pictures), wanted, atol=1e-5)


def test_a_training_digit_is_nearest_to_itself():
    images, labels = shipped_digits("train")
    asked = images[[5, 40_000, 59_999]]
    found, named, away = nearest.nearest_training(asked)
    assert np.array_equal(found, asked)
    assert np.array_equal(named, labels[[5, 40_000, 59_999]])
    assert (away == 0).all()


def test_nearest_by_brute_force_within_what_was_trained_on():
    images, labels = shipped_digits("train")
    rows = np.flatnonzero(np.isin(labels, (3, 8)))[:200]
    asked = shipped_digits("test")[0][:3]
    away = np.sqrt(np.square(images[rows][None].astype(float) - asked[:, None]).sum((2, 3))) / 255
    found, named, told = nearest.nearest_training(asked, classes=(3, 8), limit=200)
    assert np.allclose(told, away.min(1))
    assert np.array_equal(found, images[rows[away.argmin(1)]])
    assert set(named) <= {3, 8}
