"""Lessons about the GAN: its balance, its networks, its learning rates and its dropout. Imports no torch."""

from __future__ import annotations

from typing import Any

from gencmp.lessons import findings
from gencmp.lessons.lesson import Chart, Lesson, Variant
from gencmp.lessons.sources import source
from gencmp.settings.configs import GanConfig
from gencmp.settings.presets import preset

QUICK = preset("gan", "quick").config.replace(epochs=8)
assert isinstance(QUICK, GanConfig)
# so few digits that D can learn them by heart within a minute; small batches, as the test after each epoch costs as much as its steps
FEW = QUICK.replace(limit=500, batch_size=10, epochs=70)
DISTANCE = Chart(
    "frechet",
    "Fréchet distance",
    "Fréchet distance",
    "Whose digits are nearer to real ones: the lower the [Fréchet distance], the better. Look at the right end, and at who"
    " got there first.",
)
APART = Chart(
    "apart",
    "How well D tells real digits from generated ones",
    "D(x) − D(G(z))",
    "[D] gives each picture a number from 0, generated, to 1, real. Shown is its mean for real digits minus that for"
    " generated ones: near 1 it is never fooled, near 0 it only [guesses|D guesses].",
    is_smooth=True,
    lines=((1.0, "D is never fooled"), (0.0, "D only guesses")),
    between=(-0.15, 1.15),
)


def _silent(layer: int, width: int) -> Chart:
    """Of one of D's hidden layers."""
    look = (
        f"The share of [D]'s {width} neurons in this layer whose sum is negative for each of 1,000 test digits"
        " and 1,000 generated ones. With [ReLU] they are"
        " dead: they pass nothing on, and learn nothing. With the leak they still learn. ELU and tanh have no such threshold, and"
        " no line."
        if layer == 1
        else f"The same of layer {layer}. Which layer loses more of its neurons, and when?"
    )
    return Chart(
        f"silent_discriminator_{layer}", f"Silent neurons in D's layer {layer}", f"Share of {width} neurons", look
    )


def _variant(key: str, label: str, differs: str, base: Any = QUICK, **settings: Any) -> Variant:
    config = base.replace(**settings)
    assert isinstance(config, GanConfig)
    return Variant(key, label, differs, config)


SHORT = QUICK.replace(limit=10_000)

BALANCE = Lesson(
    key="balance",
    number=3,
    title="A balance of two",
    question="The [discriminator|D] is the [generator|G]'s only teacher. Which of four teachers brings the best digits: from"
    " one that hardly knows the difference to one that is far ahead?",
    minutes=3,
    predictions={
        "lenient": "The lenient one", "equal": "The equal one", "strong": "The strong one", "too_strong": "The far too strong one",
    },
    variants=(
        _variant(
            "lenient", "Too lenient", "[D] learns a hundred times slower than [G]", SHORT, discriminator_learning_rate=1e-5
        ),
        _variant("equal", "Equal", "[D] and [G] learn equally fast", SHORT),
        _variant(
            "strong", "Strong", "[D] takes five [steps|step] for each of [G]'s, without [dropout]", SHORT,
            discriminator_steps=5, discriminator_dropout=0.0, real_label=1.0,
        ),
        _variant(
            "too_strong", "Far too strong", "the same, with [steps|step] five times as large", SHORT,
            discriminator_steps=5, discriminator_dropout=0.0, real_label=1.0, discriminator_learning_rate=5e-3,
        ),
    ),
    charts=(APART, DISTANCE),
    figures=("apart", "frechet", "recognised"),
    find=findings.balance,
    depends="Which balance is best depends on the measure: equal pairs come nearest to real digits by the [Fréchet distance], but with a"
    " [D] that is ahead, more digits are recognised. The paper's code trains [G] to make D say “real”: even when D is sure, this"
    " loss tells G in which direction to change; that of the original theory does not. And a lenient D does not call everything"
    " real, as the claim has it: its answer is about one half.",
    sources=(
        source(
            "Goodfellow et al. 2014",
            "Proposes to train [D] a few steps for each of [G]'s, so that it stays near its best, and a loss that"
            " still tells G what to change when D is sure.",
        ),
        source(
            "Arjovsky & Bottou 2017", "Proves that [G]'s [gradient] vanishes as [D] becomes perfect, with the original loss."
        ),
    ),
)  # fmt: skip

LAYERS = Lesson(
    key="layers",
    number=5,
    title="How large a network?",
    question="Four sizes of both networks, from one layer of 64 neurons to six layers. Which draws the best digits after"
    " the same number of [epochs|epoch]?",
    minutes=3,
    predictions={
        "small": "One layer of 64", "wide": "One layer of 512", "paper": "The paper's three layers", "deep": "Six layers",
    },
    variants=(
        _variant(
            "small", "1 layer of 64", "one hidden layer of 64 neurons in each network",
            generator_widths=(64,), discriminator_widths=(64,),
        ),
        _variant(
            "wide", "1 layer of 512", "one hidden layer of 512 neurons in each network",
            generator_widths=(512,), discriminator_widths=(512,),
        ),
        _variant("paper", "3 layers", "the paper's three hidden layers in each network"),
        _variant(
            "deep", "6 layers", "each of the paper's layers twice",
            generator_widths=(128, 128, 256, 256, 512, 512), discriminator_widths=(512, 512, 256, 256, 128, 128),
        ),
    ),
    charts=(DISTANCE,),
    figures=("frechet", "recognised"),
    find=findings.layers,
    depends="A larger network can draw more, but only if training gets it there: with more layers the [gradient] has further to go,"
    " and in a GAN both networks must grow together. With other [learning rates|learning rate] or more [epochs|epoch], another"
    " size may come first.",
    sources=(
        source(
            "Telgarsky 2016",
            "Shows functions that deep networks express with few neurons, and shallow ones only with very many.",
        ),
        source(
            "Lucic et al. 2018",
            "With enough search for settings, GANs of different kinds reach similar results: tuning matters as "
            "much as design.",
        ),
    ),
)  # fmt: skip

