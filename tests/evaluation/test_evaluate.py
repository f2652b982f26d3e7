"""The whole verdict: floors, monotony (worse is never better), and that what is known is not measured again."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from judged import save_panel
from safetensors.torch import load, save
from torch.nn import functional as F

from gencmp.cli.main import main
from gencmp.data.digits import Digits
from gencmp.errors import DataError, SnapshotError
from gencmp.evaluation import evaluate as module
from gencmp.evaluation import figures as figures_of
from gencmp.evaluation.criteria import CRITERIA
from gencmp.evaluation.evaluate import evaluate, judge_model, judge_real
from gencmp.evaluation.judges import training as judge_module
from gencmp.evaluation.judges.judge import Judge
from gencmp.evaluation.judges.panel import Member, file_key
from gencmp.evaluation.judges.training import judge_of, train_member
from gencmp.evaluation.measuring.neighbours import Overlap
from gencmp.evaluation.real_digits import Real, real_digits
from gencmp.evaluation.verdicts import kept_judgement
from gencmp.files import home
from gencmp.models.snapshot import Snapshot, pack, read, weights_of
from gencmp.models.weights_file import metadata_of
from gencmp.progress import Progress
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import build_trainer

VAE_ONLY = {"elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p", "bound_gap"}


@pytest.fixture(scope="module")
def real(mnist: Digits) -> Real:
    """MNIST, small: 1,000 digits to measure against, of 2,200 to train on."""
    train = mnist.train.images[:2200]
    test = mnist.test.images[
        torch.randperm(10_000, generator=torch.Generator().manual_seed(0))[:1000]
    ]  # the first ones are the clearest
    return Real("mnist", judge_of("mnist"), test, train[:1000], train[1000:2000], train)


@pytest.fixture
def snapshot(config: GanConfig | VaeConfig) -> Snapshot:
    trainer = build_trainer(config, torch.device("cpu"))
    return Snapshot(config, 3, 10, 1.0, weights_of(trainer))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIKELIHOOD_IMAGES", 10)
    monkeypatch.setattr(module, "BOUNDS", {"elbo": 1, "iwae_10": 10, "iwae_100": 50, "iwae_1000": 100})


# Whole verdicts


def test_a_verdict_has_every_figure_in_its_interval(real: Real, snapshot: Snapshot, quick: None) -> None:
    found = judge_model("mine", "key", snapshot, real, seed=0)
    wanted = set(CRITERIA) - (VAE_ONLY if snapshot.config.kind == "gan" else set())
    assert sorted(each.name for each in found.measures) == sorted(wanted)
    assert all(each.low <= each.value <= each.high and math.isfinite(each.value) for each in found.measures)
    assert (found.model, found.kind, found.epoch, found.count, found.judge) == (
        "mine",
        snapshot.config.kind,
        3,
        1000,
        real.judge.key,
    )
    assert sum(found.digits) == pytest.approx(1)


def test_real_digits_are_the_floor(real: Real) -> None:
    floor = judge_real(real, VaeConfig())
    assert not VAE_ONLY & {each.name for each in floor.measures}
    assert floor["frechet"].value < 2
    assert floor["kernel"].low < 0 < floor["kernel"].high
    assert floor["two_sample"].value == pytest.approx(0.5, abs=0.06)
    assert min(floor[name].value for name in ("precision", "recall", "density", "coverage", "confidence")) > 0.8
    assert floor["digit_kl"].value < 0.02 and floor.missing == () and floor["missing"].high == 0
    assert floor["copies"].value < 0.02


def test_an_untrained_model_is_worse_than_the_floor_by_every_figure_that_ranks(
    real: Real, snapshot: Snapshot, quick: None
) -> None:
    found, floor = judge_model("mine", "", snapshot, real), judge_real(real, snapshot.config)
    for name in ("frechet", "kernel", "digit_kl", "missing"):
        assert found[name].low > floor[name].high
    for name in ("precision", "recall", "coverage", "parzen"):
        assert found[name].high < floor[name].low
    assert len(found.missing) >= 5


def test_the_bounds_of_a_verdict_come_in_order(real: Real, vae: VaeConfig, quick: None) -> None:
    snapshot = Snapshot(vae, 1, 1, 1.0, weights_of(build_trainer(vae, torch.device("cpu"))))
    found = judge_model("mine", "", snapshot, real)
    ladder = [found[name].value for name in ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p")]
    assert ladder == sorted(ladder)
    assert found["bound_gap"].value == pytest.approx(ladder[-1] - ladder[0], abs=1e-6)


def test_no_quadrature_without_a_plane(real: Real, vae: VaeConfig, quick: None) -> None:
    config = vae.replace(latent_size=3)
    found = judge_model(
        "mine", "", Snapshot(config, 1, 1, 1.0, weights_of(build_trainer(config, torch.device("cpu")))), real
    )
    assert "iwae_1000" in found and "log_p" not in found


def test_the_same_seed_gives_the_same_verdict(real: Real, gan: GanConfig) -> None:
    snapshot = Snapshot(gan, 1, 1, 1.0, weights_of(build_trainer(gan, torch.device("cpu"))))
    runs = [judge_model("mine", "", snapshot, real, seed).measures for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_neighbours_are_sought_among_what_the_model_has_seen(real: Real, gan: GanConfig) -> None:
    """Fewer digits to be near to, so none nearer."""
    weights = weights_of(build_trainer(gan, torch.device("cpu")))
    whole, limited = (
        judge_model("mine", "", Snapshot(gan.replace(limit=limit), 1, 1, 1.0, weights), real) for limit in (0, 100)
    )
    assert limited["neighbour_pixels"].value > whole["neighbour_pixels"].value
    assert limited["neighbour_features"].value > whole["neighbour_features"].value


# Worse is never better: training digits, spoilt step by step


def figures(images: Any, real: Any) -> Any:
    found = figures_of.figures(images, figures_of.views_of(images, real), real, figures_of.draws_of(0))
    return {each.name: each.value for each in found}


def blurred(images: Any, strength: Any) -> Any:
    spread = F.avg_pool2d(images.view(-1, 1, 28, 28).float(), 5, 1, 2)
    return ((1 - strength) * images.float() + strength * spread.flatten(1)).to(torch.uint8)


def noisy(images: Any, strength: Any) -> Any:
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0)) * 255 * strength
    return (images.float() + noise).clamp(0, 255).to(torch.uint8)


@pytest.mark.parametrize(("spoil", "strengths"), [(blurred, (0.0, 0.3, 0.6)), (noisy, (0.0, 0.05, 0.15))])
def test_blur_and_noise_never_improve_a_figure_that_sees_them(real: Real, spoil: Any, strengths: Any) -> None:
    ladder = [figures(spoil(real.stand_in, strength), real) for strength in strengths]
    assert rises(each["frechet"] for each in ladder)
    assert rises(each["kernel"] for each in ladder)
    assert rises(each["two_sample"] for each in ladder)
    for name in ("precision", "recall", "density", "coverage"):
        assert rises(-each[name] for each in ladder)


def test_noise_that_hides_digits_never_improves_their_histogram(real: Real) -> None:
    """Blur and a little noise leave every digit readable, so that they move its KL by chance alone."""
    ladder = [figures(noisy(real.stand_in, strength), real)["digit_kl"] for strength in (0.0, 0.15, 0.3)]
    assert rises(ladder) and ladder[1] > 10 * ladder[0]


def test_parzen_prefers_blurred_digits_to_real_ones(real: Real) -> None:
    """The lesson of Theis et al. 2016, on our own digits, and what the page says of it."""
    assert figures(blurred(real.stand_in, 0.5), real)["parzen"] > figures(real.stand_in, real)["parzen"] + 10


def test_missing_digits_never_improve_a_figure_that_sees_them(real: Real) -> None:
    labels = real.judge(real.train).digits
    ladder = [figures(real.train[labels >= lost][:1000], real) for lost in (0, 2, 4, 6)]
    for name in ("frechet", "kernel", "digit_kl", "missing"):
        assert rises(each[name] for each in ladder)
    for name in ("recall", "coverage"):
        assert rises(-each[name] for each in ladder)
    assert [each["missing"] for each in ladder] == [0, 2, 4, 6]


def test_digits_that_the_data_lack_cost_much_but_not_everything(real: Real) -> None:
    """Of a model trained on 0 and 1 alone, drawing one 7 in ten."""
    labels = real.judge(real.train).digits
    ones = real.train[labels <= 1]
    two = Real("two", real.judge, ones[:200], ones[200:400], ones[200:400], ones)
    found = figures(torch.cat((ones[200:380], real.train[labels == 7][:20])), two)
    assert found["missing"] == 0
    assert figures(ones[200:400], two)["digit_kl"] + 0.2 < found["digit_kl"] < 2


def test_copied_digits_are_found_out(real: Real) -> None:
    images = real.train[:200]
    views, draws = figures_of.views_of(images, real), figures_of.draws_of(0)
    found = {each.name: each.value for each in figures_of.neighbours(images, views, real, draws)}
    assert found["copies"] == 1
    assert found["neighbour_pixels"] < 0.05 and found["neighbour_features"] < 0.05


def rises(values: Any) -> Any:
    return all(a < b for a, b in pairwise(values))


# Intervals


def test_no_interval_of_a_share_passes_1() -> None:
    """998 of 1,000 sure: half the interval's width is 0.0028. Density, with the same values, may pass 1."""
    sure = (torch.arange(1000) > 1).double()
    confidence, density = (
        figures_of.mean_of(name, sure, torch.Generator().manual_seed(0)) for name in ("confidence", "density")
    )
    assert (confidence.low, confidence.high) == (density.low, 1.0)
    assert density.high > 1.0001


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 0.003682), (1000, 0.996318, 1.0)])
def test_a_count_of_none_or_all_is_not_certain(count: int, low: float, high: float) -> None:
    """Clopper and Pearson's ends for n = 1,000: the share of which 1,000 have none in 2.5 of 100 cases."""
    hits = torch.arange(1000) < count
    found = figures_of.share_of("copies", hits.float())
    assert (found.value, found.low, found.high) == pytest.approx((count / 1000, low, high), abs=1e-6)


