"""Lessons that need no runs of their own: recorded facts of finished models answer them, or a component does. Imports no torch."""

from __future__ import annotations

from gencmp.lessons.lesson import Lesson
from gencmp.lessons.sources import source
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

POSITIONS = Lesson(
    key="positions",
    number=4,
    title="Where is it?",
    question="In MNIST, each digit has been moved so that the middle of its ink, its centre of mass, lies in the middle of the"
    " picture. Do both models put their digits there, too?",
    minutes=1.5,
    predictions={"GAN": "The GAN is further off", "VAE": "The VAE is further off", "even": "Both are about right"},
    depends="MNIST hardly tests this claim, as all its digits are in the middle. They were moved by whole pixels, so that each is up"
    " to half a pixel off: hence the square cloud of real ones. On pictures in which things may stand anywhere, a"
    " [dense network|linear layer] has to learn each place anew, in a GAN and in a VAE alike.",
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
