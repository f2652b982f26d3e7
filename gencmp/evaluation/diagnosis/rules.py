"""What is wrong with a training run, if anything, found in what it has recorded: a few rules with thresholds. No torch.

The thresholds were chosen from the runs of `python -m gencmp bench diagnosis`: all presets, the paper's with five seeds, and runs
made ill. docs/diagnosis.md says how far each stays away from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from gencmp.events import RECOGNISABLE, Checkup

LASTING = 2  # epochs, or checkups: what is seen only once may be chance
WON = 0.95  # D(x), as a share of the label of real pictures, minus D(G(z)); means over an epoch
ASLEEP = 0.1  # D(x) - D(G(z)), mean over an epoch
CLEAR = 0.3  # share of recognised pictures; a young generator, of whose pictures fewer are, draws few classes, too
FEW_CLASSES = 3  # missing classes
LITTLE_VARIETY = 0.6  # mean distance between two samples, as a share of that between two real pictures
ONE_PICTURE = 0.02  # the same share; that of a generator which has learnt nothing is 0.03 to 0.06
MEMORISED = 0.1  # D(x) of training pictures minus D(x) of test pictures, both without dropout
NO_INFORMATION = 0.5  # nats of KL per picture
BY_HEART = 20.0  # nats by which the test negative ELBO exceeds the training one, mean over an epoch
BLOWN_UP = 1.5  # times the lowest negative ELBO so far, of training and of test pictures
SLOW_GAIN, SLOW_EPOCHS = 1.0, 15  # nats of test negative ELBO gained, in at least so many epochs


class EpochFacts(Protocol):
    """An Epoch event, or one read from a store."""

    @property
    def epoch(self) -> int: ...
    @property
    def measures(self) -> Mapping[str, float]: ...
    @property
    def test(self) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class History:
    """What a run has recorded so far. diverged: it ended with losses that are no numbers any more."""

    kind: str
    config: Mapping[str, Any]
    epochs: Sequence[EpochFacts]
    checkups: Sequence[Checkup] = ()
    diverged: bool = False


@dataclass(frozen=True)
class Finding:
    """One rule's answer: its name, the epoch since which it holds, and the figures that show it, for the sentence."""

    name: str
    since: int
    figures: Mapping[str, float]


Rule = Callable[[History], Finding | None]


def diagnose(history: History) -> Finding | None:
    """The first finding of the rules; "healthy" if there is none, and None while it is too early to say. Epochs without the
    measures that the rules need are left out."""
    history = replace(history, epochs=[row for row in history.epochs if _is_complete(row, history.kind)])
    found = next((finding for rule in RULES[history.kind] if (finding := rule(history))), None)
    if found or len(history.epochs) <= LASTING:
        return found
    return Finding("healthy", history.epochs[0].epoch, {})


def _is_complete(row: EpochFacts, kind: str) -> bool:
    if kind == "gan":
        return {"d_real", "d_fake"} <= row.measures.keys()
    return {"negative_elbo", "kl"} <= row.test.keys() and {"reconstruction", "kl"} <= row.measures.keys()


def since(rows: Sequence[Any], holds: Callable[[Any], bool], lasting: int = LASTING) -> int:
    """The epoch of the first of the last rows for all of which something holds; 0 if these are fewer than `lasting`."""
    count = next((i for i, row in enumerate(reversed(rows)) if not holds(row)), len(rows))
    return int(rows[-count].epoch) if count >= lasting else 0


# Both models


def diverged(history: History) -> Finding | None:
    """The losses are no numbers any more, or those of training and test pictures have risen far above their lowest values."""
    last = history.epochs[-1].epoch if history.epochs else 0
    if history.diverged:
        return Finding("diverged", last + 1, {})
    rows = history.epochs if history.kind == "vae" else []
    if not rows or risen(rows) <= BLOWN_UP:
        return None
    losses = [row.test["negative_elbo"] for row in rows]
    began = since(rows, lambda row: row.test["negative_elbo"] > BLOWN_UP * min(losses), 1)
    return Finding("diverged", began, {"loss": losses[-1], "best": min(losses)})


def risen(rows: Sequence[EpochFacts]) -> float:
    """The newest negative ELBO by the lowest one, of training or of test pictures, whichever has risen less: what is learnt by
    heart raises the latter alone."""
    return min(
        losses[-1] / min(losses) for losses in ([row.test["negative_elbo"] for row in rows], list(map(trained, rows)))
    )


def trained(row: EpochFacts) -> float:
    """The negative ELBO of the training pictures, mean over an epoch."""
    return row.measures["reconstruction"] + row.measures["kl"]


# GAN


def discriminator_won(history: History) -> Finding | None:
    """D is almost never wrong, on real and on generated pictures."""
    rows, label = history.epochs, float(history.config.get("real_label", 1.0))
    began = since(rows, lambda row: lead_of_discriminator(row, label) >= WON)
    return Finding("discriminator_won", began, _verdicts(rows)) if began else None


