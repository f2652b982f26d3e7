"""The settings of a training run: frozen, validated, and convertible to and from JSON.

Each field carries its help, unit and source, so that the command line, the pages and the documentation show the same
sentence. Sources: "text" and "code" refer to the paper's text and code; "ours" is a choice of this project.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from gencmp.errors import ConfigError
from gencmp.settings.own_folder import names_folder
from gencmp.settings.setting import Setting, checked, default_of, refuse_unknown_settings, setting, settings_of

ACTIVATIONS = ("leaky_relu", "relu", "elu", "tanh")
SHIPPED_DATA = "mnist"
SHIFTED_DATA = "mnist-shifted"  # made of the shipped digits, see data/shipped.py
TORCHVISION_DATA = ("fashion-mnist", "kmnist", "qmnist")
DATASETS = (SHIPPED_DATA, SHIFTED_DATA, *TORCHVISION_DATA)
MAX_CLASSES = 100
DENSE, CONVOLUTIONAL = "dense", "conv"  # networks
CONSTANT, LINEAR = "constant", "linear"  # learning rate decay


@dataclass(frozen=True)
class Config:
    """The settings that both models share. Use GanConfig or VaeConfig."""

    kind: ClassVar[str] = ""

    dataset: str = setting(
        SHIPPED_DATA,
        "Data set",
        "mnist (shipped), mnist-shifted (each of its digits moved by up to 4 pixels), fashion-mnist, kmnist, qmnist, or a folder"
        " of IDX files or of pictures.",
        "text",
        group="data",
    )
    classes: tuple[int, ...] = setting(
        (),
        "Classes",
        "Which classes to train on, by number (for MNIST, the digits themselves); leave empty for all.",
        "ours",
        low=0,
        high=MAX_CLASSES - 1,
        group="data",
    )
    limit: int = setting(
        0,
        "Number of images",
        "Train on only this many images, taken from the start of the data set; 0 means all of them.",
        "ours",
        unit="images",
        low=0,
        high=10_000_000,
        group="data",
    )
    network: str = setting(
        DENSE,
        "Networks",
        "dense: each neuron reads all numbers of the layer before it, as in section 5 of the paper. conv: convolutions"
        " and transposed convolutions with sizes of their own, as in section 3 and in DCGAN (Radford et al. 2016).",
        "text",
        choices=(DENSE, CONVOLUTIONAL),
        group="model",
    )
    epochs: int = setting(
        50, "Epochs", "How often the model sees each training image.", "text", unit="epochs", low=1, high=10_000
    )
    batch_size: int = setting(
        64, "Batch size", "Images in one optimisation step.", "code", unit="images", low=1, high=10_000
    )
    shuffle: bool = setting(
        True, "Shuffle", "Shuffle the images before every epoch. The paper's GAN code did not.", "ours"
    )
    beta1: float = setting(
        0.9,
        "Adam β₁",
        "How slowly the running mean of the gradient changes: 0 uses only the current step, near 1 averages over many.",
        "code",
        low=0.0,
        high=0.9999,
        group="optimiser",
    )
    beta2: float = setting(
        0.999,
        "Adam β₂",
        "How slowly the running mean of the squared gradient changes, and with it each weight's step size.",
        "code",
        low=0.0,
        high=0.999999,
        group="optimiser",
    )
    learning_rate_decay: str = setting(
        CONSTANT,
        "Learning rate decay",
        "linear: the learning rate falls by the same amount after each epoch, from its full value in the first to 1/epochs of it in"
        " the last: large steps at first, small ones to settle. Changing the rate of a live run changes the full value."
        " constant: the rate stays as it is.",
        "ours",
        choices=(CONSTANT, LINEAR),
        group="optimiser",
    )
    seed: int = setting(
        0,
        "Seed",
        "The same settings, seed, device, type of processor and thread record give the same bits.",
        "ours",
        low=0,
        high=2**31 - 1,
    )
    device: str = setting(
        "auto",
        "Device",
        "Where to compute: auto takes CUDA if there is one, else Apple's MPS, else the CPU.",
        "ours",
        choices=("auto", "cpu", "cuda", "mps"),
        group="machine",
    )
    precision: str = setting(
        "auto",
        "Precision",
        "auto multiplies in bfloat16 where the hardware has instructions for it, and keeps sums, weights and"
        " the optimiser in float32; float32 uses float32 throughout.",
        "ours",
        choices=("auto", "float32"),
        group="machine",
    )
    threads: str = setting(
        "auto",
        "Threads",
        "How many CPU threads to train with. auto decides once, when the run starts, from the number of cores and of live"
        " runs; the number is stored with the run and used again when it resumes.",
        "ours",
        choices=("auto", "1", "2", "3", "4", "6", "8", "12", "16"),
        group="machine",
    )
    keep_per_decade: int = setting(
        8,
        "Epochs kept",
        "For how many epochs the weights are kept for replay between epochs 1 and 10, again between 10 and 100, and so on;"
        " those of the first and the last are always kept.",
        "ours",
        unit="per decade",
        low=1,
        high=1000,
        group="machine",
    )

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
        object.__setattr__(self, "classes", tuple(sorted(set(self.classes))))
        if self.dataset not in DATASETS and not names_folder(self.dataset):
            wanted = f"one of {', '.join(DATASETS)}, or the full path of a folder"
            raise ConfigError("dataset", f"Data set: found {self.dataset!r}, wanted {wanted}.")
        self._refuse_widths()

    def _refuse_widths(self) -> None:
        """Convolutional networks have sizes of their own."""
        known = settings_of(self)
        for name in without_effect(self.network, known):
            if getattr(self, name) != default_of(type(self), name):
                raise ConfigError(
                    name,
                    f"{known[name].label}: widths are a dense network's; a convolutional one has sizes of its own."
                    " Leave them out, or choose dense networks.",
                )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, `kind` first."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {"kind": self.kind} | {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}

    def to_json(self) -> str:
        return json.dumps(self.to_dict())

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed, validated again. Raises ConfigError."""
        refuse_unknown_settings(type(self), changes)
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True)
class GanConfig(Config):
    """The paper's generative adversarial network (sections 2 and 4)."""

    kind: ClassVar[str] = "gan"

    generator_learning_rate: float = setting(
        2e-4,
        "Learning rate of G",
        "Adam's step size for the generator.",
        "text",
        low=1e-8,
        high=10.0,
        group="optimiser",
    )
    discriminator_learning_rate: float = setting(
        2e-4,
        "Learning rate of D",
        "Adam's step size for the discriminator.",
        "text",
        low=1e-8,
        high=10.0,
        group="optimiser",
    )
    noise_size: int = setting(
        100,
        "Noise size",
        "How many random numbers each picture is generated from.",
        "text",
        unit="numbers",
        low=1,
        high=10_000,
        group="model",
    )
    noise: str = setting(
        "uniform",
        "Noise",
        "The distribution of the noise: uniform between -1 and 1, or standard normal.",
        "code",
        choices=("uniform", "normal"),
        group="model",
    )
    generator_widths: tuple[int, ...] = setting(
        (128, 256, 512),
        "Layers of G",
        "Widths of the generator's hidden layers, from noise to picture.",
        "text",
        unit="neurons",
        low=1,
        high=8192,
        group="model",
        layers=(1, 12),
    )
    discriminator_widths: tuple[int, ...] = setting(
        (512, 256, 128),
        "Layers of D",
        "Widths of the discriminator's hidden layers, from picture to verdict.",
        "text",
        unit="neurons",
        low=1,
        high=8192,
        group="model",
        layers=(1, 12),
    )
    activation: str = setting(
        "leaky_relu",
        "Activation",
        "The function that each hidden neuron applies to its weighted sum.",
        "text",
        choices=ACTIVATIONS,
        group="model",
    )
    leaky_slope: float = setting(
        0.2,
        "Leaky slope",
        "The factor that leaky ReLU multiplies negative sums by.",
        "code",
        low=0.0,
        high=1.0,
        group="model",
    )
    generator_dropout: float = setting(
        0.3,
        "Dropout in G",
        "Share of hidden neurons switched off at each step, after every hidden layer.",
        "text",
        low=0.0,
        high=0.95,
        group="model",
    )
    discriminator_dropout: float = setting(
        0.3,
        "Dropout in D",
        "Share of hidden neurons switched off at each step, after every hidden layer.",
        "text",
        low=0.0,
        high=0.95,
        group="model",
    )
    real_label: float = setting(
        0.9,
        "Label of real images",
        "One-sided label smoothing: the target probability that a real image is real. 1 means no smoothing.",
        "code",
        low=0.5,
        high=1.0,
    )
    discriminator_steps: int = setting(
        1, "D steps", "Discriminator steps on each minibatch, before the generator's.", "code", low=0, high=20
    )
    generator_steps: int = setting(1, "G steps", "Generator steps on each minibatch.", "code", low=0, high=20)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.discriminator_steps + self.generator_steps == 0:
            raise ConfigError(
                "generator_steps",
                "D steps and G steps are both 0, so nothing would learn. Set one of them to 1 or more.",
            )


