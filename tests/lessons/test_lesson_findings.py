"""What lessons find in made-up figures: the outcome, whether the paper's claim held, and the sentence's figures."""

from __future__ import annotations

import pytest

from gencmp.errors import ConfigError
from gencmp.events import Checkup
from gencmp.lessons import findings
from gencmp.lessons.history import FIGURES, History, figures_of, rank_correlation
from gencmp.lessons.lesson import Finding
from gencmp.lessons.recorded import Record
from gencmp.lessons.ruling import by_seeds, ruling
from gencmp.lessons.twelve import LESSONS, lesson_after, lesson_of
from gencmp.runs.run import EpochRow


def balance(lenient: float, equal: float, strong: float, too_strong: float) -> dict[str, dict[str, float]]:
    """Results with these Fréchet distances, and opinions as they usually are."""
    distances = {"lenient": lenient, "equal": equal, "strong": strong, "too_strong": too_strong}
    apart = {"lenient": 0.01, "equal": 0.4, "strong": 0.9, "too_strong": 0.7}
    return {key: {"frechet": value, "apart": apart[key]} for key, value in distances.items()}


def test_a_balance_is_needed_where_both_ends_are_clearly_worse() -> None:
    found = findings.balance(balance(118, 77, 50, 257))
    assert found and (found.prediction, found.holds) == ("strong", True)
    assert "only guesses" in found.sentence and "0.90" in found.sentence
    assert "the strong 50.0, the equal 77.0, the lenient 118.0, the far too strong 257.0" in found.sentence


def test_a_balance_is_not_needed_where_an_end_is_best_and_cannot_be_told_where_it_is_close() -> None:
    best_at_an_end = findings.balance(balance(118, 77, 60, 40))
    assert best_at_an_end and (best_at_an_end.prediction, best_at_an_end.holds) == ("too_strong", False)
    close = findings.balance(balance(118, 77, 50, 52))
    assert close and (close.prediction, close.holds) == ("", None) and findings.MIXED in close.sentence


def test_no_run_far_enough_is_no_finding() -> None:
    for lesson in LESSONS.values():
        if lesson.variants:
            assert lesson.find({variant.key: {} for variant in lesson.variants}) is None


def test_the_rates_decide_where_a_slow_d_falls_behind_both_others() -> None:
    distances = {"slow": 90.0, "equal": 60.0, "fast": 61.0}

    def found(*apart: float) -> Finding | None:
        return findings.rates(
            {key: {"apart": a, "frechet": distances[key]} for key, a in zip(distances, apart, strict=True)}
        )

    rising, mixed = found(0.1, 0.4, 0.3), found(0.1, 0.4, 0.15)
    assert rising and rising.holds is True and rising.prediction == "", "60 and 61 are too close"
    assert mixed and mixed.holds is False


def test_dropout_is_judged_by_what_is_drawn_and_says_what_was_learnt_by_heart() -> None:
    results = {
        "none": {"by_heart": 0.4, "frechet": 90.0},
        "paper": {"by_heart": 0.1, "frechet": 60.0},
        "more": {"by_heart": 0.02, "frechet": 80.0},
    }
    found = findings.dropout(results)
    assert found and (found.prediction, found.holds) == ("paper", True) and "0.40 without dropout" in found.sentence
    early = findings.dropout({key: each | {"by_heart": 0.01} for key, each in results.items()})
    assert early and "hardly learnt any digit" in early.sentence


@pytest.mark.parametrize(
    ("gan", "vae", "prediction", "holds"), [(0.9, 0.2, "GAN", True), (0.2, 0.9, "VAE", False), (0.4, 0.5, "even", None)]
)
def test_whose_digits_stand_further_off_is_said_either_way(
    gan: float, vae: float, prediction: str, holds: bool | None
) -> None:
    results = {
        "gan": {"off": 0.31, "share": 0.8, "clouds": gan},
        "vae": {"off": 0.12, "share": 0.95, "clouds": vae},
    }
    found = findings.positions(results)
    assert found and (found.prediction, found.holds) == (prediction, holds)
    assert "GAN's digits stand 0.31 pixels from where real ones do, and their [spread] is 80 %" in found.sentence
    assert ("further off" in found.sentence) == (prediction != "even")


@pytest.mark.parametrize(("leaky", "relu", "holds"), [(50, 60, True), (60, 50, False), (50, 51, None)])
def test_leaky_relu_is_compared_with_relu_alone(leaky: float, relu: float, holds: bool | None) -> None:
    results = {key: {"frechet": d} for key, d in {"leaky_relu": leaky, "relu": relu, "elu": 40, "tanh": 90}.items()}
    found = findings.activations(results)
    assert found and (found.prediction, found.holds) == ("elu", holds)


def test_sizes_matter_where_the_best_is_clearly_better_than_the_worst() -> None:
    far = findings.layers(
        {"small": {"frechet": 90.0}, "wide": {"frechet": 60.0}, "paper": {"frechet": 50.0}, "deep": {"frechet": 80.0}}
    )
    near = findings.layers({key: {"frechet": 50.0} for key in ("small", "wide", "paper", "deep")})
    assert far and (far.prediction, far.holds) == ("paper", True) and "1.8 times" in far.sentence
    assert near and (near.prediction, near.holds) == ("", False)


