"""Lessons trained without a store: checked, recorded over seeds, and continued where they stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gencmp.data.load import load
from gencmp.errors import ConfigError
from gencmp.evaluation import checkups
from gencmp.events import Checkpoint
from gencmp.lessons import experiment
from gencmp.lessons.effects import EFFECTS, expected_seconds
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.places import centres_of, centres_of_real, place_of
from gencmp.lessons.recorded import PLACE, RecordedRun, estimate, read_records, record_of, write_records
from gencmp.lessons.sets import newest_set, set_of_seed
from gencmp.lessons.twelve import LESSONS, lesson_of
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.training.loop import train

TINY = {"encoder_widths": (8,), "decoder_widths": (8,)}


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkups of few pictures."""
    monkeypatch.setattr(checkups, "COUNT", 200)


def blink(lesson: Lesson) -> dict[str, Config]:
    """A lesson's variants, small enough to train in a blink."""
    return {
        each.key: each.config.replace(limit=200, epochs=1, device="cpu", **(TINY if each.config.kind == "vae" else {}))
        for each in lesson.variants
    }


def recorded(lesson: str, variant: str, seed: int, **figures: float) -> RecordedRun:
    return RecordedRun(lesson, variant, seed, {}, figures, 1.0, "2026-11-26", "a machine")


def test_an_interval_is_students() -> None:
    found = estimate([10.0, 12.0, 14.0, 16.0, 18.0])
    assert found.low is not None and found.high is not None
    assert (found.mean, found.seeds) == (14.0, 5)
    assert found.high - found.mean == pytest.approx(2.776 * (10**0.5) / 5**0.5, rel=1e-3) == found.mean - found.low
    assert estimate([3.0]).low is None


def test_only_seeds_with_all_variants_count(tmp_path: Path) -> None:
    runs = [recorded("bound", key, seed, tracks=0.9) for seed in (0, 1) for key in ("gan", "vae")][:3]
    write_records(runs, LESSONS, tmp_path / "r.json")
    record = record_of(lesson_of("bound"), tmp_path / "r.json")
    assert list(record.by_seed) == [0] and record.holds == [False]
    assert record.made == "on a machine, 2026-11-26"
    assert record.estimates["vae"]["tracks"].mean == 0.9


def test_another_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "r.json"
    place.write_text("{}")
    with pytest.raises(ConfigError, match="does not hold recorded lessons"):
        read_records(place)
    assert read_records(tmp_path / "none.json") == []


def test_what_the_repository_holds_can_be_read() -> None:
    for run in read_records(PLACE):
        assert run.config == experiment.full(LESSONS[run.lesson])[run.variant].replace(seed=run.seed).to_dict()
        assert set(run.figures) <= set(LESSONS[run.lesson].figures) and run.machine and run.date


def test_a_record_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson, place = lesson_of("latent"), tmp_path / "r.json"
    first = experiment.record([lesson], 1, place, size=blink)
    assert {(run.variant, run.seed) for run in first} == {(each.key, 0) for each in lesson.variants}
    assert all({"reconstruction", "negative_elbo", "frechet", "recognised"} == set(run.figures) for run in first)
    trained: list[int] = []
    train = experiment.trained
    monkeypatch.setattr(
        experiment, "trained", lambda config, *rest: trained.append(config.seed) or train(config, *rest)
    )
    both = experiment.record([lesson], 2, place, size=blink)
    assert trained == [1] * len(lesson.variants) and both[: len(first)] == first
    assert read_records(place) == both
    assert record_of(lesson, place).estimates["two"]["reconstruction"].seeds == 2


def test_runs_of_other_settings_are_trained_anew(tmp_path: Path) -> None:
    lesson, place = lesson_of("latent"), tmp_path / "r.json"
    old = [recorded("latent", "one", 0, reconstruction=1.0), recorded("bound", "gan", 0, tracks=0.5)]
    write_records(old, LESSONS, place)
    runs = experiment.record([replace(lesson, variants=lesson.variants[:1])], 1, place, size=blink)
    assert [(run.lesson, run.variant) for run in runs] == [("bound", "gan"), ("latent", "one")]
    assert runs[1].figures["reconstruction"] > 1


def test_the_smallest_and_the_full_runs_are_valid_settings() -> None:
    assert set(EFFECTS) == {key for key, lesson in LESSONS.items() if lesson.variants}
    for key in EFFECTS:
        small, large = experiment.smallest(LESSONS[key]), experiment.full(LESSONS[key])
        assert small.keys() == large.keys() == {each.key for each in LESSONS[key].variants}


