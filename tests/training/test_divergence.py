import math
from typing import Any

import pytest

from gencmp.data.digits import Digits
from gencmp.errors import TrainingFailed
from gencmp.events import Checkpoint, Epoch
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import PRESETS
from gencmp.training.divergence import ABSURD_GAN_LOSS, ABSURD_VAE_LOSS, refuse_absurd, refuse_nan
from gencmp.training.loop import train


def vae_epoch(reconstruction: Any, kl: Any) -> Any:
    return {}, {}, {"reconstruction": reconstruction, "kl": kl}


def gan_epoch(mean: Any, last: Any) -> Any:
    return {"generator_loss": mean, "discriminator_loss": 0.1}, {"generator_loss": last, "discriminator_loss": 0.1}, {}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_named_with_its_place(value: Any) -> None:
    with pytest.raises(
        TrainingFailed, match=r"^At epoch 2, step 9, d real is -?(nan|inf): the training has diverged\. Lower"
    ):
        refuse_nan({"d_fake": 0.5, "d_real": value}, 2, 9)
    refuse_nan({"d_fake": 0.5, "d_real": 1e30}, 2, 9)


@pytest.mark.parametrize(
    ("config", "figures", "absurd"),
    [
        (VaeConfig(), vae_epoch(784 * math.log(2), 1.0), False),
        (VaeConfig(), vae_epoch(200.0, ABSURD_VAE_LOSS), True),
        (VaeConfig(), vae_epoch(7.8e12, 1.0), True),
        (VaeConfig(beta=0), vae_epoch(90.0, 1e6), False),  # nothing holds its means near the middle
        (VaeConfig(beta=1000), vae_epoch(207.0, 100.0), False),
        (GanConfig(), gan_epoch(72.0, 72.0), False),
        (GanConfig(), gan_epoch(3.2e12, 5.4e13), True),
        (GanConfig(), gan_epoch(10 * ABSURD_GAN_LOSS, 54.0), False),  # it came back
        (GanConfig(), gan_epoch(54.0, 10 * ABSURD_GAN_LOSS), False),  # one minibatch
    ],
)
def test_finite_losses_that_no_model_has_which_still_learns(
    config: Any, figures: tuple[Any, Any, Any], absurd: bool
) -> None:
    if absurd:
        with pytest.raises(TrainingFailed, match=r"At epoch 3, step 30, .* is .*: the training has diverged"):
            refuse_absurd(config, *figures, 3, 30)
    else:
        refuse_absurd(config, *figures, 3, 30)


def test_a_gan_whose_losses_grow_without_end_fails_before_its_weights_are_kept(gan: GanConfig, digits: Digits) -> None:
    wild = gan.replace(generator_learning_rate=10.0, discriminator_learning_rate=10.0)
    events: list[Any] = []
    with pytest.raises(TrainingFailed, match=r"At epoch 1, step 6, (discriminator|generator) loss is \d\.\d+e\+"):
        events.extend(train(wild, digits))
    assert not [event for event in events if isinstance(event, (Epoch, Checkpoint))]


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, known in PRESETS.items() for name in known if name not in ("paper", "quick")],
)
def test_the_instructive_failures_are_no_divergence(kind: Any, name: Any, digits: Digits) -> None:
    config = PRESETS[kind][name].config.replace(epochs=2)
    assert len([event for event in train(config, digits) if isinstance(event, Epoch)]) == 2