@dataclass(frozen=True)
class VaeConfig(Config):
    """The paper's variational autoencoder (sections 3 and 5)."""

    kind: ClassVar[str] = "vae"

    epochs: int = setting(
        51,
        "Epochs",
        "How often the model sees each training image. The paper's text says 51, its code does 50.",
        "text",
        unit="epochs",
        low=1,
        high=10_000,
    )
    batch_size: int = setting(
        100, "Batch size", "Images in one optimisation step.", "code", unit="images", low=1, high=10_000
    )
    learning_rate: float = setting(
        1e-3, "Learning rate", "Adam's step size.", "code", low=1e-8, high=10.0, group="optimiser"
    )
    latent_size: int = setting(
        2,
        "Latent size",
        "How many numbers the encoder reduces a picture to; with 2, the latent space can be drawn as a plane.",
        "text",
        unit="numbers",
        low=1,
        high=1024,
        group="model",
    )
    encoder_widths: tuple[int, ...] = setting(
        (512, 256),
        "Layers of the encoder",
        "Widths of the hidden layers, from picture to latent.",
        "text",
        unit="neurons",
        low=1,
        high=8192,
        group="model",
        layers=(1, 12),
    )
    decoder_widths: tuple[int, ...] = setting(
        (256, 512),
        "Layers of the decoder",
        "Widths of the hidden layers, from latent to picture.",
        "text",
        unit="neurons",
        low=1,
        high=8192,
        group="model",
        layers=(1, 12),
    )
    activation: str = setting(
        "relu",
        "Activation",
        "The function that each hidden neuron applies to its weighted sum.",
        "text",
        choices=ACTIVATIONS,
        group="model",
    )
    leaky_slope: float = setting(
        0.2,
        "Leaky slope",
        "The factor that leaky ReLU multiplies negative sums by; the other activations do not use it.",
        "ours",
        low=0.0,
        high=1.0,
        group="model",
    )
    beta: float = setting(
        1.0,
        "β, the KL weight",
        "Weight of the KL term: 1 is the paper's lower bound; higher values give a smoother plane and blurrier pictures.",
        "code",
        low=0.0,
        high=1000.0,
    )
    reduction: str = setting(
        "sum",
        "Reduction",
        "How the loss is reduced: sum over the batch (the paper), mean over the batch, or the common mistake of averaging"
        " the reconstruction over the pixels as well, so that the KL term outweighs it.",
        "code",
        choices=("sum", "mean", "pixel_mean"),
    )


CONFIGS: dict[str, type[Config]] = {"gan": GanConfig, "vae": VaeConfig}


def without_effect(network: str, known: Mapping[str, Setting]) -> list[str]:
    """The settings that do not apply to such networks: of convolutional ones, the widths of layers."""
    return [name for name, each in known.items() if each.layers] if network == CONVOLUTIONAL else []


def network_settings(kind: type[Config]) -> list[str]:
    """The names of the settings that determine how the networks are built."""
    return [name for name, known in settings_of(kind).items() if known.group == "model"]
