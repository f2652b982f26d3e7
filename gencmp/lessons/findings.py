"""From the figures of a lesson's runs to what they have shown: pure functions. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping

from gencmp.lessons.history import FIGURES
from gencmp.lessons.lesson import Finding, Results

MARGIN = 0.1  # of the better value: two seeds of the same settings differ by about as much
SEPARATE = 0.8  # D(x) − D(G(z)) from which D is hardly ever wrong
GUESSES = 0.1  # below it D can hardly tell the two apart
LEARNT = 0.05  # D on training minus on test digits, from which D is said to know some by heart
TOLD_APART = 0.25  # pixels; a thousand digits tell their mean place to about a tenth
TELLS = 0.7  # a rank correlation from which a loss is said to tell the quality
MIXED = "too close to call with one [seed]"


def balance(results: Results) -> Finding | None:
    """Whether digits are best with a D that is neither too lenient nor far too strong."""
    apart = {key: each["apart"] for key, each in results.items() if "apart" in each}
    if len(apart) < len(results):
        return None
    names = {"lenient": "the lenient", "equal": "the equal", "strong": "the strong", "too_strong": "the far too strong"}
    sure = max(apart, key=apart.__getitem__)
    said = (
        f"The lenient [D] {_separates(apart['lenient'])}; {names[sure]} one's opinions are the furthest apart, and it"
        f" {_separates(apart[sure])}. {_ranked(results, 'frechet', names)}"
    )
    return Finding(said, clear_best(results, "frechet"), _is_between(_values(results, "frechet")))


def _separates(apart: float) -> str:
    opinion = f"([D(x)] − [D(G(z))] is {apart + 0.0:.2f})"
    if apart >= SEPARATE:
        return f"tells nearly every picture for what it is {opinion}"
    return f"only guesses {opinion}" if apart < GUESSES else f"is often, but not always, right {opinion}"


def _is_between(distances: Mapping[str, float]) -> bool | None:
    """Whether both ends are clearly worse than the better one between; None if one is about as good."""
    if len(distances) < 4:
        return None
    between = min(distances["equal"], distances["strong"])
    ends = [_gets_better(distances[end], between) for end in ("lenient", "too_strong")]
    return _both(*ends)


def rates(results: Results) -> Finding | None:
    """Whether digits are best where D learns as fast as G."""
    best = clear_best(results, "frechet")
    apart = {key: each["apart"] for key, each in results.items() if "apart" in each}
    if len(apart) < len(results):
        return None
    names = {"slow": "D ten times slower", "equal": "equal rates", "fast": "D ten times faster"}
    opinions = ", ".join(f"{names[key]} {value + 0.0:.2f}" for key, value in apart.items())
    said = f"How far apart [D]'s mean opinions of real and generated digits ended: {opinions}. {_ranked(results, 'frechet', names)}"
    # the claim is that the rates decide who is ahead, whichever of the three draws best
    decides = min(apart["equal"], apart["fast"]) - apart["slow"] > GUESSES
    return Finding(said, best, decides)


def dropout(results: Results) -> Finding | None:
    """Whether dropout 0.3 keeps D from learning its training digits by heart, and draws best."""
    gaps = {key: each["by_heart"] for key, each in results.items() if "by_heart" in each}
    if len(gaps) < len(results):
        return None
    names = {"none": "without dropout", "paper": "with 0.3", "more": "with 0.6"}
    shares = ", ".join(f"{gaps[key]:.2f} {words}" for key, words in names.items())
    best = clear_best(results, "frechet")
    learnt = (
        "[D] knows some of its training digits [by heart|over-fitting]"
        if max(gaps.values()) > LEARNT
        else "[D] has hardly learnt any digit [by heart|over-fitting] yet"
    )
    said = (
        f"{learnt}: over the second half, its opinion of training digits was above that of test digits by {shares}."
        f" {_ranked(results, 'frechet', names)}"
    )
    return Finding(said, best, None if not best else best == "paper")


def activations(results: Results) -> Finding | None:
    """Whether leaky ReLU draws better than ReLU; ELU and tanh for comparison."""
    pair = {key: results[key]["frechet"] for key in ("leaky_relu", "relu") if "frechet" in results[key]}
    if len(pair) < 2:
        return None
    names = {"leaky_relu": "leaky ReLU", "relu": "ReLU", "elu": "ELU", "tanh": "tanh"}
    better = _clear_lowest(pair)
    against = {
        "": f"Leaky [ReLU] and [ReLU] are {MIXED}",
        "relu": "Here [ReLU] beats leaky ReLU",
        "leaky_relu": "Leaky [ReLU] beats ReLU",
    }[better]
    said = f"{against}. {_ranked(results, 'frechet', names)}"
    return Finding(said, clear_best(results, "frechet"), None if not better else better == "leaky_relu")


def layers(results: Results) -> Finding | None:
    """Whether the number of layers and neurons matters."""
    distances = _values(results, "frechet")
    if len(distances) < len(results):
        return None
    names = {"small": "one layer of 64", "wide": "one layer of 512", "paper": "the paper's three", "deep": "six layers"}
    apart = max(distances.values()) / min(distances.values())
    matters = apart > 1 + MARGIN
    said = (
        f"The best network's [Fréchet distance] is {apart:.1f} times smaller than the worst's."
        if matters
        else "All four end at nearly the same [Fréchet distance]."
    )
    return Finding(f"{said} {_ranked(results, 'frechet', names)}", clear_best(results, "frechet"), matters)


def latent(results: Results) -> Finding | None:
    """Whether both reconstructions and samples get better as the latent space grows from 2 numbers to 32."""
    ends = [results["two"], results["thirty_two"]]
    if not all({"reconstruction", "frechet"} <= each.keys() for each in ends):
        return None
    sharper, nearer = (_gets_better(ends[0][key], ends[1][key]) for key in ("reconstruction", "frechet"))
    told = (
        f"From 2 latent numbers to 32 the [reconstruction] loss goes from {ends[0]['reconstruction']:.1f} to"
        f" {ends[1]['reconstruction']:.1f} [nats], and the [Fréchet distance] of new digits from"
        f" {ends[0]['frechet']:.1f} to {ends[1]['frechet']:.1f}."
    )
    prediction = {(True, True): "both", (True, False): "reconstructions", (False, True): "samples"}.get(
        (sharper is True, nearer is True), "neither"
    )
    best = clear_best(results, "frechet")
    names = {"one": "1 number", "two": "2 numbers", "eight": "8 numbers", "thirty_two": "32 numbers"}
    most = f" The best new digits come from {names[best]}." if best else ""
    if sharper and nearer and best not in ("thirty_two", ""):
        most += " More than that did not help."
    return Finding(told + most, prediction, _both(sharper, nearer))


def _gets_better(before: float, after: float) -> bool | None:
    """Whether a loss or distance falls clearly; None if it neither clearly falls nor rises."""
    if max(before, after) < (1 + MARGIN) * min(before, after):
        return None
    return after < before


def _both(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def bound(results: Results) -> Finding | None:
    """Whether a falling loss means better digits: for the VAE, and not for the GAN."""
    found = {key: results[key].get("tracks") for key in ("gan", "vae")}
    gan, vae = found["gan"], found["vae"]
    if gan is None or vae is None:
        return None
    said = (
        f"Over the [epochs|epoch], the VAE's loss and the [Fréchet distance] of its digits fall together with a"
        f" [rank correlation] of {vae + 0.0:.2f}; the GAN's [generator loss] and its distance with {gan + 0.0:.2f}."
        " 1 means that a lower loss always came with better digits, 0 that the loss tells nothing, −1 the reverse."
    )
    by = {(True, True): "both", (True, False): "vae", (False, True): "gan"}.get((vae >= TELLS, gan >= TELLS), "neither")
    return Finding(said, by, by == "vae")


def positions(results: Results) -> Finding | None:
    """Whether a GAN's shifted digits are placed less like real ones than a VAE's."""
    gan, vae = results["gan"], results["vae"]
    if not all({"off", "share", "clouds"} <= each.keys() for each in (gan, vae)):
        return None

    shown = {
        kind: [FIGURES[name].shown(results[kind][name]) for name in ("off", "share", "clouds")]
        for kind in ("gan", "vae")
    }
    (off, share, cloud), (vae_off, vae_share, vae_cloud) = shown["gan"], shown["vae"]
    said = (
        f"On average the GAN's digits stand {off} from where real ones do, and their [spread] is {share} of that of real ones; the"
        f" VAE's stand {vae_off} from there, with {vae_share}. Both together, the GAN's cloud is {cloud} from that of real digits,"
        f" and the VAE's {vae_cloud}."
    )
    further = "GAN" if gan["clouds"] > vae["clouds"] else "VAE"
    if abs(gan["clouds"] - vae["clouds"]) < TOLD_APART:
        return Finding(f"{said} That is about as far for both.", "even", None)
    return Finding(f"{said} The {further}'s is further off.", further, further == "GAN")


# Comparing


def clear_best(results: Results, figure: str) -> str:
    """The variant whose figure is lower than all others' by more than chance usually makes; "" if there is none."""
    values = _values(results, figure)
    return _clear_lowest(values) if len(values) == len(results) else ""


def _clear_lowest(values: Mapping[str, float]) -> str:
    first, second = sorted(values, key=values.__getitem__)[:2]
    return first if values[second] > (1 + MARGIN) * values[first] else ""


def _values(results: Results, figure: str) -> dict[str, float]:
    return {key: each[figure] for key, each in results.items() if figure in each}


def _ranked(results: Results, figure: str, names: Mapping[str, str]) -> str:
    """All variants by a figure, the best first."""
    values = _values(results, figure)
    shown = [f"{names[key]} {FIGURES[figure].shown(values[key])}" for key in sorted(values, key=values.__getitem__)]
    close = "" if clear_best(results, figure) else f" The best two are {MIXED}."
    return f"{FIGURES[figure].label}, best first: {', '.join(shown)}.{close}" if shown else ""