ACTIVATIONS = Lesson(
    key="activations",
    number=6,
    title="Does the leak help?",
    question="A [ReLU] neuron passes nothing on, and learns nothing, while its sum is negative; a leaky one lets a fifth"
    " through. Four [activations|activation], otherwise equal. Which draws the best digits?",
    minutes=3,
    predictions={"leaky_relu": "Leaky ReLU", "relu": "ReLU", "elu": "ELU", "tanh": "tanh"},
    variants=(
        _variant("leaky_relu", "Leaky ReLU", "a fifth of a negative sum passes"),
        _variant("relu", "ReLU", "no negative sum passes", activation="relu"),
        _variant("elu", "ELU", "negative sums level off smoothly at −1", activation="elu"),
        _variant("tanh", "tanh", "all sums are squeezed between −1 and 1", activation="tanh"),
    ),
    charts=(DISTANCE, *(_silent(place, width) for place, width in enumerate(QUICK.discriminator_widths, 1))),
    figures=("frechet", "recognised", "apart", "silent"),
    find=findings.activations,
    depends="With the leak, a neuron goes on learning where one with [ReLU] does not. This counts most in [D], through which all that"
    " [G] learns must pass. Many of D's neurons may fall silent and the rest still be enough: then the difference between the two is"
    " small, and with one [seed] it may be chance.",
    sources=(
        source("Radford, Metz & Chintala 2016", "Found leaky [ReLU] to work well in [D]; used ReLU in [G]."),
        source(
            "Clevert, Unterthiner & Hochreiter 2016",
            "Introduces ELU, and reports faster learning than with [ReLU] and its leaky kind in classifiers.",
        ),
    ),
)  # fmt: skip

RATES = Lesson(
    key="rates",
    number=7,
    title="Keeping pace",
    question="What if [D] learns ten times slower than [G], or ten times faster? Which of the three draws the best digits?",
    minutes=2.5,
    predictions={"slow": "D ten times slower", "equal": "Equal learning rates", "fast": "D ten times faster"},
    variants=(
        _variant("slow", "D × 0.1", "[D]'s [learning rate] is a tenth of [G]'s", discriminator_learning_rate=1e-4),
        _variant("equal", "Equal", "both have the [learning rate] 0.001"),
        _variant("fast", "D × 10", "[D]'s [learning rate] is ten times [G]'s", discriminator_learning_rate=1e-2),
    ),
    charts=(APART, DISTANCE),
    figures=("apart", "frechet", "recognised"),
    find=findings.rates,
    depends="The rates decide who is ahead; who should be ahead is another question. A somewhat faster [D] often helps. One so fast"
    " that its own training becomes unstable does not. And the other settings, such as [dropout] and the number of [steps|step],"
    " change which ratio is best.",
    sources=(
        source(
            "Heusel et al. 2017",
            "Gives [D] and [G] their own [learning rates|learning rate], proves that training then settles, and measures"
            " better results.",
        ),
    ),
)  # fmt: skip

DROPOUT = Lesson(
    key="dropout",
    number=8,
    title="Learning by heart",
    question="With 500 digits to learn from, [D] may come to know them [by heart|over-fitting]. [Dropout|dropout] is meant"
    " to prevent that. How much of it in D brings the best digits?",
    minutes=3,
    predictions={"none": "No dropout", "paper": "0.3, as in the paper", "more": "0.6"},
    variants=(
        _variant("none", "No dropout", "[D] uses all its neurons", FEW, discriminator_dropout=0.0),
        _variant("paper", "Dropout 0.3", "[D] [drops|dropout] 30 % of its neurons at each step", FEW, discriminator_dropout=0.3),
        _variant("more", "Dropout 0.6", "[D] [drops|dropout] 60 % of its neurons at each step", FEW, discriminator_dropout=0.6),
    ),
    charts=(
        Chart(
            "by_heart",
            "What D knows by heart",
            "D on training − on test digits",
            "[D]'s mean opinion of the digits that it trains on, minus that of digits that it has never seen. At 0 it treats"
            " both alike; the further above, the more it knows [by heart|over-fitting].",
            lines=((0.0, "both alike"),),
        ),
        DISTANCE,
    ),
    figures=("by_heart", "frechet", "recognised"),
    find=findings.dropout,
    depends="[Over-fitting|over-fitting] depends on how much there is to learn from: with all 60,000 digits [D] over-fits far"
    " later than with 500. [Dropout|dropout] also makes D weaker, which shifts the balance of the two (lesson 3), and may help or harm.",
    sources=(
        source(
            "Srivastava et al. 2014",
            "Introduces [dropout] against [over-fitting]; about one half was near the best for hidden layers of "
            "many classifiers.",
        ),
        source(
            "Karras et al. 2020",
            "With few pictures [D] over-fits, and what it teaches becomes meaningless; the gap between training "
            "and unseen pictures shows it.",
        ),
    ),
)  # fmt: skip
