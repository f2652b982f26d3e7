"""The paper's experiment, row by row: its text, its code, and gencmp; then its claims and published figures.

"Generative Models: Comparing Generative Adversarial Networks and Variational Auto Encoders on MNIST dataset",
Sachit Verma, University of Florida.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TITLE = "Generative Models: Comparing Generative Adversarial Networks and Variational Auto Encoders on MNIST dataset"
AUTHOR = "Sachit Verma, University of Florida"
QUOTE = "VAE yields clear and better quality images than GAN as it is evident from visual inspection"


@dataclass(frozen=True)
class Row:
    """One item of the experiment. A dash means that the source does not mention it."""

    item: str
    text: str
    code: str
    ours: str


GAN = (
    Row(
        "Discriminator",
        "784-512-256-128-1, leaky ReLU, dropout 0.3",
        "The same; slope 0.2; dropout after each of the 3 hidden layers; the output is a raw logit",
        "As the code",
    ),
    Row(
        "Generator",
        "100-128-256-512-784, leaky ReLU, dropout 0.3",
        "The same; slope 0.2; dropout after each of the 3 hidden layers; tanh output",
        "As the code",
    ),
    Row("Pixels", "–", "Scaled to [-1, 1] to match the tanh", "As the code"),
    Row("Noise", "100 numbers", "Uniform in (-1, 1); a fresh draw for D's phase and another for G's", "As the code"),
    Row(
        "Loss",
        "Binary cross entropy with the sigmoid in one class (logits)",
        "D: real labels 0.9 (one-sided smoothing), fake 0, the sum of the two means. G: fakes labelled 1 (non-saturating)",
        "As the code",
    ),
    Row(
        "Phases",
        "First D alone, G switched off; then G alone",
        "D step, then G step, on every minibatch",
        "As the code; G gets no gradient in D's phase",
    ),
    Row("Optimiser", "Learning rate 0.0002", "Adam, 0.0002, β 0.9 and 0.999, both networks", "As the code"),
    Row(
        "Batch",
        "–",
        "64; order not shuffled; the last batch of 32 kept",
        "64; shuffled by the seed (switch it off for the code's order)",
    ),
    Row("Length", "50 epochs", "50 epochs", "50 epochs"),
    Row("Samples", "4 x 4 grid", "16 fixed noise vectors, dropout off", "64 fixed noise vectors, dropout off"),
    Row(
        "Loss chart",
        "D and G over 50 epochs",
        "The last minibatch of each epoch: 50 single points",
        "The whole run, live; both epoch means and the last minibatch are stored",
    ),
)

VAE = (
    Row(
        "Encoder",
        "784-512-256-2, ReLU; section 3 mentions convolutions ¹",
        "Dense 784-512-256, two heads of 2: mean and log variance",
        "As the code",
    ),
    Row(
        "Decoder", "2-256-512-784, ReLU, sigmoid; section 3 mentions deconvolutions ¹", "Dense, sigmoid", "As the code"
    ),
    Row(
        "Loss",
        "Reconstruction + KL ²",
        "Summed binary cross entropy on grey pixels in [0, 1] + closed-form KL to N(0, I), summed over the batch",
        "As the code, reported in nats per image",
    ),
    Row("Optimiser", "–", "Adam, 0.001", "As the code"),
    Row("Batch", "–", "100, shuffled", "As the code"),
    Row("Length", "51 epochs", "50 epochs (range(1, 51)) ³", "51 epochs, as the text"),
    Row("Samples", "8 x 8 sheet (figure 5)", "64 draws of z ~ N(0, I), decoded", "As the code"),
)

SLIPS = (
    "¹ Section 3 mentions convolutions and deconvolutions; the layer lists of section 5 have none, and neither does the code."
    " The Convolutional presets train both models with them.",
    "² The captions under figure 4 are swapped: “data reconstruction loss” is under the KL term, and “regularization or the KL"
    " divergence” under the expected log likelihood.",
    "³ The text says 51 epochs, the code does 50.",
)


@dataclass(frozen=True)
class Door:
    """A page where a claim can be tried, with what its address asks for."""

    label: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)


TRAIN = Door("Train", "train")


def _train(label: str, kind: str, **settings: str) -> Door:
    """Train with these settings; a preset or single ones."""
    return Door(label, "train", {"models": kind, **settings})


@dataclass(frozen=True)
class Claim:
    """A claim of the paper. try_it: how to test it with gencmp. doors: where."""

    words: str
    try_it: str
    doors: tuple[Door, ...] = (TRAIN,)


CLAIMS = (
    Claim(
        "VAE images are clearer and better than GAN images, by visual inspection.",
        "Compare the samples, see what “Clear?” measures, ask your class in a blind vote, or train both models with other seeds.",
        (
            Door("Compare", "compare", {"columns": "paper-gan,real,paper-vae"}),
            Door("Verdict", "verdict", {"runs": "paper-gan,paper-vae"}),
            Door("Vote", "vote"),
            TRAIN,
        ),
    ),
    Claim(
        "GAN: some digits are totally out of shape. VAE: the majority can be recognised.",
        "Count them among the 64 samples of each, or see how many of 10,000 are legible to the judges.",
        (
            Door("Compare", "compare", {"columns": "paper-gan,paper-vae", "order": "digit"}),
            Door("Verdict", "verdict", {"runs": "paper-gan,paper-vae"}),
        ),
    ),
    Claim(
        "A discriminator that is too powerful calls everything fake, one that is too lenient calls everything real.",
        "GAN alone, presets “D too strong” and “D too lenient”: watch D(x) and D(G(z)).",
        (
            _train("D too strong", "gan", preset="strong-discriminator"),
            _train("D too lenient", "gan", preset="weak-discriminator"),
        ),
    ),
    Claim(
        "A GAN struggles with the position of objects.",
        "Train on digits that are shifted at random, or steer the generator's noise and watch what shifts.",
        (
            _train("Train on shifted digits", "gan", dataset="mnist-shifted"),
            Door("Explore", "explore", {"gan": "paper-gan", "tab": "steer"}),
        ),
    ),
    Claim(
        "The number of layers and neurons matters.", "All settings: change the layers, and overlay the curves on Runs."
    ),
    Claim(
        "Leaky ReLU beats ReLU.",
        "GAN alone, preset “ReLU, not leaky”, next to the paper's run.",
        (_train("Train with ReLU", "gan", preset="relu"),),
    ),
    Claim(
        "The learning rates decide whether D and G keep pace.",
        "All settings: raise D's learning rate tenfold.",
        (_train("Train with a fast D", "gan", discriminator_learning_rate="0.002"),),
    ),
    Claim(
        "Dropout 0.3 is best against over-fitting.",
        "GAN alone, preset “No dropout”. Explore shows what dropout does to the finished generator.",
        (
            _train("Train without", "gan", preset="no-dropout"),
            Door("Explore with dropout", "explore", {"gan": "paper-gan", "drop": "1"}),
        ),
    ),
    Claim(
        "The VAE's loss is in no library: reconstruction and KL are made by hand.",
        "Preset “Posterior collapse” shows what happens when one mean is taken wrongly.",
        (_train("Train a collapse", "vae", preset="posterior-collapse"),),
    ),
    Claim(
        "Encoder output and decoder input must change together.",
        "The latent size is a single setting here, so they always do. Send a digit through both.",
        (Door("Explore", "explore", {"vae": "paper-vae", "digit": "3"}),),
    ),
    Claim(
        "The bigger the latent space, the better the decoder's output.",
        "VAE alone, preset “Latent size 20”: the reconstructions improve. Do the samples, too?",
        (_train("Train with 20", "vae", preset="latent-20"),),
    ),
    Claim(
        "A VAE assumes a lower bound; a GAN assumes none and is hard to converge.",
        "Compare the ends of the two loss charts.",
        (Door("Compare", "compare", {"columns": "paper-gan,paper-vae"}),),
    ),
)


@dataclass(frozen=True)
class Published:
    """A figure from the literature. data, judge: which pictures, and in whose features. comparable: whether it can be compared
    with gencmp's figures, and why or why not."""

    what: str
    figures: str
    data: str
    judge: str
    source: str
    comparable: str


