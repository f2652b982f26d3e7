"""Named settings, each with a reason: the paper's, a quick one, and instructive failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gencmp.errors import ConfigError
from gencmp.settings.configs import Config, GanConfig, VaeConfig


@dataclass(frozen=True)
class Preset:
    """why: one sentence on what a learner can see with it."""

    name: str
    label: str
    why: str
    config: Config


def _of(*presets: Preset) -> dict[str, Preset]:
    return {preset.name: preset for preset in presets}


PRESETS: dict[str, dict[str, Preset]] = {
    "gan": _of(
        Preset("paper", "Paper", "The paper's own settings: 50 epochs on all training pictures.", GanConfig()),
        Preset(
            "quick",
            "Quick",
            "Recognisable digits in about a minute on a laptop: fewer images, five times the learning rate, a lower β₁ in"
            " Adam, no dropout in G.",
            GanConfig(
                epochs=16,
                limit=20_000,
                beta1=0.5,
                generator_dropout=0.0,
                generator_learning_rate=1e-3,
                discriminator_learning_rate=1e-3,
            ),
        ),
        Preset(
            "strong-discriminator",
            "D too strong",
            "The discriminator takes five steps for each step of the generator and learns fast. Soon it is never wrong,"
            " D(x) near 1 for real pictures and D(G(z)) near 0 for generated ones, and the generator gets no useful gradient"
            " (claim 3).",
            GanConfig(
                epochs=10,
                limit=20_000,
                discriminator_steps=5,
                discriminator_learning_rate=1e-3,
                discriminator_dropout=0.0,
                real_label=1.0,
            ),
        ),
        Preset(
            "weak-discriminator",
            "D too lenient",
            "The discriminator learns a hundred times slower than the generator and only guesses: D(x) and D(G(z)) both stay"
            " near one half, as they would between two good models, but the samples are noise (claim 3).",
            GanConfig(epochs=10, limit=20_000, discriminator_learning_rate=2e-6),
        ),
        Preset(
            "relu",
            "ReLU, not leaky",
            "Plain ReLU instead of leaky ReLU, everything else as in the paper (claim 6).",
            GanConfig(epochs=20, activation="relu"),
        ),
        Preset(
            "no-dropout",
            "No dropout",
            "Dropout switched off in both networks, everything else as in the paper (claim 8).",
            GanConfig(epochs=20, generator_dropout=0.0, discriminator_dropout=0.0),
        ),
        Preset(
            "convolutional",
            "Convolutional",
            "Convolutions in D and transposed convolutions in G instead of most dense layers, as in DCGAN (Radford et al. 2016),"
            " with its lower β₁ in Adam, higher learning rates and no dropout in G.",
            GanConfig(
                network="conv",
                epochs=10,
                beta1=0.5,
                generator_learning_rate=4e-4,
                discriminator_learning_rate=4e-4,
                generator_dropout=0.0,
            ),
        ),
    ),
    "vae": _of(
        Preset("paper", "Paper", "The paper's own settings: 51 epochs on all training pictures.", VaeConfig()),
        Preset(
            "quick",
            "Quick",
            "Recognisable digits in about a minute on a laptop: ten epochs on 30,000 digits.",
            VaeConfig(epochs=10, limit=30_000),
        ),
        Preset(
            "latent-20",
            "Latent size 20",
            "Ten times as many latent numbers: sharper reconstructions, but no latent plane to look at (claim 11).",
            VaeConfig(epochs=20, latent_size=20),
        ),
        Preset(
            "posterior-collapse",
            "Posterior collapse",
            "The reconstruction is averaged over the pixels, so the KL term outweighs it: every picture"
            " becomes the mean digit (claim 9).",
            VaeConfig(epochs=5, limit=20_000, reduction="pixel_mean"),
        ),
        Preset(
            "autoencoder",
            "No KL term",
            "β = 0 leaves a plain autoencoder: good reconstructions, but holes in the latent plane.",
            VaeConfig(epochs=10, beta=0.0),
        ),
        Preset(
            "convolutional",
            "Convolutional",
            "Convolutions in the encoder and transposed convolutions in the decoder, of which section 3 of the paper speaks, instead"
            " of most dense layers; ELU, with which its deeper networks learn faster, larger minibatches, and a high learning rate that"
            " falls from epoch to epoch, with which the digits end up sharper.",
            VaeConfig(
                network="conv",
                epochs=22,
                batch_size=200,
                learning_rate=3e-3,
                learning_rate_decay="linear",
                activation="elu",
            ),
        ),
    ),
}


# what a lesson changes without making it another experiment: length, data, chance, the machine
_AROUND = ("epochs", "limit", "classes", "dataset", "seed", "device", "precision", "threads", "keep_per_decade")


def followed(kind: str, name: str, settings: Mapping[str, Any], based_on: str = "") -> Preset | None:
    """The preset of this name. For own settings, one that they follow in all but length, data, seed and machine: the one that
    they are based on, else the nearest."""
    if name in PRESETS[kind]:
        return PRESETS[kind][name]
    alike = [each for each in PRESETS[kind].values() if set(_changes(each, settings)) <= set(_AROUND)]
    return min(alike, key=lambda each: (each.name != based_on, len(_changes(each, settings))), default=None)


def _changes(each: Preset, settings: Mapping[str, Any]) -> list[str]:
    return [key for key, value in each.config.to_dict().items() if settings.get(key, value) != value]


def preset_title(kind: str, name: str, settings: Mapping[str, Any], based_on: str = "") -> str:
    """ "D too strong"; "D too strong, changed" with another length or other data; "own settings" for any others."""
    found = followed(kind, name, settings, based_on)
    if found is None:
        return "own settings"
    return f"{found.label}, changed" if set(_changes(found, settings)) - {"seed"} else found.label


def preset(kind: str, name: str) -> Preset:
    """Raises ConfigError when this kind of model has no preset of this name."""
    try:
        return PRESETS[kind][name]
    except KeyError:
        raise ConfigError(
            "preset", f"{kind} has no preset {name!r}. It has: {', '.join(PRESETS.get(kind, {}))}."
        ) from None


# what may differ without another experiment: chance, the machine, what is kept, and the length, which is said by itself
_NOT_OF_A_PRESET = ("seed", "device", "precision", "threads", "keep_per_decade", "epochs", "dataset", "classes")


def preset_of(config: Config) -> Preset | None:
    """The preset that a config follows in all that matters, on whatever data and for however long; None if it follows none."""
    wanted = {name: value for name, value in config.to_dict().items() if name not in _NOT_OF_A_PRESET}
    return next(
        (each for each in PRESETS[config.kind].values() if wanted.items() <= each.config.to_dict().items()), None
    )


def is_the_papers(config: Config, epoch: int) -> bool:
    """Whether this is the paper's experiment: its settings on all of MNIST, trained for as long."""
    paper = PRESETS[config.kind]["paper"]
    on_the_same = (config.dataset, config.classes) == (paper.config.dataset, paper.config.classes)
    return preset_of(config) == paper and on_the_same and epoch == paper.config.epochs
