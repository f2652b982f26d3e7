"""The three answers and the headline: they name sides and doubts, count nothing, and say only what was compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gencmp.data.classes import DIGITS, PICTURES
from gencmp.evaluation.comparison import Row
from gencmp.evaluation.criteria import CRITERIA
from gencmp.evaluation.measures import measure
from gencmp.evaluation.questions import (
    ASKED,
    QUESTIONS,
    SHORT,
    Answer,
    answers,
    claim,
    compared,
    headline,
    of_the_paper,
    short_claim,
    traits,
)
from gencmp.evaluation.verdicts import Verdict
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.settings.presets import preset

JUDGES = ("convnet-0", "convnet-1", "convnet-2", "lenet-0", "lenet-1")
GAN, VAE, EVEN = 9.0, -9.0, 0.0


def row(name: str, *z_scores: float, nouns: Any = DIGITS) -> Row:
    """Of one z-score everywhere, or of one by each judge, in pixels and in HOG."""
    spaces = (*JUDGES, "pixels", "hog")
    one = measure(name, 0.5, 0.4, 0.6)
    found = dict(zip(spaces, z_scores if len(z_scores) > 1 else z_scores * len(spaces), strict=True))
    return Row(name, one, one, one, found, nouns)


def answer(name: str, *rows: Row) -> Answer:
    return next(each for each in answers(rows) if each.question.name == name)


def test_every_criterion_of_a_question_exists_and_has_a_short_name() -> None:
    assert set(ASKED) <= set(CRITERIA) and set(SHORT) == set(ASKED)
    assert len(set(ASKED)) == len(ASKED), "no criterion answers two questions"
    assert {"sharpness", "parzen"} & set(ASKED) == set(), "what misleads answers nothing"


def test_where_all_agree_one_model_is_named_and_how_sure_it_is() -> None:
    found = answer("whole", row("frechet", GAN), row("kernel", GAN))
    assert found.sentence == (
        "The GAN's digits are closer to real ones in the Fréchet distance and the kernel distance."
        " All judges and spaces agree."
    )
    assert found.is_sure and found.better == "GAN"
    assert found.sureness == "Each difference is significant at 95 % by all 5 judges and in 2 spaces without a network."


def test_a_mixed_answer_names_the_figures_on_both_sides_and_no_count() -> None:
    found = answer(
        "clear", row("legible", VAE), row("unrecognised", VAE), row("edges", GAN), row("blur", GAN), row("specks", VAE)
    )
    assert found.sentence == (
        "It depends on what counts: the VAE's digits are closer to real ones in legibility and specks,"
        " the GAN's in sharp edges and blur."
    )
    assert not found.better and not found.is_sure


def test_where_judges_disagree_it_is_said_who_sees_what() -> None:
    split = (GAN, GAN, GAN, EVEN, VAE, VAE, VAE)
    found = answer("clear", row("precision", *split), row("legible", VAE))
    assert found.sentence == (
        "The VAE's digits are closer to real ones in legibility. In precision it depends on the judge."
    )
    assert found.sureness == (
        "Precision: the GAN by Convnet 0, Convnet 1 and Convnet 2; the VAE by LeNet 1, pixels and gradients (HOG);"
        " no significant difference by LeNet 0."
    )
    alone = answer("clear", row("precision", *split))
    assert alone.sentence == "In precision it depends on the judge." and not alone.better


def test_pixels_alone_against_all_judges_are_named_and_change_nothing_else() -> None:
    found = answer("varied", row("recall", GAN), row("coverage", GAN, GAN, GAN, GAN, GAN, VAE, GAN))
    assert found.sentence == (
        "The GAN's digits are closer to real ones in recall and coverage. Only in pixels does the VAE lead in coverage."
    )
    assert found.better == "GAN" and not found.is_sure
    assert found.sureness == "Each difference is significant at 95 % by all 5 judges."


def test_a_difference_that_some_judges_do_not_see_is_less_sure() -> None:
    found = answer("whole", row("frechet", GAN), row("kernel", GAN, GAN, GAN, GAN, GAN, EVEN, EVEN))
    assert found.sentence == (
        "The GAN's digits are closer to real ones in the Fréchet distance and the kernel distance."
    )
    assert found.sureness == "Not every judge and space finds the difference in the kernel distance significant."


def test_equal_models_differ_in_nothing() -> None:
    found = answer("whole", row("frechet", EVEN))
    assert found.sentence == "No significant difference."
    assert found.sureness == "No judge and no space sees a difference that is significant at 95 %."


def test_other_pictures_are_called_what_they_are() -> None:
    found = answer("varied", row("digit_kl", GAN, nouns=PICTURES))
    assert "The GAN's pictures are closer to real ones in the histogram of classes." in found.sentence


def test_a_brief_answer_names_both_sides_and_the_disputed() -> None:
    split = row("precision", GAN, GAN, GAN, EVEN, VAE, VAE, VAE)
    found = answer("clear", row("legible", VAE), row("specks", VAE), row("edges", GAN), split)
    assert found.brief == (
        "The VAE leads in legibility and specks, the GAN in sharp edges; precision depends on the judge."
    )
    varied = answer("varied", row("recall", GAN), row("coverage", GAN, GAN, GAN, GAN, GAN, VAE, GAN))
    assert varied.brief == "The GAN leads in recall and coverage; only in pixels does the VAE lead in coverage."
    assert answer("clear", split).brief == "Precision depends on the judge."
    assert answer("whole", row("frechet", EVEN)).brief == "No significant difference."


def test_a_label_for_a_picture_is_short() -> None:
    found = answer("whole", row("two_sample", GAN))
    assert found.short_label("two_sample") == "Two-sample test" and found.short_label("missing") == "Missing digits"


# The headline


def between(name: str, gan: float, vae: float, z_score: float) -> Row:
    first, second, floor = (measure(name, value, value, value) for value in (gan, vae, 0.5))
    return Row(name, first, second, floor, {"": z_score})


def test_traits_are_everyday_words_for_what_each_model_leads_in() -> None:
    rows = [row("legible", VAE), between("specks", 0.9, 0.6, VAE), between("edges", 0.4, 0.2, GAN), row("recall", GAN)]
    assert traits(rows) == (
        "The VAE's digits are more legible and freer of specks; the GAN's are sharper and more varied."
    )
    assert traits(rows[:1]) == "The VAE's digits are more legible."
    assert traits([row("legible", EVEN)]) == ""


def test_other_pictures_are_recognised_rather_than_read() -> None:
    assert traits([row("legible", VAE, nouns=PICTURES)]) == "The VAE's pictures are easier to recognise."


def test_closer_to_real_is_not_always_sharper() -> None:
    assert traits([between("edges", 0.6, 0.9, GAN)]) == "The GAN's digits are closer to real ones in sharpness."
    assert traits([between("specks", 0.4, 0.1, GAN)]) == "The GAN's digits are closer to real ones in specks."


def verdict(config: Config, epoch: int = 0) -> Verdict:
    facts = (config.kind, config.kind, epoch or config.epochs, "", config.dataset, 100, 0, "", 0.0, (), (0.1,) * 10, ())
    return replace(Verdict(*facts), config=config.to_dict())


@pytest.fixture
def papers() -> tuple[Verdict, Verdict]:
    return verdict(preset("gan", "paper").config), verdict(preset("vae", "paper").config)


def test_the_headline_says_what_was_compared(papers: tuple[Verdict, Verdict]) -> None:
    said = headline(*papers, [row("legible", VAE)])
    assert said.startswith(
        "Compared: a GAN (Paper preset, 50 epochs, seed 0) and a VAE (Paper preset, 51 epochs, seed 0), on MNIST."
    )
    assert "The paper is right that the VAE's digits are clearer." in said


def test_the_paper_is_judged_by_the_first_question_alone(papers: tuple[Verdict, Verdict]) -> None:
    varied = [row("recall", GAN), row("frechet", GAN)]
    assert claim(*papers, [row("legible", VAE), *varied]).startswith("The paper is right")
    assert claim(*papers, [row("legible", GAN), *varied]).startswith(
        "The paper is wrong: the GAN's digits are clearer."
    )
    mixed = claim(*papers, [row("legible", VAE), row("edges", GAN), *varied])
    assert mixed.startswith("The paper is neither right nor wrong") and "recall" not in mixed
    split = row("precision", GAN, GAN, GAN, GAN, VAE, VAE, VAE)
    assert claim(*papers, [row("legible", VAE), split]).startswith("The paper is neither right nor wrong")


@pytest.mark.parametrize(
    ("gan", "vae", "epochs"),
    [
        (GanConfig(), VaeConfig(), (1, 51)),
        (GanConfig(dataset="fashion-mnist"), VaeConfig(dataset="fashion-mnist"), (0, 0)),
        (GanConfig(), VaeConfig(latent_size=20), (0, 0)),
        (GanConfig(limit=1000), VaeConfig(limit=1000), (0, 0)),
    ],
)
def test_without_its_settings_data_and_length_the_paper_is_not_named(gan: Any, vae: Any, epochs: Any) -> None:
    both = verdict(gan, epochs[0]), verdict(vae, epochs[1])
    assert not of_the_paper(*both)
    said = headline(*both, [row("legible", VAE)])
    assert "he paper" not in said and "Clear? The VAE's digits are closer" in said


def test_a_short_claim_is_the_ruling_and_the_traits(papers: tuple[Verdict, Verdict]) -> None:
    rows = [row("legible", VAE), row("recall", GAN)]
    assert short_claim(*papers, rows) == (
        "The paper is right that the VAE's digits are clearer. The VAE's digits are more legible; the GAN's are more varied."
    )
    early = replace(papers[0], epoch=1), papers[1]
    assert short_claim(*early, rows) == "The VAE's digits are more legible; the GAN's are more varied."
    assert short_claim(*early, [row("legible", EVEN)]) == "No significant difference."


def test_where_neither_is_clearer_the_claim_is_not_confirmed(papers: tuple[Verdict, Verdict]) -> None:
    assert claim(*papers, [row("legible", EVEN)]).startswith(
        "The paper's claim is not confirmed: neither model's digits are clearer."
    )


def test_another_seed_is_the_papers_experiment_all_the_same() -> None:
    assert of_the_paper(verdict(GanConfig(seed=7, device="cpu")), verdict(VaeConfig(seed=3)))


def test_epochs_presets_and_data_are_named() -> None:
    gan = verdict(preset("gan", "quick").config.replace(dataset="fashion-mnist", seed=4), epoch=1)
    vae = verdict(VaeConfig(dataset="fashion-mnist", epochs=1, encoder_widths=(16,)))
    assert compared(gan, vae) == (
        "a GAN (Quick preset, 1 of 16 epochs, seed 4) and a VAE (own settings, 1 epoch, seed 0), on Fashion-MNIST"
    )


def test_a_verdict_from_before_settings_were_kept_says_what_it_knows() -> None:
    old = [replace(verdict(config), config={}) for config in (GanConfig(), VaeConfig())]
    assert compared(*old) == "a GAN (50 epochs) and a VAE (51 epochs), on MNIST"
    assert not of_the_paper(*old)


def test_where_nothing_was_measured_nothing_is_claimed(papers: tuple[Verdict, Verdict]) -> None:
    assert claim(*papers, [row("frechet", GAN)]) == "Nothing was measured that says which model's pictures are clearer."
    assert {question.name for question in QUESTIONS} == {"clear", "varied", "whole"}
