"""The rules of the diagnosis, each on a made-up history just past its threshold and just before it."""

from typing import Any

import pytest

from gencmp.data.classes import DIGITS
from gencmp.evaluation.diagnosis.rules import RULES, Finding, History, diagnose, since
from gencmp.evaluation.diagnosis.words import CURES, WORDS, in_words
from gencmp.events import Checkup, Epoch
from gencmp.settings.configs import CONFIGS
from gencmp.settings.levers import LEVERS, pull

GAN = {"discriminator_loss": 1.0, "generator_loss": 1.5, "d_real": 0.6, "d_fake": 0.3}


def epochs(*rows: Any, **test: float) -> Any:
    """Epochs 1, 2, ... with these measures, or test figures, beside healthy ones."""
    return [Epoch(i, i, 1.0, 1.0, GAN | row, {}, {"d_real": 0.6} | test) for i, row in enumerate(rows, 1)]


def losses(*values: Any, kl: float = 6.0, gap: Any = ()) -> Any:
    """Epochs of a VAE with these test losses. gap: by how much the training loss is lower, by default 0."""
    gaps = gap or [0.0] * len(values)
    return [
        Epoch(i, i, 1.0, 1.0, {"reconstruction": each - less - kl, "kl": kl}, {}, {"negative_elbo": each, "kl": kl})
        for i, (each, less) in enumerate(zip(values, gaps, strict=True), 1)
    ]


def checkups(*rows: Any) -> Any:
    usual = {"frechet": 10.0, "floor": 0.1, "digits": (0.1,) * 10, "missing": (), "recognised": 0.6, "variety": 1.0}
    return [Checkup(i, i, **usual | row) for i, row in enumerate(rows, 1)]


def found(kind: str, rows: Any, seen: Any = (), **more: Any) -> Any:
    finding = diagnose(History(kind, CONFIGS[kind]().to_dict(), rows, seen, **more))
    return finding and (finding.name, finding.since)


def test_what_holds_for_the_last_rows_began_with_the_first_of_them() -> None:
    rows = epochs({}, {"d_real": 0.99}, {}, {"d_real": 0.99}, {"d_real": 0.98})
    assert since(rows, lambda row: row.measures["d_real"] > 0.9) == 4
    assert since(rows[:4], lambda row: row.measures["d_real"] > 0.9) == 0, "once may be chance"
    assert since([], lambda row: True) == 0


WON = {"d_real": 0.88, "d_fake": 0.01}  # of a label of 0.9
ASLEEP = {"d_real": 0.51, "d_fake": 0.48}


@pytest.mark.parametrize(
    ("rows", "seen", "wanted"),
    [
        ([{}, WON, WON], [], ("discriminator_won", 2)),
        ([{}, {}, WON], [], ("healthy", 1)),
        ([{}, WON | {"d_fake": 0.04}, WON], [], ("healthy", 1)),
        ([ASLEEP] * 3, [{"recognised": 0.01}], ("discriminator_asleep", 1)),
        ([ASLEEP] * 3, [{"recognised": 0.5}], ("healthy", 1)),
        ([ASLEEP] * 3, [], ("healthy", 1)),
        ([{}] * 3, [{}, {"missing": (1, 2, 7)}, {"missing": (1, 2, 7)}], ("mode_collapse", 2)),
        ([{}] * 3, [{"variety": 0.5}] * 2, ("mode_collapse", 1)),
        ([{}] * 3, [{"missing": (1, 2, 7), "recognised": 0.2}] * 2, ("healthy", 1)),
        ([{}] * 3, [{"variety": 0.04, "recognised": 0.0}] * 2, ("healthy", 1)),
        ([{}] * 3, [{"variety": 0.01, "recognised": 0.0}] * 2, ("mode_collapse", 1)),
        ([{}] * 3, [{"missing": (1, 7)}] * 2, ("healthy", 1)),
        ([{}] * 3, [{"d_train": 0.9, "d_test": 0.7}] * 2, ("discriminator_memorises", 1)),
        ([{}] * 3, [{"d_train": 0.75, "d_test": 0.7}] * 2, ("healthy", 1)),
        ([{}, {}], [], None),
    ],
)
def test_a_gan(rows: Any, seen: Any, wanted: Any) -> None:
    assert found("gan", epochs(*rows), checkups(*seen)) == wanted


