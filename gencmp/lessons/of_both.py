"""Lessons about both models; most need no runs of their own, as recorded facts of finished models or a component answer them.

Imports no torch."""

from __future__ import annotations

from gencmp.lessons import findings
from gencmp.lessons.lesson import Chart, Lesson, Variant
from gencmp.lessons.of_gan import QUICK
from gencmp.lessons.sources import source
from gencmp.settings.configs import SHIFTED_DATA, VaeConfig
from gencmp.settings.paper import Door

IMAGES = Lesson(
    key="images",
    number=1,
    title="Whose digits are better?",
    question="Look at both models' digits beside real ones. Whose are clearer, and how would you decide?",
    minutes=2,
    predictions={"VAE": "The VAE's", "GAN": "The GAN's", "depends": "It depends on what counts"},
    depends="“Clear” can mean sharp, free of specks, or legible, and a digit can be one without the other. The VAE averages"
    " what it is unsure of, which blurs; the GAN is punished for blur, and leaves specks and broken shapes.",
    sources=(
        source("Theis, van den Oord & Bethge 2016", "Which model is better depends on what it is for; no single measure decides."),
        source("Zhou et al. 2019", "How to ask people properly: many of them, one picture at a time, real ones mixed in."),
    ),
    doors=(
        Door("Ask your class in a blind vote", "vote"),
        Door("See all figures", "verdict", {"runs": "paper-gan,paper-vae"}),
        Door("Compare them", "compare", {"columns": "paper-gan,real,paper-vae"}),
    ),
)  # fmt: skip

SHAPES = Lesson(
    key="shapes",
    number=2,
    title="Out of shape",
    question="Of 64 digits drawn by each model, which has more that nobody can read? Next, a [judge] sorts them by how sure it is"
    " of what they are.",
    minutes=1.5,
    predictions={"GAN": "The GAN", "VAE": "The VAE", "even": "About as many of both"},
    depends="A digit can be out of shape because the model drew it badly, or because the data hold such digits, too: people"
    " write them. Hence real digits are sorted in the same way.",
    sources=(
        source("Goodfellow et al. 2014", "Says of its own samples that they are not better than those of earlier models, but competitive."),
        source("Lucic et al. 2018", "Samples of one model differ more between [seeds|seed] and settings than between kinds of GAN."),
    ),
    doors=(
        Door("Sort them yourself", "compare", {"columns": "paper-gan,real,paper-vae", "order": "confidence"}),
        Door("See how many of 10,000", "verdict", {"runs": "paper-gan,paper-vae"}),
    ),
)  # fmt: skip

REAL_SPREAD = 3.5  # pixels, of the test digits of shifted MNIST
SHIFTED = {"dataset": SHIFTED_DATA, "limit": 30_000, "epochs": 10}

POSITIONS = Lesson(
    key="positions",
    number=4,
    title="Where is it?",
    question="In MNIST, the middle of each digit's ink, its centre of mass, lies in the middle of the picture. Here each digit has"
    " been shifted at random by up to 4 pixels, so it need not be in the middle. Whose digits are placed less like real ones?",
    minutes=1.5,
    predictions={"GAN": "The GAN's", "VAE": "The VAE's", "even": "Both about right"},
    variants=(
        Variant("gan", "GAN", "quick settings, on shifted digits", QUICK.replace(**SHIFTED)),
        Variant("vae", "VAE", "16 latent numbers, on the same digits", VaeConfig(latent_size=16).replace(**SHIFTED)),
    ),
    charts=(
        Chart(
            "spread",
            "How far apart they stand",
            "Pixels",
            "How far from their common middle the 64 digits above stand (the root of the mean square). At first they crowd there."
            " Whose come nearer to the dashed line, which is that of real digits?",
            lines=((REAL_SPREAD, "real digits"),),
        ),
    ),
    figures=("off", "share", "clouds"),
    find=findings.positions,
    depends="A [dense network|linear layer] has to learn each place anew, in a GAN and in a VAE alike, and both need some"
    " [epochs|epoch] until their digits leave the middle. What a VAE can place depends on its latent numbers: the paper's has two,"
    " and a place alone takes both, so little is left for which digit it is. Plain MNIST does not test this claim, as"
    " all its digits are in the middle.",
    sources=(
        source("Liu et al. 2018", "Even convolutions find it hard to put things at given coordinates; a GAN with coordinates as input does better."),
    ),
    doors=(Door("Shift digits by the generator's noise", "explore", {"gan": "paper-gan", "tab": "steer"}),),
)  # fmt: skip

LOSS = Lesson(
    key="loss",
    number=9,
    title="The loss by hand",
    question="The VAE's loss has two terms: [reconstruction], how much of a digit is lost, and [KL], how much the [encoder] says of"
    " it. No library has their sum ready. How many [nats] of one digit's loss come from each?",
    minutes=3,
    predictions={"reconstruction": "Most is reconstruction", "kl": "Most is KL", "half": "About half each"},
    depends="Both terms are in libraries today: PyTorch has the [cross-entropy|binary cross-entropy], and [KL] of two Gaussians. What no"
    " library decides is how they are summed. Whoever takes the mean over pixels in place of the sum trains another model,"
    " without any warning.",
    sources=(
        source("Kingma & Welling 2014", "Derives both terms; the formula for [KL] of Gaussians is in its appendix B."),
    ),
    doors=(Door("Train a wrong mean", "train", {"models": "vae", "preset": "posterior-collapse"}),),
)  # fmt: skip

SIZES = Lesson(
    key="sizes",
    number=10,
    title="Sizes that must agree",
    question="The [encoder] puts out some numbers, the [decoder] takes some in. What happens if the two do not agree?",
    minutes=2,
    predictions={"error": "An error at once", "silent": "It trains, but badly", "nothing": "Nothing changes"},
    depends="The two must agree in size, and in what the numbers mean: a decoder of the right size from another run draws"
    " nonsense, without any error.",
    sources=(source("Kingma & Welling 2014", "[Encoder|encoder] and [decoder] share nothing but the latent numbers between them."),),
    doors=(Door("Send a digit through both", "explore", {"vae": "paper-vae", "digit": "3"}),),
)  # fmt: skip
