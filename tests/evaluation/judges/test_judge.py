"""The judge: the one that ships knows its digits; a new one learns, repeats itself, and is kept."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gencmp.data.digits import UNLABELLED, Digits, Split
from gencmp.data.pictures import digits_to_test
from gencmp.errors import DataError, SnapshotError
from gencmp.evaluation.judges import training as module
from gencmp.evaluation.judges.judge import Judge, read_judge, save_judge
from gencmp.evaluation.judges.networks import Network
from gencmp.evaluation.judges.panel import Member, file_key, judge_folder, judge_key
from gencmp.evaluation.judges.training import accuracy, jitter, judge_of, train_judge, train_member
from gencmp.files import home
from gencmp.models.layers import count_parameters
from gencmp.progress import Progress, no_progress

# What ships


@pytest.fixture(scope="module")
def shipped() -> Judge:
    return judge_of("mnist")


def test_the_shipped_judge_names_its_digits(shipped: Judge, mnist: Digits) -> None:
    found = accuracy(shipped, mnist.test)
    assert found >= 0.994
    assert found == pytest.approx(shipped.card["test_accuracy"], abs=2e-4)


def test_it_is_small_and_tells_how_it_was_made(shipped: Judge) -> None:
    folder = judge_folder("mnist")
    assert (folder / "weights.safetensors").stat().st_size < 1_500_000
    assert count_parameters(shipped.network) == 163_450
    assert shipped.card["command"] == "python -m gencmp train-judge"
    words = (folder / "README.md").read_text("utf-8")
    assert f"{shipped.card['test_accuracy']:.2%}" in words and shipped.card["command"] in words


def test_it_looks_at_flat_and_square_pictures_alike(shipped: Judge, mnist: Digits) -> None:
    images = mnist.test.images[:150]
    flat, square = shipped(images), shipped(images.view(-1, 28, 28))
    assert flat.features.shape == (150, 64) and flat.probabilities.shape == (150, 10)
    assert torch.equal(flat.features, square.features)
    torch.testing.assert_close(flat.probabilities.sum(1), torch.ones(150))
    assert torch.equal(flat.confidence, flat.probabilities[torch.arange(150), flat.digits])


def test_no_feature_outweighs_another(shipped: Judge, mnist: Digits) -> None:
    spread = shipped(mnist.train.images[:5000]).features.std(0)
    assert float(spread.min()) > 0.7 and float(spread.max()) < 1.4


def test_it_is_less_sure_between_two_digits(shipped: Judge, mnist: Digits) -> None:
    images = mnist.test.images[:400]
    between = torch.maximum(images[:200], images[200:])
    assert float(shipped(between).confidence.mean()) + 0.1 < float(shipped(images).confidence.mean())


# Training


def test_it_learns(mnist: Digits) -> None:
    few = Digits(
        "some",
        Split(mnist.train.images[:1500], mnist.train.labels[:1500]),
        Split(mnist.test.images[:500], mnist.test.labels[:500]),
    )
    assert train_judge(few, steps=70).card["test_accuracy"] > 0.8


def test_the_same_seed_gives_the_same_judge(digits: Digits) -> None:
    again, other = train_judge(digits, seed=1, steps=10), train_judge(digits, seed=2, steps=10)
    assert train_judge(digits, seed=1, steps=10).key == again.key != other.key


def test_training_leaves_the_global_randomness_alone(digits: Digits) -> None:
    before = torch.get_rng_state()
    train_judge(digits, steps=10)
    assert torch.equal(before, torch.get_rng_state())


def test_it_tells_how_far_it_is(digits: Digits) -> None:
    heard = []
    train_judge(digits, steps=60, progress=lambda share, words: heard.append((share, words)))
    assert [share for share, words in heard if "Training" in words] == [0, 50 / 60]
    assert "few" in heard[0][1] and "step 0 of 60" in heard[0][1]


def test_pictures_without_a_label_teach_nothing(digits: Digits) -> None:
    labels = digits.train.labels.clone()
    labels[200:] = UNLABELLED
    half = Digits("few", Split(digits.train.images, labels), digits.test)
    short = Digits("few", Split(digits.train.images[:200], digits.train.labels[:200]), digits.test)
    assert train_judge(half, steps=10).key == train_judge(short, steps=10).key
    assert train_judge(half, steps=10).card["training_images"] == 200


def test_without_any_label_there_is_no_judge(digits: Digits) -> None:
    nameless = Split(digits.train.images, torch.full_like(digits.train.labels, UNLABELLED))
    with pytest.raises(
        DataError, match=r"few: found 0 training and 100 test pictures with a label.*one folder per class, named 0 to 9"
    ):
        train_judge(Digits("few", nameless, digits.test), steps=10)


def test_fewer_pictures_than_a_batch_will_do(digits: Digits) -> None:
    few = Digits("tiny", Split(digits.train.images[:7], digits.train.labels[:7]), digits.test)
    assert train_judge(few, steps=10).card["training_images"] == 7


def test_jitter_moves_ink_a_little_and_makes_none() -> None:
    dots = torch.zeros(500, 1, 28, 28)
    dots[:, :, 13:15, 13:15] = 1.0
    moved = jitter(dots, torch.Generator().manual_seed(0))
    ticks = torch.arange(28.0)
    ink = moved.sum((1, 2, 3))
    across = (moved.sum((1, 2)) @ ticks) / ink - 13.5
    down = (moved.sum((1, 3)) @ ticks) / ink - 13.5
    for offset in (across, down):
        assert 1.5 < float(offset.abs().max()) < 2.6 and abs(float(offset.mean())) < 0.3
    assert float(ink.min()) > 2.5 and float(ink.max()) < 6.0
    assert float(moved.max()) <= 1.0 and float(moved.min()) >= 0.0
    assert torch.equal(jitter(dots * 0, torch.Generator()), dots * 0)


def test_a_networks_first_weights_are_the_rngs() -> None:
    def first(seed: Any) -> Any:
        network = Network()
        network.initialise(torch.Generator().manual_seed(seed))
        return network.head.weight

    assert torch.equal(first(1), first(1)) and not torch.equal(first(1), first(2))


# Keeping


def quickly(digits: Digits, member: Member, progress: Progress = no_progress) -> Judge:
    return train_member(digits, replace(member, steps=10), progress)


def test_a_kept_judge_is_the_same(digits: Digits, tmp_path: Path) -> None:
    judge = train_judge(digits, steps=10)
    save_judge(judge, tmp_path / "kept", command="how")
    again = read_judge(tmp_path / "kept")
    assert again.key == judge.key == file_key(tmp_path / "kept" / "weights.safetensors")
    assert again.card == judge.card | {"command": "how"}
    assert torch.equal(again(digits.test.images).features, judge(digits.test.images).features)


@pytest.mark.parametrize("damage", ["weights", "card", "missing"])
def test_a_damaged_judge_is_told(digits: Digits, tmp_path: Path, damage: str) -> None:
    save_judge(train_judge(digits, steps=10), tmp_path)
    if damage == "weights":
        (tmp_path / "weights.safetensors").write_bytes(b"half of a file")
    elif damage == "card":
        (tmp_path / "card.json").write_text("{")
    else:
        (tmp_path / "weights.safetensors").unlink()
    with pytest.raises(SnapshotError, match=r"no judge, or a damaged one.*train-judge") as told:
        read_judge(tmp_path)
    assert str(tmp_path) in str(told.value)


def test_a_judge_that_cannot_be_kept_serves_whoever_asked(digits_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "train_member", quickly)
    home().mkdir(parents=True)
    (home() / "judges").write_text("in the way")
    assert judge_of(str(digits_folder)).classes == tuple("0123456789")
    assert judge_key(str(digits_folder)) == ""


def test_another_data_set_gets_a_judge_once(digits_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Judge] = []
    monkeypatch.setattr(module, "train_member", lambda *each: made.append(quickly(*each)) or made[-1])
    dataset, heard = str(digits_folder), []
    assert judge_key(dataset) == ""
    first = judge_of(dataset, lambda share, words: heard.append(words))
    assert judge_of(dataset).key == first.key == judge_key(dataset)
    assert len(made) == 1 and heard
    assert judge_folder(dataset).is_relative_to(home() / "judges")
    assert json.loads((judge_folder(dataset) / "card.json").read_text("utf-8"))["data"] == digits_folder.name


def test_two_folders_of_one_name_have_two_judges() -> None:
    places = [judge_folder(f"/{parent}/digits") for parent in ("a", "b")]
    assert places[0] != places[1] and {place.name.split("-")[0] for place in places} == {"digits"}


def test_mnists_judge_is_wrong_about_shifted_digits_more_often() -> None:
    """Hence they get judges of their own, as other data do."""
    judge, wrong = judge_of("mnist"), {}
    for dataset in ("mnist", "mnist-shifted"):
        images, labels = (torch.from_numpy(each) for each in digits_to_test(dataset))
        wrong[dataset] = float((judge(images[:2000]).digits != labels[:2000]).double().mean())
    assert 2 * wrong["mnist"] < wrong["mnist-shifted"] < 0.05, "most it still knows"
    assert judge_folder("mnist-shifted") != judge_folder("mnist")