def test_a_figure_does_not_change_with_what_is_measured_beside_it(
    real: Real, gan: GanConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has draws of its own: with other draws for the kernel distance, and no halves, the others are the same."""
    snapshot = Snapshot(gan, 1, 1, 1.0, weights_of(build_trainer(gan, torch.device("cpu"))))
    whole = judge_model("mine", "", snapshot, real)
    kernel = figures_of._kernel
    monkeypatch.setattr(
        figures_of, "_kernel", lambda space, a, b, _: kernel(space, a, b, torch.Generator().manual_seed(7))
    )
    half = Overlap(0.5, 0.5, 0.5, 0.5, 0.5)
    monkeypatch.setattr(figures_of, "overlap_with_errors", lambda *_: (half, half))
    other = judge_model("mine", "", snapshot, real)
    changed = {each.name for each in whole.measures if other[each.name] != each}
    assert changed == {"kernel", "precision", "recall", "density", "coverage", "two_sample"}


def test_the_seed_changes_every_draw_and_a_name_its_own() -> None:
    drawn = {
        (seed, name): torch.rand(1, generator=figures_of.draws_of(seed)(name)).item()
        for seed in (0, 1)
        for name in "ab"
    }
    assert len(set(drawn.values())) == 4
    assert drawn[0, "a"] == torch.rand(1, generator=figures_of.draws_of(0)("a")).item()


def test_digits_are_surely_missing_only_where_enough_pictures_say_so() -> None:
    wanted = torch.full((10,), 0.1)
    few, many = (figures_of.missing_classes(torch.arange(8).repeat(n), wanted) for n in (5, 500))
    assert (few.low, few.value, few.high) == (0, 2, 2)
    assert (many.low, many.value, many.high) == (2, 2, 2)


# By name


@pytest.fixture
def dataset(digits: Digits, digits_folder: Path) -> str:
    save_panel(digits, str(digits_folder))
    return str(digits_folder)


@pytest.fixture
def files(dataset: str, gan: GanConfig, vae: VaeConfig, tmp_path: Path) -> list[tuple[str, Path]]:
    """Both models, untrained, as weights on disk."""
    models = []
    for config in (gan.replace(dataset=dataset), vae.replace(dataset=dataset)):
        path = tmp_path / f"{config.kind}.safetensors"
        path.write_bytes(pack(Snapshot(config, 1, 1, 1.0, weights_of(build_trainer(config, torch.device("cpu"))))))
        models.append((config.kind, path))
    return models


def test_evaluate_judges_all_beside_one_floor(files: list[tuple[str, Path]], quick: None) -> None:
    heard = []
    gan, vae = evaluate(files, count=50, progress=lambda share, words: heard.append((share, words)))
    assert (gan.verdict.kind, vae.verdict.kind, gan.verdict.count) == ("gan", "vae", 50)
    assert gan.floor == vae.floor and gan.floor.kind == "real"
    shares = [share for share, _ in heard]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] == 1
    assert any(words.startswith("vae: bounds") for _, words in heard)


def test_judges_who_must_be_trained_take_most_of_the_bar(
    digits_folder: Path, gan: GanConfig, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quickly(digits: Digits, member: Member, progress: Progress) -> Judge:
        return train_member(digits, replace(member, steps=10), progress)

    monkeypatch.setattr(judge_module, "train_member", quickly)
    config, path = gan.replace(dataset=str(digits_folder)), tmp_path / "gan.safetensors"
    path.write_bytes(pack(Snapshot(config, 1, 1, 1.0, weights_of(build_trainer(config, torch.device("cpu"))))))
    heard = []
    evaluate([("mine", path)], count=50, progress=lambda share, words: heard.append((share, words)))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    trained = [share for share, words in heard if words.startswith("mine: Training the judge")]
    measured = next(share for share, words in heard if "distances in" in words)
    assert 0.5 < max(trained) < measured and 0.7 < measured < 0.95


def test_what_is_known_is_not_measured_again(
    files: list[tuple[str, Path]], quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, config = file_key(files[0][1]), read(files[0][1]).config
    assert kept_judgement(key, config, count=50) == (None, None)
    first = evaluate(files, count=50)
    assert kept_judgement(key, config, count=50) == (first[0].verdict, first[0].floor)
    monkeypatch.setattr(module, "real_digits", lambda *_, **__: pytest.fail("measured again"))
    renamed = [(f"my {name}", path) for name, path in files]
    again = evaluate(renamed, count=50)
    assert [each.verdict.measures for each in again] == [each.verdict.measures for each in first]
    assert [each.verdict.model for each in again] == ["my gan", "my vae"]
    with pytest.raises(pytest.fail.Exception):
        evaluate(files, count=51)


@pytest.fixture
def closed_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home whose folder of verdicts cannot be: as where it may only be read, for root too."""
    home().mkdir(parents=True, exist_ok=True)
    (home() / "verdicts").write_text("in the way")


def test_where_nothing_can_be_kept_that_is_said_before_anything_is_measured(
    files: list[tuple[str, Path]], quick: None, closed_home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    measured: list[list[str]] = []
    monkeypatch.setattr(
        module, "real_digits", lambda *each, **how: measured.append(list(said)) or real_digits(*each, **how)
    )
    found = evaluate(files, count=50, warn=said.append)
    assert [each.verdict.model for each in found] == ["gan", "vae"] and found[0].verdict.measures
    [words] = said
    assert words.startswith(f"Results cannot be saved in {home()}: ") and "Set GENCMP_HOME to a folder" in words
    assert words.endswith("The figures are printed, but will be measured again next time.")
    assert measured == [[words]]


def test_where_all_is_known_nothing_is_said(files: list[tuple[str, Path]], quick: None) -> None:
    evaluate(files, count=50, warn=pytest.fail)
    (home() / "verdicts").rename(home() / "kept")
    (home() / "verdicts").symlink_to(home() / "kept")
    evaluate(files, count=50, warn=pytest.fail)


def test_the_command_says_it_and_prints_the_figures(
    files: list[tuple[str, Path]], quick: None, closed_home: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(files[1][1]), "--count", "100"]) == 0
    out, err = capsys.readouterr()
    assert f"gencmp: Results cannot be saved in {home()}: " in err
    assert "Fréchet distance" in out


def test_other_weights_are_measured_anew(files: list[tuple[str, Path]], quick: None) -> None:
    before = evaluate(files[:1], count=50)[0]
    other = read(files[0][1]).config.replace(seed=9)
    files[0][1].write_bytes(pack(Snapshot(other, 1, 1, 1.0, weights_of(build_trainer(other, torch.device("cpu"))))))
    after = evaluate(files[:1], count=50)[0]
    assert after.verdict.measures != before.verdict.measures
    assert after.floor == before.floor


def test_data_that_are_not_here_are_told_before_anything_is_measured(vae: VaeConfig, tmp_path: Path) -> None:
    def file(**settings: Any) -> Any:
        path = tmp_path / "x.safetensors"
        content = pack(Snapshot(vae, 1, 1, 1.0, weights_of(build_trainer(vae, torch.device("cpu")))))
        told = json.loads(metadata_of(content)["gencmp"])
        told["config"] |= settings
        path.write_bytes(save(load(content), {"gencmp": json.dumps(told)}))
        return [("x", path)]

    for dataset in (r"C:\Users\anna\digits", "folder:digits", str(tmp_path / "digits")):
        with pytest.raises(DataError, match=r"^The folder of pictures 'digits'.* is not on this computer\."):
            evaluate(file(dataset=dataset))
    for unknown in ({"dataset": "mnist of 2030"}, {"classes": ["one"]}, {"limit": "half"}):
        with pytest.raises(DataError, match=f"does not know their setting {next(iter(unknown))}"):
            evaluate(file(**unknown))


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"nonsense")
    with pytest.raises(SnapshotError, match="not a gencmp snapshot"):
        evaluate([("x", tmp_path / "x.safetensors")])
