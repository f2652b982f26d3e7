"""The real digits that models are measured against."""

from pathlib import Path
from typing import Any

import pytest
import torch
from judged import save_panel

from gencmp.data.digits import Digits
from gencmp.errors import DataError
from gencmp.evaluation.judges.panel import PANEL, WEIGHTS, file_key, member_folder
from gencmp.evaluation.real_digits import real_digits
from gencmp.settings.configs import VaeConfig


@pytest.fixture
def config(digits: Digits, digits_folder: Path) -> VaeConfig:
    """Of 300 training and 100 test digits that have a judge."""
    save_panel(digits, str(digits_folder))
    return VaeConfig(dataset=str(digits_folder))


def rows(images: Any) -> Any:
    return {row.numpy().tobytes() for row in images}


def test_what_stands_in_for_a_model_is_not_what_it_is_measured_with(config: VaeConfig, digits: Digits) -> None:
    real = real_digits(config, 50)
    assert (real.count, len(real.stand_in), len(real.held_out), len(real.train)) == (50, 50, 250, 300)
    assert rows(real.test) <= rows(digits.test.images)
    assert rows(real.stand_in) | rows(real.held_out) == rows(digits.train.images)
    assert not rows(real.stand_in) & rows(real.held_out)


def test_it_is_the_same_at_every_call_and_whatever_the_limit(config: VaeConfig) -> None:
    first, again = real_digits(config, 50), real_digits(config.replace(limit=20, seed=5), 50)
    assert torch.equal(first.test, again.test) and torch.equal(first.stand_in, again.stand_in)


def test_few_digits_make_it_smaller(config: VaeConfig) -> None:
    assert real_digits(config, 10_000).count == 100
    ones = real_digits(config.replace(classes=(1, 7)), 10_000)
    assert 20 <= ones.count < 40
    assert len(ones.train) < 100


def test_too_few_are_told(config: VaeConfig) -> None:
    with pytest.raises(DataError, match=r"found .* test digits to measure against, wanted 20 or more"):
        real_digits(config.replace(classes=(5,)), 10_000)


def test_what_is_known_of_them_belongs_to_the_test_digits(config: VaeConfig) -> None:
    real = real_digits(config, 60)
    assert torch.equal(real.judged.features, real.judge(real.test).features)
    torch.testing.assert_close(real.moments.mean, real.judged.features.double().mean(0))
    assert float(real.shares.sum()) == pytest.approx(1)
    first, *spaces = real.spaces
    assert first.lists.rows.shape == (60, 32) and first.pool().shape == (300, 64)
    assert [space.name for space in spaces] == ["pixels", "hog"]
    assert torch.equal(spaces[0].real.features, real.test / 255)


def test_with_the_panel_each_judge_is_a_space(config: VaeConfig) -> None:
    real = real_digits(config, 60, panel=True)
    assert [space.name for space in real.spaces] == [member.name for member in PANEL] + ["pixels", "hog"]
    assert real.keys == {member.name: file_key(member_folder(config.dataset, member) / WEIGHTS) for member in PANEL}
    one, other = (space.real.features for space in real.spaces[:2])
    assert one.shape == other.shape and not torch.allclose(one, other)
