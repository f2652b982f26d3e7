"""The browser's arithmetic against torch and numpy, in Node: weights, networks, noise, quantiles, directions, centring, addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from browsing import node
from safetensors.numpy import save as save_tensors

from gencmp.data.digits import Digits
from gencmp.data.own_pictures import centre
from gencmp.files import SHIPPED
from gencmp.latent import noise, planes
from gencmp.models.gan import generate
from gencmp.models.snapshot import Snapshot, pack, read, unpack, weights_of
from gencmp.models.vae import elbo_terms
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import build_trainer, load_model

NETS = """
import fs from "fs";
import { readWeights, paint, paint4, judge, judge4, encode, reconstructionNats, klNats, PIXELS } from "./latent/nets.js";
const { points, pictures } = JSON.parse(fs.readFileSync("in.json"));
const file = fs.readFileSync("w.safetensors");
const model = readWeights(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
const out = new Float64Array(PIXELS), four = new Float64Array(4 * PIXELS);
const said = { painted: points.map((z) => Array.from(paint(model, z, out))) };
const woven = Float64Array.from({ length: 4 * model.size }, (_, i) => points[i % 4][i >> 2]);
paint4(model, woven, four);
said.four = [0, 1, 2, 3].map((k) => Array.from({ length: PIXELS }, (_, i) => four[4 * i + k]));
if (model.kind === "gan") {
  said.judged = pictures.map((x) => judge(model, x));
  for (let i = 0; i < PIXELS; i++) for (let k = 0; k < 4; k++) four[4 * i + k] = pictures[k][i];
  said.judged4 = judge4(model, four);
  said.dropped = Array.from(paint(model, points[0], out, 5));
  said.droppedAgain = Array.from(paint(model, points[0], out, 5));
} else {
  said.encoded = pictures.map((x) => encode(model, x)).map(({ mean, logVar }) => [Array.from(mean), Array.from(logVar)]);
  said.nats = pictures.map((x) => { const c = encode(model, x); return [reconstructionNats(model, x, c.mean), klNats(c)]; });
}
fs.writeFileSync("out.json", JSON.stringify(said));
"""

CONFIGS = {
    "paper GAN": GanConfig(),
    "paper VAE": VaeConfig(),
    "normal noise, tanh": GanConfig(
        noise_size=7, noise="normal", generator_widths=(9, 13), discriminator_widths=(11,), activation="tanh"
    ),
    "latent 5, elu": VaeConfig(latent_size=5, encoder_widths=(10, 7), decoder_widths=(6, 15), activation="elu"),
    "convolutional GAN": GanConfig(network="conv", noise_size=9, activation="elu"),
    "convolutional VAE": VaeConfig(network="conv", latent_size=3, activation="leaky_relu"),
    "latent 1, leaky": VaeConfig(
        latent_size=1, encoder_widths=(9,), decoder_widths=(10,), activation="leaky_relu", leaky_slope=0.05
    ),
}


def fresh(name: str) -> bytes:
    config = CONFIGS[name]
    return pack(Snapshot(config, 1, 1, 0.0, weights_of(build_trainer(config, torch.device("cpu")))))


def shipped() -> list[Path]:
    """The first and last kept epoch of each shipped model: float16 and float32."""
    found = []
    for folder in sorted(SHIPPED.glob("paper-*")):
        kept = sorted((folder / "epochs").glob("*.safetensors"))
        found += [kept[0], kept[-1]] if kept else []
    return found


def browser_says(content: bytes, folder: Path, points: torch.Tensor, pictures: torch.Tensor) -> dict[str, Any]:
    (folder / "w.safetensors").write_bytes(content)
    (folder / "in.json").write_text(json.dumps({"points": points.tolist(), "pictures": pictures.tolist()}))
    node(NETS, folder)
    found: dict[str, Any] = json.loads((folder / "out.json").read_text())
    return found


def compare(content: bytes, folder: Path, pictures: torch.Tensor) -> dict[str, float]:
    """The largest difference between JavaScript and torch, by network. pictures: [at least 4, 784] in [0, 1]."""
    model: Any = load_model(unpack(content))
    rng = torch.Generator().manual_seed(0)
    size = model.config.noise_size if model.config.kind == "gan" else model.config.latent_size
    points = 2 * torch.randn(12, size, generator=rng)
    said = browser_says(content, folder, points, pictures)

    def away(mine: Any, theirs: torch.Tensor) -> float:
        return float(np.abs(np.array(mine) - theirs.numpy()).max())

    if model.config.kind == "gan":
        painted = (generate(model.generator, points) + 1) / 2
        verdicts = torch.sigmoid(model.discriminator(2 * pictures - 1))[:, 0]
        return {
            "G": away(said["painted"], painted), "G, four": away(said["four"], painted[:4]),
            "D": away(said["judged"], verdicts), "D, four": away(said["judged4"], verdicts[:4]),
        }  # fmt: skip
    painted = torch.sigmoid(model.decoder(points))
    mean, log_var = model.encoder(pictures).chunk(2, 1)
    each = zip(pictures.split(1), mean.split(1), log_var.split(1), strict=True)
    nats = [torch.stack(elbo_terms(x, model.decoder(m), m, v)) for x, m, v in each]
    return {
        "decoder": away(said["painted"], painted), "decoder, four": away(said["four"], painted[:4]),
        "encoder": away(said["encoded"], torch.stack((mean, log_var), 1)), "nats": away(said["nats"], torch.stack(nats)) / 100,
    }  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_javascript_says_what_torch_says(name: Any, tmp_path: Path) -> None:
    errors = compare(fresh(name), tmp_path, torch.rand(6, 784))
    print(name, errors)
    assert max(errors.values()) < 1e-4


@pytest.mark.parametrize("path", shipped(), ids=lambda path: f"{path.parts[-3]} {path.stem}")
def test_javascript_says_what_torch_says_of_the_shipped_models(path: Any, tmp_path: Path, mnist: Digits) -> None:
    errors = compare(
        path.read_bytes(), tmp_path, mnist.test.images[:8] / 255
    )  # real ones: of noise D is too sure to tell a difference
    print(path.parts[-3], read(path).epoch, errors)
    assert max(errors.values()) < 1e-4


def test_dropout_in_the_browser_is_seeded_and_changes_the_picture(tmp_path: Path) -> None:
    said = browser_says(fresh("paper GAN"), tmp_path, torch.randn(4, 100), torch.rand(4, 784))
    assert said["dropped"] == said["droppedAgain"]
    assert np.abs(np.array(said["dropped"]) - said["painted"][0]).max() > 1e-3


TENSORS = """
import fs from "fs";
import { readSafetensors } from "./latent/safetensors.js";
const file = fs.readFileSync("tensors.safetensors");
const { metadata, tensors } = readSafetensors(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
const bytes = Buffer.concat(Object.values(tensors).map(({ numbers }) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)));
fs.writeFileSync("numbers.bin", bytes);
console.log(JSON.stringify({ metadata, shapes: Object.entries(tensors).map(([name, { shape }]) => [name, shape]) }));
"""
EVERY_HALF = np.arange(65536, dtype=np.uint16).view(np.float16)


def safetensors_says(content: bytes, folder: Path) -> tuple[dict[str, Any], np.ndarray]:
    (folder / "tensors.safetensors").write_bytes(content)
    facts = json.loads(node(TENSORS, folder))
    return facts, np.fromfile(folder / "numbers.bin", "<f4")


def test_every_float16_number_is_what_numpy_says(tmp_path: Path) -> None:
    facts, numbers = safetensors_says(save_tensors({"x": EVERY_HALF.reshape(256, 256)}, {"a": "é"}), tmp_path)
    assert facts == {"metadata": {"a": "é"}, "shapes": [["x", [256, 256]]]}
    assert np.array_equal(numbers, EVERY_HALF.astype(np.float32), equal_nan=True)


@pytest.mark.parametrize("padding", range(4))
def test_tensors_may_begin_at_any_byte(padding: Any, tmp_path: Path) -> None:
    content = save_tensors({"x": np.array([1.5, -2], np.float32), "y": EVERY_HALF[:300]})
    length = int.from_bytes(content[:8], "little") + padding
    moved = (
        length.to_bytes(8, "little")
        + content[8 : length + 8 - padding]
        + b" " * padding
        + content[length + 8 - padding :]
    )
    _, numbers = safetensors_says(moved, tmp_path)
    assert np.array_equal(numbers, [1.5, -2, *EVERY_HALF[:300].astype(np.float32)])


def test_numbers_of_another_type_are_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="x is of type I64; only F32 and F16 can be read"):
        safetensors_says(save_tensors({"x": np.arange(3)}), tmp_path)


LATENT = """
import * as l from "./latent/latent.js";
const z = Array.from({ length: 40 }, (_, i) => l.normalAt(3, i));
const [means, logVars] = [Float32Array.from(z.slice(0, 20)), Float32Array.from(z.slice(20), (x) => x - 2)];
const posterior = { means, logVars, size: 2, count: 10 };
const plane = new l.Plane(new Float64Array(2), ...l.axes(2));
const { xs, ys, varX, varY } = l.projected(posterior, plane);
const across = new l.Spacing("even", 3.5).ticks(16);
console.log(JSON.stringify({
  uniform: Array.from(l.drawNoise(7, 100, "uniform")), normal: Array.from(l.drawNoise(123456, 100, "normal")),
  words: [0, 1, 2 ** 31, 2 ** 32 - 1].map((seed) => l.randomWord(seed, 70000)),
  random: l.randomDirections(4, 100, 3).map((d) => Array.from(d)),
  quantiles: [1e-9, 0.001, 0.3, 0.5, 0.9, 0.99999].map(l.quantile), shares: [-4, -1, 0, 0.5, 2.9, 3.1].map(l.share),
  ticks: Array.from(new l.Spacing("quantile", 4).ticks(20)), path: [0, 0.5, 0.9, 1].map((t) => l.along([[0, 0], [3, 0], [3, 1]], t, true)),
  density: Array.from(await l.density(xs, ys, varX, varY, across)),
  back: [-2, 0.1, 2.5].map((x) => { const s = new l.Spacing("quantile", 4); return s.at(s.place(x)); }),
  outline: l.outline({ mean: [1, 2], logVar: [0, Math.log(4)] }, plane),
}));
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return json.loads(node(LATENT, tmp_path_factory.mktemp("latent")))


def test_a_seed_is_the_same_noise_in_both_languages(said: Any) -> None:
    assert np.array_equal(np.float32(said["uniform"]), noise.draw_noise(7, 100))
    assert np.allclose(said["normal"], noise.draw_noise(123456, 100, "normal"), atol=1e-6)
    assert said["words"] == [int(noise.random_words(seed, 1, 70000)[0]) for seed in (0, 1, 2**31, 2**32 - 1)]


def test_random_directions_are_the_same_in_both_languages(said: Any) -> None:
    assert np.allclose(said["random"], planes.random_directions(4, 100, 3), atol=1e-12)


def test_quantiles_and_shares_are_the_same_in_both_languages(said: Any) -> None:
    assert np.allclose(said["quantiles"], noise.quantiles(np.array([1e-9, 0.001, 0.3, 0.5, 0.9, 0.99999])), atol=1e-12)
    assert np.allclose(said["shares"], [noise._normal.cdf(x) for x in (-4, -1, 0, 0.5, 2.9, 3.1)], atol=1e-12)
    assert np.allclose(said["ticks"], planes.ticks(20, "quantile"))
    assert np.allclose(said["back"], [-2, 0.1, 2.5])


def test_paths_are_the_same_in_both_languages(said: Any) -> None:
    assert np.allclose(said["path"], [planes.along([[0, 0], [3, 0], [3, 1]], t, loop=True) for t in (0, 0.5, 0.9, 1)])


def test_the_density_is_the_same_in_both_languages(said: Any) -> None:
    z = noise.draw_normal(3, 40).astype(np.float32)
    line = planes.ticks(16, "even", 3.5)
    wanted = planes.aggregated_density(z[:20].reshape(10, 2), z[20:].reshape(10, 2) - 2, line, line)
    assert np.abs(np.array(said["density"]).reshape(16, 16)[::-1] - wanted).max() < 1e-5


def test_the_ellipse_of_a_bell_has_its_spreads_as_half_axes(said: Any) -> None:
    assert said["outline"]["mean"] == [1, 2]
    assert np.allclose(sorted(said["outline"]["spread"]), [1, 2])


CENTRE = """
import fs from "fs";
import { centre } from "./explore/digitpad.js";
const { pixels, width, height } = JSON.parse(fs.readFileSync("in.json"));
console.log(JSON.stringify(Array.from(centre(Uint8Array.from(pixels), width, height))));
"""


def test_a_drawing_is_centred_as_the_data_were(tmp_path: Path) -> None:
    picture = np.zeros((140, 140), np.uint8)
    picture[20:110, 60:72] = 255  # a stroke like a 1, off the middle
    picture[20:32, 40:72] = 255
    (tmp_path / "in.json").write_text(json.dumps({"pixels": picture.ravel().tolist(), "width": 140, "height": 140}))
    found = np.array(json.loads(node(CENTRE, tmp_path))).reshape(28, 28)
    wanted = centre(picture).astype(float)
    assert np.abs(found - wanted).mean() < 4  # the kernels differ at the edges, the place does not
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.98


ADDRESS = """
import { fromSearch, toSearch, packDrawing, unpackDrawing, DEFAULTS } from "./explore/address.js";
const state = { ...structuredClone(DEFAULTS), vae: "paper-vae", gan: "a b&c", epoch: 24, x: [0.4217, -1.1], g: [-3, 0],
  seed: 4294967295, pins: [[1, 2], [-1.5, 0]], gpins: [],
  amps: [0, 1.25, 0, 0, 0, 0, 0, 0, 0, -4], layers: [], link: true, tab: "steer", t: 0.35, drop: true };
const levels = Uint8Array.from({ length: 784 }, (_, i) => (i % 7 === 0 ? i % 16 : 0));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
console.log(JSON.stringify([
  same(fromSearch(toSearch(state)), state), same(fromSearch(""), DEFAULTS), toSearch(DEFAULTS),
  same(fromSearch("?x=1~zwei&seed=-1&tab=nowhere&layers=mosaic~%3Cb%3E&epoch=1e99&pins=1~2~3"), DEFAULTS),
  same(Array.from(unpackDrawing(packDrawing(levels), 784)), Array.from(levels)), packDrawing(levels).length,
]));
"""


def test_an_address_gives_back_the_state_and_nonsense_is_passed_over(tmp_path: Path) -> None:
    there_and_back, empty, shortest, nonsense, drawing, length = json.loads(node(ADDRESS, tmp_path))
    assert there_and_back and empty and nonsense and drawing
    assert shortest == "?epoch=0&x=0~0&g=0~0&seed=7"
    assert length < 400


WORDS = """
import { Classes } from "./shared/classes.js";
import { activeNumbers } from "./latent/latent.js";
import { vaeWords } from "./explore/words.js";
import { difference } from "./explore/steer.js";
import { wrapped } from "./explore/save.js";
const near = { counts: new Array(256).fill(0), k: 50, of: 10000, nearest: 0.01 };
near.counts[3] = 26;
near.counts[5] = 24;
const said = (collapsed) => vaeWords({ near, r: 0, pixels: [], size: 2, collapsed })[0];
const posterior = (spread) => ({
  count: 400, size: 3, labels: new Uint8Array(400), logVars: new Float32Array(1200),
  means: Float32Array.from({ length: 1200 }, (_, i) => spread[i % 3] * (i % 2 ? 1 : -1)),
});
const bar = (x, y, width, height, lean = 0) => Uint8Array.from({ length: 784 }, (_, i) => {
  const row = Math.floor(i / 28), at = (i % 28) - lean * (14 - row);
  return at >= x && at < x + width && row >= y && row < y + height ? 255 : 0;
});
console.log(JSON.stringify({
  said: [said(false), said(true)],
  active: [[0, 0, 0], [0.09, 0.01, 0], [0.11, 2, 0]].map((spread) => activeNumbers(posterior(spread))),
  does: [
    difference(bar(12, 6, 3, 16), bar(11, 6, 6, 16)), difference(bar(12, 6, 3, 16), bar(12, 6, 3, 16, 0.5)),
    difference(bar(8, 10, 12, 5), bar(10, 6, 6, 10)), difference(bar(12, 6, 3, 16), bar(13, 7, 3, 16)),
  ],
  wrapped: wrapped("seed 123456 · D 0.23", 12, (text) => text.length),
}));
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return json.loads(node(WORDS, tmp_path_factory.mktemp("words")))


def test_a_collapsed_vae_is_not_said_to_blend(told: Any) -> None:
    healthy, collapsed = told["said"]
    assert "Between 3 and 5" in healthy and "collapsed" not in healthy
    assert "collapsed" in collapsed and "blends" not in collapsed and "3" not in collapsed


def test_a_number_is_in_use_if_its_means_vary(told: Any) -> None:
    assert told["active"] == [0, 0, 2]  # variances below and above 0.01


def test_a_direction_is_named_after_the_clearest_difference_of_its_ends(told: Any) -> None:
    assert told["does"] == ["bolder", "leans right", "narrower", "other shape"]


def test_words_of_a_saved_picture_take_as_many_lines_as_they_need(told: Any) -> None:
    assert told["wrapped"] == ["seed 123456", "· D 0.23"]


def test_what_an_address_says_in_vain_is_named(tmp_path: Path) -> None:
    script = """
    import { fromSearch, wrongParts, DEFAULTS } from "./explore/address.js";
    const odd = "?seed=abc&epoch=0&runs=1&constructor=1&__proto__=1&speed=2";
    const same = JSON.stringify(fromSearch(odd)) === JSON.stringify({ ...DEFAULTS, speed: 2 });
    console.log(JSON.stringify([wrongParts(odd), wrongParts("?seed=3&vae=paper-vae"), same]));
    """
    assert json.loads(node(script, tmp_path)) == [["seed=abc", "epoch=0"], [], True]