@pytest.mark.parametrize(
    ("rows", "seen", "wanted"),
    [
        (losses(200, 150, 140), [], ("healthy", 1)),
        (losses(200, 150, 300, 400), [], ("diverged", 3)),
        (
            losses(200, 150, 300, 400, gap=(0, 0, 160, 270)),
            [],
            ("vae_memorises", 3),
        ),  # what it has seen, it knows ever better
        (losses(150, 149, 148, gap=(30, 30, 30)), [], ("vae_memorises", 1)),
        (losses(150, 149, 148, gap=(4, 4, 4)), [], ("healthy", 1)),
        (losses(206, 206, 206, kl=0.1), [], ("posterior_collapse", 1)),
        (losses(150, 149, 148), [{"unused": 3}] * 2, ("unused_latents", 1)),
        (losses(150, 149, 148), [{"unused": 0}] * 2, ("healthy", 1)),
        (losses(150, *[140.5] * 15, 140), [], ("plateau", 2)),
        (losses(150, *[142.0] * 15, 140), [], ("healthy", 1)),
        (losses(150, *[140.5] * 14), [], ("healthy", 1)),
    ],
)
def test_a_vae(rows: Any, seen: Any, wanted: Any) -> None:
    assert found("vae", rows, checkups(*seen)) == wanted


def test_a_run_that_ended_without_numbers_has_diverged() -> None:
    assert found("gan", epochs({}), diverged=True) == ("diverged", 2)
    assert found("vae", [], diverged=True) == ("diverged", 1)


def test_epochs_without_measures_are_left_out(config: Any) -> None:
    bare = [Epoch(i, i, 1.0, 1.0, {}, {}, {}) for i in (1, 2, 3)]
    assert found(config.kind, bare) is None
    assert found("gan", [*bare, *epochs(*[WON] * 5)[3:]]) == ("discriminator_won", 4)


def test_a_cause_is_said_and_not_what_it_causes() -> None:
    collapsed = {"missing": (1, 2, 7)}
    assert found("gan", epochs(*[WON] * 3), checkups(*[collapsed] * 2))[0] == "mode_collapse"
    seen = checkups(*[collapsed | {"d_train": 0.9, "d_test": 0.5}] * 2)
    assert found("gan", epochs(*[WON] * 3), seen)[0] == "discriminator_memorises"


def test_a_checkup_of_an_early_version_is_no_reason() -> None:
    old = [Checkup(i, i, 10.0, 0.1, (0.1,) * 10, ()) for i in (1, 2)]
    assert found("gan", epochs({}, {}, {}), old) == ("healthy", 1)


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_epochs_without_figures_are_no_reason(kind: str) -> None:
    bare = [Epoch(i, i, 1.0, 1.0, {}, {}, {}) for i in range(1, 6)]
    assert found(kind, bare) is None
    assert found(kind, bare, diverged=True)[0] == "diverged"


FIGURES = {
    "loss": 300.0, "best": 140.0, "d_real": 0.99, "d_fake": 0.01, "recognised": 0.02, "missing": 3, "d_train": 0.9, "d_test": 0.5,
    "kl": 0.1, "trained": 90.0, "tested": 160.0, "unused": 3, "size": 20, "gain": 0.6, "epochs": 17,
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_every_finding_has_words_without_a_gap_or_a_mark(name: str) -> None:
    kind = "gan" if any(rule.__name__ == name for rule in RULES["gan"]) else "vae"
    words = in_words(Finding(name, 7, FIGURES), CONFIGS[kind]().to_dict(), DIGITS)
    assert "[" not in words.text and "{" not in words.text and "|" not in words.text
    assert words.text.startswith(words.sentence.split("[")[0])


@pytest.mark.parametrize(
    ("name", "kind", "now", "wanted"),
    [
        (
            "discriminator_won", "gan", {"discriminator_steps": 5, "discriminator_learning_rate": 1e-3},
            {"discriminator_steps": 1, "discriminator_learning_rate": 2e-4},
        ),
        ("discriminator_asleep", "gan", {"discriminator_learning_rate": 2e-6}, {"discriminator_learning_rate": 2e-4}),
        ("mode_collapse", "gan", {"generator_learning_rate": 6e-3}, {"generator_learning_rate": 6e-4}),
        ("discriminator_memorises", "gan", {"discriminator_dropout": 0.0}, {"discriminator_dropout": 0.3}),
        ("posterior_collapse", "vae", {"reduction": "pixel_mean"}, {"beta": 0.00128}),
        ("posterior_collapse", "vae", {"beta": 50.0}, {"beta": 1.0}),
        ("diverged", "vae", {"learning_rate": 0.3}, {"learning_rate": 0.03}),
        ("unused_latents", "vae", {}, {}),
    ],
)  # fmt: skip
def test_what_may_cure_it_can_be_done_while_it_trains(name: str, kind: str, now: Any, wanted: Any) -> None:
    config = CONFIGS[kind](**now)
    words = in_words(Finding(name, 7, FIGURES), config.to_dict(), DIGITS)
    assert words.changes == pytest.approx(wanted)
    assert set(words.changes) <= set(LEVERS[kind]) and pull(config, words.changes)


def test_every_cure_is_of_a_finding() -> None:
    assert set(CURES) <= set(WORDS) >= {rule.__name__ for rules in RULES.values() for rule in rules}
