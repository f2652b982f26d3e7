"""Lessons about the VAE: the size of its latent space, and its bound beside the GAN's losses. Imports no torch."""

from __future__ import annotations

from gencmp.lessons import findings
from gencmp.lessons.lesson import Chart, Lesson, Variant
from gencmp.lessons.of_gan import DISTANCE
from gencmp.lessons.sources import source
from gencmp.settings.configs import VaeConfig
from gencmp.settings.presets import preset

EPOCHS, LIMIT = 6, 20_000


def _size(key: str, count: int) -> Variant:
    label = f"{count} number{'s' if count > 1 else ''}"
    words = f"{label} between [encoder] and [decoder]"
    return Variant(key, label, words, VaeConfig(epochs=EPOCHS, limit=LIMIT, latent_size=count))


LATENT = Lesson(
    key="latent",
    number=11,
    title="Room between the two",
    question="The [encoder] leaves the [decoder] 1, 2, 8 or 32 numbers to work with. What gets clearly better from 2 numbers"
    " to 32: the copies of given digits (reconstructions), new digits (samples), or both?",
    minutes=2.5,
    predictions={
        "reconstructions": "Reconstructions only", "samples": "Samples only", "both": "Both", "neither": "Neither",
    },
    variants=(_size("one", 1), _size("two", 2), _size("eight", 8), _size("thirty_two", 32)),
    charts=(
        Chart(
            "reconstruction",
            "Reconstruction of test digits",
            "Nats per image",
            "How much of a given digit is lost on its way through the few numbers: the [reconstruction] loss of test digits."
            " More numbers lose less; does the last step still help as much as the first?",
        ),
        Chart(
            "frechet",
            "Fréchet distance of new digits",
            "Fréchet distance",
            "How near new digits, made from random numbers, are to real ones. Do the four lines come in the same order as on"
            " the other chart?",
        ),
    ),
    figures=("reconstruction", "negative_elbo", "frechet", "recognised"),
    find=findings.latent,
    depends="The claim's “output” can be two things. Copies get better with every number that is used. New digits are made from random"
    " points, the [prior]: the more numbers, the more of that space the [encoder] never visits, so new digits stop getting better,"
    " and may get worse. Numbers beyond those that the data need stay unused.",
    sources=(
        source(
            "Kingma & Welling 2014",
            "Trains VAEs of 3 to 200 latent numbers on MNIST: superfluous ones do not [over-fit|over-fitting], "
            "because [KL] switches them off.",
        ),
        source(
            "Burda, Grosse & Salakhutdinov 2016",
            "Counts how many latent numbers a trained VAE really uses: far fewer than it has.",
        ),
        source(
            "Dai & Wipf 2019",
            "Good reconstructions do not make good samples: what the [encoder] uses need not match the [prior].",
        ),
    ),
)  # fmt: skip

BOUND = Lesson(
    key="bound",
    number=12,
    title="Which loss tells?",
    question="A VAE's loss is a [bound|ELBO] on how well it explains the digits; a GAN's two losses are scores of a game. Whose"
    " loss, as it falls, tells that the digits are getting better?",
    minutes=2,
    predictions={"vae": "The VAE's only", "gan": "The GAN's only", "both": "Both", "neither": "Neither"},
    variants=(
        Variant("gan", "GAN", "quick settings, 12 [epochs|epoch]", preset("gan", "quick").config.replace(epochs=12)),
        Variant(
            "vae", "VAE", "quick settings, 12 [epochs|epoch]",
            preset("vae", "quick").config.replace(epochs=12, limit=LIMIT),
        ),
    ),
    charts=(
        Chart(
            "loss",
            "Losses",
            "Share of the first epoch's",
            "The VAE's [negative ELBO] on test digits and the GAN's [generator loss], each as a share of what it was after the"
            " first [epoch]. Which of the two falls steadily?",
            lines=((1.0, "as after the first epoch"),),
        ),
        DISTANCE,
    ),
    figures=("tracks", "frechet", "recognised"),
    find=findings.bound,
    depends="A VAE's loss can be compared from [epoch] to epoch, as it measures the same thing throughout. A GAN's loss says"
    " only who is ahead of whom: it may fall while the digits get better or worse. But even a VAE's lower loss need not look"
    " better, and a game that never settles can still draw well.",
    sources=(
        source(
            "Arjovsky, Chintala & Bottou 2017",
            "Shows that a GAN's usual loss does not follow the quality of its samples, and proposes a loss that "
            "does.",
        ),
        source(
            "Theis, van den Oord & Bethge 2016",
            "Likelihood and looks are largely independent: either can be good while the other is poor.",
        ),
    ),
)  # fmt: skip
