"""What the judge and D say of pictures, found out while a model trains: the same as torch's own when it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import Clock
from there import there

from gencmp.data.digits import Digits
from gencmp.data.pictures import digits_to_test
from gencmp.data.shipped import shipped_digits
from gencmp.evaluation import kept_opinions, opinions
from gencmp.evaluation.judges.panel import judge_key
from gencmp.evaluation.judges.training import judge_of
from gencmp.evaluation.kept_opinions import CLASSES, CONFIDENCE, JUDGE, MAP, MAPS, REACH, D
from gencmp.evaluation.opinions import with_opinions
from gencmp.events import Checkpoint, Epoch, from_json, to_json
from gencmp.latent import planes
from gencmp.latent.networks import chance_real, read_weights
from gencmp.models.snapshot import read, unpack
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import load_model
from gencmp.training.loop import train


def told(config: Any, digits: Any) -> Any:
    """The events by kind."""
    events = list(with_opinions(train(config, digits), config))
    return [e for e in events if isinstance(e, Epoch)], [e for e in events if isinstance(e, Checkpoint)], events


def judged(images: Any) -> Any:
    return judge_of()(torch.from_numpy(images.copy()))


def test_each_epoch_tells_what_the_judge_sees_in_its_samples(config: GanConfig | VaeConfig, digits: Digits) -> None:
    epochs, _, _ = told(config.replace(epochs=2), digits)
    for epoch in epochs:
        wanted, arrays = judged(epoch.arrays["samples"]), epoch.arrays
        seen = there(kept_opinions.kept_judge_opinion(arrays, "mnist"))
        assert np.array_equal(seen.classes, wanted.digits.numpy())
        assert np.array_equal(seen.confidence, wanted.confidence.numpy())
        assert str(arrays[JUDGE]) == judge_key("mnist") == judge_of().key


def test_events_come_in_the_order_of_a_training_and_as_json(gan: GanConfig, digits: Digits) -> None:
    config = gan.replace(epochs=2)
    epochs, _, events = told(config, digits)
    assert [type(e) for e in events] == [type(e) for e in train(config, digits)]
    back = from_json(to_json(epochs[0]))
    assert isinstance(back, Epoch)
    arrays = back.arrays
    assert arrays.keys() == epochs[0].arrays.keys() and str(arrays[JUDGE]) == judge_key("mnist")


def test_where_weights_are_kept_d_says_how_real_the_samples_are(gan: GanConfig, digits: Digits, tmp_path: Path) -> None:
    epochs, checkpoints, _ = told(gan.replace(epochs=12, keep_per_decade=1), digits)
    assert [e.epoch for e in epochs if D in e.arrays] == [1, 10, 12]
    epoch, weights = epochs[-1], checkpoints[-1].weights
    pixels = torch.from_numpy(epoch.arrays["samples"].reshape(-1, 784).copy()).float() / 127.5 - 1
    wanted = torch.sigmoid(load_model(unpack(weights)).networks["discriminator"](pixels)).flatten().detach().numpy()
    assert np.allclose(epoch.arrays[D], wanted, atol=1e-5)
    (tmp_path / "w.safetensors").write_bytes(weights)
    asked = chance_real(read_weights(tmp_path / "w.safetensors"), epoch.arrays["samples"])
    assert np.allclose(asked, wanted, atol=1e-5), "as a page asks it of other pictures"


def test_the_map_is_dark_where_two_digits_tie(vae: VaeConfig, digits: Digits, tmp_path: Path) -> None:
    """Against the decoder as numpy has it, point by point."""
    epochs, [checkpoint], _ = told(vae.replace(epochs=1), digits)
    (tmp_path / "w.safetensors").write_bytes(checkpoint.weights)
    decoder = read_weights(tmp_path / "w.safetensors").network("decoder")
    for spacing, name in MAPS.items():
        points = planes.grid(MAP, spacing, REACH).reshape(-1, 2)[::37].astype(np.float32)
        pictures = np.round(255 / (1 + np.exp(-decoder(points)))).astype(np.uint8)
        best = np.sort(judged(pictures).probabilities.numpy(), 1)
        doubt = 255 * (1 - (best[:, -1] - best[:, -2]))
        assert np.median(np.abs(epochs[0].arrays[name].ravel()[::37] - doubt)) <= 0.51
        assert np.allclose(epochs[0].arrays[name].ravel()[::37], doubt, atol=8), "a pixel may be rounded the other way"
        with torch.no_grad():
            corner = torch.sigmoid(
                load_model(unpack(checkpoint.weights)).networks["decoder"](torch.from_numpy(points[:1]))
            )
        [best] = judge_of()(corner.mul(255).round().to(torch.uint8)).probabilities.topk(2).values
        assert epochs[0].arrays[name].flat[0] == pytest.approx(255 * float(1 - best[0] + best[1]), abs=0.51)


def test_a_latent_without_a_plane_has_no_map(vae: VaeConfig, digits: Digits) -> None:
    epochs, _, _ = told(vae.replace(epochs=1, latent_size=3), digits)
    assert CLASSES in epochs[0].arrays and not epochs[0].arrays.keys() & set(MAPS.values())


def test_looking_does_not_touch_the_training(config: GanConfig | VaeConfig, digits: Digits) -> None:
    plain, watched = (train(config, digits, clock=Clock()) for _ in range(2))  # a state's header holds how long it took
    states = [
        [e.state for e in events if isinstance(e, Checkpoint)] for events in (plain, with_opinions(watched, config))
    ]
    assert states[0] == states[1]


@pytest.mark.parametrize("fault", ["none", "damaged", "of other classes"])
def test_without_a_judge_for_the_data_there_is_d_alone(
    gan: GanConfig, digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(opinions, "judge_folder", lambda dataset: tmp_path)
    if fault == "damaged":
        (tmp_path / "card.json").write_text("{}")
    if fault == "of other classes":
        monkeypatch.undo()
        digits = type(digits)("letters", digits.train, digits.test, tuple("abcdefghij"))
    epochs, _, _ = told(gan.replace(epochs=1), digits)
    assert D in epochs[0].arrays and not epochs[0].arrays.keys() & {JUDGE, CLASSES, CONFIDENCE}


def test_another_judges_opinion_is_none(gan: GanConfig, digits: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    [epoch], _, _ = told(gan.replace(epochs=1), digits)
    monkeypatch.setattr(kept_opinions, "judge_key", lambda dataset: "another")
    assert kept_opinions.kept_judge_opinion(epoch.arrays, "mnist") is None


# What ships


@pytest.mark.parametrize(("name", "epochs"), [("paper-gan", (1, 3, 50)), ("paper-vae", (1, 3, 51))])
def test_shipped_epochs_have_the_opinions_that_torch_has_of_them(store: RunStore, name: str, epochs: Any) -> None:
    folder = Catalog(store).find(name).folder
    assert all(str(folder.read_arrays(epoch)[JUDGE]) == judge_key("mnist") for epoch in folder.pictured())
    for epoch in epochs:
        arrays, kept = folder.read_arrays(epoch), epoch in folder.kept()
        wanted = judged(arrays["samples"])
        assert np.array_equal(arrays[CLASSES], wanted.digits.numpy())
        assert np.allclose(arrays[CONFIDENCE], wanted.confidence.numpy(), atol=1e-5)
        assert (D in arrays) == (kept and name == "paper-gan")
        assert (set(MAPS.values()) <= arrays.keys()) == (kept and name == "paper-vae")
    if name == "paper-gan":
        assert np.allclose(arrays[D], opinions.d_opinion(read(folder.weights(50)), arrays["samples"]), atol=1e-5)


def test_the_judge_names_real_digits() -> None:
    images, labels = shipped_digits("test")
    found = there(kept_opinions.kept_real_opinion("mnist", (), labels, 70))
    wanted = judged(images[:70])
    assert np.array_equal(found.classes, wanted.digits.numpy()) and (found.classes == labels[:70]).all()
    assert np.allclose(found.confidence, wanted.confidence.numpy(), atol=1e-5)


def test_of_some_classes_he_names_those() -> None:
    _, labels = digits_to_test("mnist", (3, 8))
    found = there(kept_opinions.kept_real_opinion("mnist", (3, 8), labels, 64))
    assert (found.classes == labels[:64]).mean() > 0.95 and set(labels) == {3, 8}
    assert kept_opinions.kept_real_opinion("mnist", (3, 8), labels[1:], 64) is None, "other pictures than there were"


def test_why_there_is_no_opinion_is_said_with_what_to_do(tmp_path: Path) -> None:
    assert "no labels" in kept_opinions.why_unjudged("mnist", (), "mine")
    assert "no judge yet; python -m gencmp evaluate mine" in kept_opinions.why_unjudged(str(tmp_path), ("a",), "mine")
    assert "evaluate mine adds it" in kept_opinions.why_unjudged("mnist", ("0",), "mine")
