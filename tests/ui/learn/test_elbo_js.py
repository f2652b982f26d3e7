"""The loss by hand: what the browser says of one digit's loss is what torch says, term by term."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from browsing import node
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence
from torch.nn import functional as F

from gencmp.data.digits import Digits
from gencmp.files import SHIPPED
from gencmp.latent.noise import draw_normal
from gencmp.models.snapshot import read
from gencmp.models.vae import PIXELS, elbo_terms, encode, objective_scale
from gencmp.training.build import load_model
from gencmp.ui.learn import loss
from gencmp.ui.routes.learn import OF_EACH, few

WEIGHTS = SHIPPED / "paper-vae" / "epochs" / "00051.safetensors"
SEED, DRAWS = 7, 1000
SCRIPT = """
import fs from "fs";
import { readWeights } from "./latent/nets.js";
import { Estimate, leastNats, lossOf, narrower, negativeNats, totals } from "./learn/loss/elbo.js";
import { behindLines } from "./learn/loss/behind.js";
const file = fs.readFileSync("w.safetensors"), [seed, draws] = process.argv.slice(2).map(Number);
const model = readWeights(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
const plain = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
console.log(JSON.stringify(JSON.parse(fs.readFileSync("in.json")).map((pixels) => {
  const loss = lossOf(model, pixels, seed), estimate = new Estimate(loss.bell, seed);
  estimate.draw(1);
  estimate.draw(draws - 1);
  return {
    ...loss, least: leastNats(pixels), totals: totals(loss, 4), narrow: narrower(model, pixels, loss, 10),
    negative: negativeNats(pixels, loss), means: estimate.means(), halves: estimate.halves(),
    course: estimate.course.map(({ count }) => count), behind: behindLines(loss, 4, "sum"),
  };
}), plain));
"""


@pytest.fixture(scope="module")
def model() -> Any:
    return load_model(read(WEIGHTS))


@pytest.fixture(scope="module")
def images(mnist: Digits) -> Tensor:
    return mnist.test.images[:5].float().view(5, -1) / 255


@pytest.fixture(scope="module")
def said(images: Tensor, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the browser says of each of five digits."""
    folder = tmp_path_factory.mktemp("elbo")
    shutil.copy(WEIGHTS, folder / "w.safetensors")
    (folder / "in.json").write_text(json.dumps(images.double().tolist()))
    found: list[dict[str, Any]] = json.loads(node(SCRIPT, folder, str(SEED), str(DRAWS)))
    return found


def draws(size: int) -> np.ndarray:
    """The same noise as the browser's, [DRAWS, size]."""
    return draw_normal(SEED, DRAWS * size).reshape(DRAWS, size)


def gathered(said: list[dict[str, Any]], name: str) -> Tensor:
    return torch.tensor([each[name] for each in said], dtype=torch.float64)


def decoded(model: Any, images: Tensor, narrower: float = 1.0) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, mean and log variance, for the first draw. narrower: by how much the spread is divided."""
    with torch.no_grad():
        mean, log_var = encode(model.encoder, images)
        log_var = log_var - 2 * np.log(narrower)
        z = mean + torch.exp(log_var / 2) * torch.tensor(draws(mean.shape[1])[0], dtype=torch.float32)
        return model.decoder(z), mean, log_var


def test_each_of_784_terms_is_torchs(said: list[dict[str, Any]], model: Any, images: Tensor) -> None:
    logits, _, _ = decoded(model, images)
    terms = F.binary_cross_entropy_with_logits(logits, images, reduction="none")
    assert torch.allclose(gathered(said, "terms"), terms.double(), atol=1e-4)
    assert torch.allclose(gathered(said, "reconstruction"), terms.double().sum(1), atol=1e-2)


def test_kl_is_that_of_torchs_library(said: list[dict[str, Any]], model: Any, images: Tensor) -> None:
    """So the paper's claim that no library has it is only half right."""
    _, mean, log_var = decoded(model, images)
    kls = kl_divergence(Normal(mean, torch.exp(log_var / 2)), Normal(0.0, 1.0))
    assert torch.allclose(gathered(said, "kls"), kls.double(), atol=1e-4)


def test_the_sums_are_our_losss(said: list[dict[str, Any]], model: Any, images: Tensor) -> None:
    logits, mean, log_var = decoded(model, images)
    reconstruction, kl = (float(each) for each in elbo_terms(images, logits, mean, log_var))
    assert gathered(said, "reconstruction").mean() == pytest.approx(reconstruction, rel=1e-4)
    assert gathered(said, "kl").mean() == pytest.approx(kl, rel=1e-4)
    of_reconstruction, of_kl = objective_scale(1, "pixel_mean")
    wrong = np.mean([each["totals"]["pixelMean"] for each in said])
    assert wrong == pytest.approx(of_reconstruction * reconstruction + of_kl * 4 * kl, rel=1e-4)
    signs = [(each["totals"]["right"], each["totals"]["klSign"], each["totals"]["reconstructionSign"]) for each in said]
    wanted = [reconstruction + 4 * kl, reconstruction - 4 * kl, 4 * kl - reconstruction]
    assert np.mean(signs, axis=0) == pytest.approx(wanted, rel=1e-4)


def test_a_mean_over_the_pixels_is_a_beta_of_784(said: list[dict[str, Any]]) -> None:
    for each in said:
        beta = 4 * PIXELS  # as the script asks for a β of 4
        assert PIXELS * each["totals"]["pixelMean"] == pytest.approx(each["reconstruction"] + beta * each["kl"])


def test_sampling_comes_to_the_closed_form(said: list[dict[str, Any]], model: Any, images: Tensor) -> None:
    _, mean, log_var = (each.double() for each in decoded(model, images))
    for each, m, v in zip(said, mean, log_var, strict=True):
        q, p = Normal(m, torch.exp(v / 2)), Normal(torch.zeros(2).double(), 1.0)
        z = m + torch.exp(v / 2) * torch.tensor(draws(2))
        sampled = q.log_prob(z) - p.log_prob(z)
        assert each["means"] == pytest.approx(sampled.mean(0).tolist(), abs=1e-4)
        half = 1.96 * sampled.std(0) / DRAWS**0.5
        assert each["halves"] == pytest.approx(half.tolist(), abs=1e-4)
        assert np.abs(np.array(each["means"]) - each["kls"]).max() < 2 * half.max()
        assert each["course"][:3] == [1, 2, 3] and each["course"][-1] == DRAWS


def test_what_a_wrong_sign_rewards_is_torchs_too(said: list[dict[str, Any]], model: Any, images: Tensor) -> None:
    logits, mean, log_var = decoded(model, images, narrower=10)
    reconstruction, kl = elbo_terms(images, logits, mean, log_var)
    narrow = np.mean([[each["narrow"]["reconstruction"], each["narrow"]["kl"]] for each in said], axis=0)
    assert narrow == pytest.approx([float(reconstruction), float(kl)], rel=1e-4)
    negative = F.binary_cross_entropy_with_logits(-decoded(model, images)[0], images, reduction="sum") / len(images)
    assert gathered(said, "negative").mean() == pytest.approx(float(negative), rel=1e-4)


def test_the_least_is_the_entropy_of_the_pixels(said: list[dict[str, Any]], images: Tensor) -> None:
    entropy = Bernoulli(images.double()).entropy().sum(1)
    assert torch.allclose(gathered(said, "least"), entropy, atol=1e-4)
    assert (gathered(said, "least") < gathered(said, "reconstruction")).all()


def test_every_line_of_our_code_has_its_numbers_behind_it(said: list[dict[str, Any]]) -> None:
    lines = {f"{part['name']}: {line['sets']}" for part in loss.code() for line in part["statements"]}
    behind = said[0]["behind"]
    assert behind.keys() == lines
    total = said[0]["reconstruction"] + 4 * said[0]["kl"]
    assert behind["VaeTrainer.phases: loss"].endswith(f"= {total:,.2f} nats")


READ = """
import fs from "fs";
import { readFew } from "./learn/loss/loss.js";
const file = fs.readFileSync("few.bin");
const found = readFew(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
console.log(JSON.stringify(found.map(({ label, pixels }) => [label, pixels.reduce((a, b) => a + b)])));
"""


def test_a_few_test_digits_reach_the_browser(mnist: Digits, tmp_path: Path) -> None:
    class Run:
        config = {"dataset": "mnist", "classes": ()}

    record: Any = type("Record", (), {"run": Run})
    (tmp_path / "few.bin").write_bytes(few(None, record).body)  # type: ignore[arg-type]
    found = json.loads(node(READ, tmp_path))
    assert [label for label, _ in found] == [*range(10)] * OF_EACH
    first = int((mnist.test.labels == 0).nonzero()[0])
    assert found[0][1] == pytest.approx(float(mnist.test.images[first].float().sum() / 255))