def test_the_check_trains_the_smallest_runs_and_says_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    lesson = lesson_of("latent")
    monkeypatch.setattr(experiment, "smallest", blink)
    found = experiment.checked([lesson])
    _, results = found["latent"]
    assert all(100 < each["reconstruction"] < 700 for each in results.values()) and len(results) == len(lesson.variants)
    falls = dict(zip(results, (190.0, 180.0, 150.0, 140.0), strict=True))
    assert EFFECTS["latent"].is_seen({key: {"reconstruction": loss} for key, loss in falls.items()})
    assert not EFFECTS["latent"].is_seen({key: {"reconstruction": 100.0} for key in results})


# In the store


def test_a_lessons_runs_are_found_by_their_settings_whatever_their_name(store: RunStore) -> None:
    lesson = lesson_of("rates")
    assert newest_set(lesson, store.queries).runs == {}
    made = {each.key: store.create(each.config.replace(seed=3), name=f"x{each.key}") for each in lesson.variants}
    store.create(lesson.variants[0].config.replace(seed=1))
    store.create(lesson.variants[0].config.replace(seed=4, epochs=2))
    found = set_of_seed(lesson, store.queries, 3)
    assert {key: run.id for key, run in found.runs.items()} == {key: run.id for key, run in made.items()}
    assert found.is_whole(lesson) and found.is_open
    newest = newest_set(lesson, store.queries)
    assert newest.seed == 1 and list(newest.runs) == ["slow"] and not newest.is_whole(lesson)


def test_a_run_that_is_not_stored_has_its_place_from_its_last_weights(tmp_path: Path) -> None:
    """As a stored one has from the file."""
    config = blink(lesson_of("positions"))["vae"]
    found, _ = experiment.trained(config, ("off", "share", "clouds"), lambda done, epochs: None)
    weights = next(e.weights for e in train(config, load(config)) if isinstance(e, Checkpoint))
    assert weights is not None
    (tmp_path / "w.safetensors").write_bytes(weights)
    place = place_of(centres_of(tmp_path / "w.safetensors"), centres_of_real("mnist-shifted"))
    assert place and found == pytest.approx({"off": place.off, "share": place.share, "clouds": place.apart})
    assert place.share < 0.5, "one step is too little to leave the middle"


def test_a_record_that_is_killed_keeps_its_runs_and_trains_only_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson, place, begun = lesson_of("bound"), tmp_path / "r.json", []

    def killed_at_the_third(config: Config, *rest: object) -> tuple[dict[str, float], float]:
        begun.append((config.kind, config.seed))
        if len(begun) == 3:
            raise KeyboardInterrupt
        return {"tracks": 0.9}, 1.0

    monkeypatch.setattr(experiment, "trained", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        experiment.record([lesson], 2, place, size=blink)
    assert [(run.variant, run.seed) for run in read_records(place)] == [("gan", 0), ("vae", 0)]
    left = [(key, config.seed) for _, key, config in experiment.missing([lesson], 2, place, blink)]
    assert left == [("gan", 1), ("vae", 1)]
    experiment.record([lesson], 2, place, size=blink)
    assert begun == [("gan", 0), ("vae", 0), ("gan", 1), ("gan", 1), ("vae", 1)]


def test_what_another_command_records_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, other = tmp_path / "r.json", recorded("latent", "one", 0, reconstruction=1.0)

    def beside_another(config: Config, *rest: object) -> tuple[dict[str, float], float]:
        write_records([*(run for run in read_records(place) if run != other), other], LESSONS, place)
        return {"tracks": 0.9}, 1.0

    monkeypatch.setattr(experiment, "trained", beside_another)
    runs = experiment.record([lesson_of("bound")], 1, place, size=blink)
    assert other in runs and {run.variant for run in runs} == {"gan", "vae", "one"} and read_records(place) == runs


def test_the_expected_time_follows_the_steps() -> None:
    took = {"gan": 4.0, "vae": 2.0}
    gan, vae = GanConfig(epochs=10), VaeConfig(epochs=10)
    one = expected_seconds(gan, took)
    assert one == pytest.approx(10 * ((938 + 52) * 0.004 + 0.1), rel=0.01)
    assert expected_seconds(gan.replace(epochs=20), took) == 2 * one
    assert 2.5 * one < expected_seconds(gan.replace(discriminator_steps=5), took) < 3 * one
    assert expected_seconds(gan.replace(limit=6400), took) < one / 5 < expected_seconds(vae, took) < one


@pytest.mark.parametrize(
    ("lesson", "figure", "seen", "unseen"),
    [
        ("positions", "share", {"gan": 0.8, "vae": 0.9}, {"gan": 0.3, "vae": 0.9}),
        (
            "dropout",
            "by_heart",
            {"none": 0.05, "paper": 0.01, "more": 0.0},
            {"none": 0.05, "paper": 0.06, "more": 0.0},
        ),
    ],
)
def test_an_effect_is_seen_or_not(lesson: str, figure: str, seen: dict[str, float], unseen: dict[str, float]) -> None:
    for values, wanted in ((seen, True), (unseen, False)):
        assert EFFECTS[lesson].is_seen({key: {figure: value} for key, value in values.items()}) is wanted