PUBLISHED = (
    Published(
        "Parzen-window log likelihood, nats",
        "DBN 138 ± 2, stacked CAE 121 ± 1.6, deep GSN 214 ± 1.1, adversarial nets 225 ± 2",
        "MNIST, 10,000 pictures drawn",
        "none: pixels",
        "Goodfellow et al. 2014, table 1",
        "The protocol, yes; but the measure misleads (Theis et al. 2016): it rewards blur, and a finer choice of widths alone lifts"
        " our GAN's by more than 10 nats. It answers none of the three questions",
    ),
    Published(
        "Fréchet distance in Inception features (FID)",
        "GANs after a large search: NS 6.8 ± 0.5, MM 9.8 ± 0.9, WGAN 6.7 ± 0.4. VAE with cross entropy, at its authors' default setting: 16.6 ± 0.4",
        "MNIST",
        "Inception, which learnt from photographs",
        "GANs: Lucic et al. 2018; VAE: Dai & Wipf 2019, table 1",
        "No: another judge, other networks. That our first judge gives the VAE about the same number is chance: our other judges give it 18 to 41",
    ),
    Published(
        "2-D latent VAE, dense, grey pixels, nats per image",
        "about 150 to 154; an identical network on 5,000 images 153.8",
        "MNIST",
        "none: likelihood bound",
        "public logs",
        "Partly: other training lengths and data",
    ),
    Published(
        "The same, all 60,000 digits",
        "161.0 after 1 epoch, 141.2 after 20, 138 to 139 after 50",
        "MNIST",
        "none: likelihood bound",
        "computed with the plain recipe: DataLoader, ToTensor, F.dropout, torch.optim.Adam",
        "Yes: the same network, loss, data and training length",
    ),
    Published(
        "Precision, recall, density, coverage of identical Gaussians",
        "0.477, 0.471, 1.056, 0.974",
        "two times 10,000 points of one Gaussian, 1,000 dimensions, k = 5",
        "none",
        "published example of prdc (Naeem et al. 2020)",
        "As a caution: the ceiling is not 1, hence the column of real pictures",
    ),
    Published(
        "Pictures misjudged by people with unlimited time (HYPE)",
        "50 % if they are indistinguishable from real ones; more if they look more real",
        "faces, objects",
        "trained and paid people",
        "Zhou et al. 2019",
        "The question, yes: the class's vote counts the same errors",
    ),
)
