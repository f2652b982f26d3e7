"""The literature that the lessons cite."""

from __future__ import annotations

from gencmp.lessons.lesson import Source

ARXIV = "https://arxiv.org/abs/"
KNOWN = {  # author and year -> title, address
    "Goodfellow et al. 2014": ("Generative adversarial nets", f"{ARXIV}1406.2661"),
    "Kingma & Welling 2014": ("Auto-encoding variational Bayes", f"{ARXIV}1312.6114"),
    "Arjovsky & Bottou 2017": (
        "Towards principled methods for training generative adversarial networks", f"{ARXIV}1701.04862",
    ),
    "Arjovsky, Chintala & Bottou 2017": ("Wasserstein GAN", f"{ARXIV}1701.07875"),
    "Heusel et al. 2017": (
        "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", f"{ARXIV}1706.08500",
    ),
    "Srivastava et al. 2014": (
        "Dropout: a simple way to prevent neural networks from overfitting",
        "https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    "Karras et al. 2020": ("Training generative adversarial networks with limited data", f"{ARXIV}2006.06676"),
    "Radford, Metz & Chintala 2016": (
        "Unsupervised representation learning with deep convolutional generative adversarial networks",
        f"{ARXIV}1511.06434",
    ),
    "Clevert, Unterthiner & Hochreiter 2016": (
        "Fast and accurate deep network learning by exponential linear units (ELUs)", f"{ARXIV}1511.07289",
    ),
    "Lucic et al. 2018": ("Are GANs created equal? A large-scale study", f"{ARXIV}1711.10337"),
    "Telgarsky 2016": ("Benefits of depth in neural networks", f"{ARXIV}1602.04485"),
    "Theis, van den Oord & Bethge 2016": ("A note on the evaluation of generative models", f"{ARXIV}1511.01844"),
    "Zhou et al. 2019": (
        "HYPE: a benchmark for human eye perceptual evaluation of generative models", f"{ARXIV}1904.01121",
    ),
    "Burda, Grosse & Salakhutdinov 2016": ("Importance weighted autoencoders", f"{ARXIV}1509.00519"),
    "Dai & Wipf 2019": ("Diagnosing and enhancing VAE models", f"{ARXIV}1903.05789"),
    "Liu et al. 2018": (
        "An intriguing failing of convolutional neural networks and the CoordConv solution", f"{ARXIV}1807.03247",
    ),
}  # fmt: skip


def source(who: str, says: str) -> Source:
    """who: a key of KNOWN. says: what it says about the lesson's question, with terms in brackets."""
    title, address = KNOWN[who]
    return Source(f"{who}, {title}", says, address)