def lead_of_discriminator(row: EpochFacts, label: float = 1.0) -> float:
    """1 if D is never wrong, 0 if it only guesses. label: of real pictures, to which D(x) rises at most."""
    return row.measures["d_real"] / label - row.measures["d_fake"]


def discriminator_asleep(history: History) -> Finding | None:
    """D tells real pictures and noise apart no better than by chance. Between two good models it cannot, either, so the
    pictures decide: if the judge recognises them, this is the equilibrium."""
    rows = history.epochs
    began = since(rows, lambda row: lead_of_discriminator(row) < ASLEEP)
    newest = history.checkups[-1] if history.checkups else None
    if not began or newest is None or newest.recognised >= RECOGNISABLE:
        return None
    return Finding("discriminator_asleep", began, _verdicts(rows) | {"recognised": newest.recognised})


def mode_collapse(history: History) -> Finding | None:
    """The pictures can be recognised, but several classes are missing, or all pictures are much alike; or they are one and
    the same, recognised or not."""
    began = since(history.checkups, _has_collapsed)
    if not began:
        return None
    newest = history.checkups[-1]
    return Finding("mode_collapse", began, {"missing": len(newest.missing)} | _known(variety=newest.variety))


def _has_collapsed(checkup: Checkup) -> bool:
    variety = 1.0 if checkup.variety is None else checkup.variety
    few = len(checkup.missing) >= FEW_CLASSES or variety < LITTLE_VARIETY
    return (checkup.recognised >= CLEAR and few) or variety < ONE_PICTURE


def discriminator_memorises(history: History) -> Finding | None:
    """D believes training pictures more than test pictures, which it has never seen."""
    began = since(history.checkups, lambda each: memorised(each) > MEMORISED)
    newest = history.checkups[-1] if history.checkups else None
    if not began or newest is None or newest.d_train is None or newest.d_test is None:
        return None
    return Finding("discriminator_memorises", began, {"d_train": newest.d_train, "d_test": newest.d_test})


def memorised(checkup: Checkup) -> float:
    """D(x) of training pictures minus that of test pictures; 0 where it is not known."""
    known = checkup.d_train is not None and checkup.d_test is not None
    return checkup.d_train - checkup.d_test if known else 0.0  # type: ignore[operator]


def _verdicts(rows: Sequence[EpochFacts]) -> dict[str, float]:
    return {name: rows[-1].measures[name] for name in ("d_real", "d_fake")}


# VAE


def posterior_collapse(history: History) -> Finding | None:
    """The latent numbers tell the decoder nothing, so that every picture becomes the mean one."""
    rows = history.epochs
    began = since(rows, lambda row: row.test["kl"] < NO_INFORMATION)
    return Finding("posterior_collapse", began, {"kl": rows[-1].test["kl"]}) if began else None


def vae_memorises(history: History) -> Finding | None:
    """The model reconstructs its training pictures far better than test pictures, which it has never seen."""
    rows = history.epochs
    began = since(rows, lambda row: row.test["negative_elbo"] - trained(row) > BY_HEART)
    figures = {"trained": trained(rows[-1]), "tested": rows[-1].test["negative_elbo"]} if rows else {}
    return Finding("vae_memorises", began, figures) if began else None


def unused_latents(history: History) -> Finding | None:
    """Some latent numbers carry no information; the decoder does without them."""
    began = since(history.checkups, lambda each: bool(each.unused))
    size = int(history.config.get("latent_size", 0))
    return (
        Finding("unused_latents", began, {"unused": history.checkups[-1].unused or 0, "size": size}) if began else None
    )


def plateau(history: History) -> Finding | None:
    """The test loss has hardly fallen any more for many epochs."""
    rows = history.epochs
    lowest = min((row.test["negative_elbo"] for row in rows), default=0.0)
    best = float("inf")
    for row in rows:
        best = min(best, row.test["negative_elbo"])
        if best - lowest < SLOW_GAIN:
            lasted = rows[-1].epoch - row.epoch
            return (
                Finding("plateau", row.epoch, {"gain": best - lowest, "epochs": lasted})
                if lasted >= SLOW_EPOCHS
                else None
            )
    return None


def _known(**figures: float | None) -> dict[str, float]:
    return {name: value for name, value in figures.items() if value is not None}


RULES: dict[str, tuple[Rule, ...]] = {  # a cause before what it causes
    "gan": (diverged, discriminator_asleep, discriminator_memorises, mode_collapse, discriminator_won),
    "vae": (diverged, posterior_collapse, vae_memorises, unused_latents, plateau),
}
ILLNESSES = (
    "diverged", "discriminator_won", "discriminator_asleep", "mode_collapse", "discriminator_memorises", "posterior_collapse",
    "vae_memorises",
)  # fmt: skip