@pytest.mark.parametrize(
    ("reconstruction", "frechet", "prediction", "holds"),
    [
        ((150, 100), (60, 40), "both", True),
        ((150, 100), (60, 80), "reconstructions", False),
        ((150, 100), (60, 61), "reconstructions", None),
        ((150, 149), (60, 61), "neither", None),
    ],
)  # fmt: skip
def test_a_larger_latent_space_has_to_make_both_better(
    reconstruction: tuple[float, float], frechet: tuple[float, float], prediction: str, holds: bool | None
) -> None:
    two, most = ({"reconstruction": r, "frechet": f} for r, f in zip(reconstruction, frechet, strict=True))
    found = findings.latent({"one": {}, "two": two, "eight": {}, "thirty_two": most})
    assert found and (found.prediction, found.holds) == (prediction, holds)


def test_a_bound_tells_where_it_alone_follows_the_distance() -> None:
    found = findings.bound({"gan": {"tracks": 0.1}, "vae": {"tracks": 0.95}})
    assert found and (found.prediction, found.holds) == ("vae", True)
    both = findings.bound({"gan": {"tracks": 0.9}, "vae": {"tracks": 0.95}})
    assert both and (both.prediction, both.holds) == ("both", False)


# Figures


def row(epoch: int, test: dict[str, float], **measures: float) -> EpochRow:
    return EpochRow(epoch, epoch * 10, 1.0, 100.0, measures, measures, test)


def checkup(epoch: int, frechet: float, **more: float) -> Checkup:
    return Checkup(epoch, epoch * 10, frechet, 1.0, [0.1] * 10, [], **more)  # type: ignore[arg-type]


def test_figures_are_read_from_the_last_epoch_and_the_last_checkup() -> None:
    history = History(
        [row(1, {}, d_real=0.5, d_fake=0.5), row(2, {}, d_real=0.9, d_fake=0.2)],
        [checkup(1, 90, d_train=0.5, d_test=0.5), checkup(2, 60, d_train=0.8, d_test=0.5)],
    )
    found = figures_of(history, ("apart", "frechet", "by_heart", "reconstruction"))
    assert found == pytest.approx({"apart": 0.7, "frechet": 60, "by_heart": 0.3})
    swinging = [checkup(epoch, 60, d_train=0.5 + gap, d_test=0.5) for epoch, gap in enumerate((0.4, -0.1, 0.2, 0.3))]
    assert figures_of(History([], swinging), ("by_heart",)) == pytest.approx({"by_heart": 0.25}), (
        "the later half's mean"
    )
    assert figures_of(History([], []), tuple(FIGURES)) == {}
    silent = {"silent_discriminator_1": 0.1, "silent_discriminator_2": 0.3, "silent_generator_1": 0.9}
    assert figures_of(History([row(1, silent)], []), ("silent",)) == pytest.approx({"silent": 0.2})


def test_a_loss_that_falls_with_the_distance_has_rank_correlation_one() -> None:
    epochs = [row(epoch, {"negative_elbo": 200.0 - epoch}) for epoch in (1, 2, 3, 4)]
    falling = History(epochs, [checkup(epoch, 100.0 / epoch) for epoch in (1, 2, 4)])
    assert figures_of(falling, ("tracks",)) == pytest.approx({"tracks": 1.0})
    assert figures_of(History(epochs, [checkup(1, 3.0)]), ("tracks",)) == {}
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == -1
    assert rank_correlation([1, 1, 1], [3, 2, 1]) is None


# The twelve


def test_the_lessons_are_the_papers_claims_in_order() -> None:
    assert [lesson.number for lesson in LESSONS.values()] == list(range(1, 13))
    assert lesson_of("balance").claim.words.startswith("A discriminator that is too powerful")
    following = lesson_after(lesson_of("balance"))
    assert following and following.key == "positions" and lesson_after(lesson_of("bound")) is None
    with pytest.raises(ConfigError, match=r"no lesson 'x'.*balance"):
        lesson_of("x")


def test_a_lesson_has_what_its_page_needs() -> None:
    for lesson in LESSONS.values():
        assert len(lesson.predictions) >= 3 and 1 <= len(lesson.sources) <= 3 and lesson.minutes <= 3
        assert set(lesson.figures) <= set(FIGURES)
        if lesson.variants:
            assert lesson.charts and lesson.figures
            configs = {variant.config.to_json() for variant in lesson.variants}
            assert len(configs) == len(lesson.variants) <= 4


# The ruling


@pytest.mark.parametrize(
    ("holds", "begins"),
    [
        ([True] * 5, "Yes, in this experiment: it held with all 5"),
        ([False] * 5, "No, not in this experiment: it held with none of 5"),
        ([None, None], "It cannot be told"),
        ([True, True, None], "Yes, as far as can be told: of 3 [seeds|seed] it held with 2, and 1 is too close"),
        ([False, None, None], "No, as far as can be told: of 3 [seeds|seed] it failed with 1, and 2 are too close"),
        (
            [True, True, False, None, True],
            "It depends on chance, too: of 5 [seeds|seed] it held with 3 and not with 1, and 1 is",
        ),
        ([True], "Yes, in this experiment: it held with the one recorded [seed]."),
    ],
)
def test_seeds_that_disagree_are_said_to(holds: list[bool | None], begins: str) -> None:
    assert by_seeds(holds).startswith(begins)


def test_without_a_record_only_these_runs_are_spoken_of() -> None:
    record = Record(lesson_of("balance"), [])
    assert "not as the paper says" in ruling(record, Finding("", "", False))
    assert "have not come far enough" in ruling(record, None)
