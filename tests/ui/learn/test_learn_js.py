"""The Learn page's scripts in Node: what became of a prediction, the curves of a lesson, and who waits."""

from __future__ import annotations

import json
from pathlib import Path

from browsing import node

SCRIPT = """
import { outcome } from "./learn/prediction.js";
import { curve, queueWords } from "./learn/lesson.js";
const options = [["a", "The first"], ["b", "The second"]];
const outcomes = [["a", "a"], ["a", "b"], ["a", ""], [null, "b"], ["gone", ""]]
  .map(([mine, came]) => outcome(mine, options, came));
const gan = {
  steps: { step: [10, 20, 30], d_real: [0.5, null, 0.9], d_fake: [0.5, null, 0.2], generator_loss: [4, 2, 1] },
  epochs: [{ epoch: 1, step: 20, test: { silent_discriminator_1: 0.25, spread: 3.5 } }, { epoch: 2, step: 30, test: {} }],
  checkups: [{ epoch: 1, frechet: 90, d_train: 0.8, d_test: 0.5 }, { epoch: 3, frechet: 9 }],
};
const vae = { steps: { step: [] }, epochs: [{ step: 5, test: { negative_elbo: 200, reconstruction: 190 } },
  { step: 9, test: { negative_elbo: 150, reconstruction: 140 } }], checkups: [] };
const silent = curve("silent_discriminator_1", gan);
const spread = curve("spread", gan);
const curves = [["apart", gan], ["by_heart", gan], ["frechet", gan], ["loss", gan], ["loss", vae], ["reconstruction", vae]]
  .map(([measure, run]) => curve(measure, run));
const waits = (...places) => places.map((place) => ({ run: { state: place ? "queued" : "running", place, kind: "gan" } }));
const words = [waits(0, 1), waits(3, 4), waits(0)].map((each) => queueWords(each, { gan: 1 }));
console.log(JSON.stringify({ outcomes, silent, spread, curves, words }));
"""


def test_predictions_curves_and_the_queue(tmp_path: Path) -> None:
    found = json.loads(node(SCRIPT, tmp_path))
    right, wrong, open_, late, gone = found["outcomes"]
    assert right == "You predicted: The first. So it came."
    assert wrong == "You predicted: The first. It came differently: The second."
    assert "cannot be told" in open_ and late.startswith("Outcome: The second.") and "no prediction" in gone
    apart, by_heart, frechet, loss_of_gan, loss_of_vae, reconstruction = found["curves"]
    assert apart["steps"] == [10, 20, 30] and apart["ys"][:2] == [0, None] and round(apart["ys"][2], 6) == 0.7
    assert [round(y, 6) for y in by_heart["ys"]] == [0.3]
    assert frechet == {"steps": [20], "ys": [90]}, "epoch 3 is not there yet"
    assert loss_of_gan["ys"] == [1, 1 / 3], "means of 3 and 1 as shares of the first"
    assert loss_of_vae["ys"] == [1, 0.75] and reconstruction["ys"] == [190, 140]
    assert found["silent"] == {"steps": [20, 30], "ys": [0.25, None]}
    assert found["spread"] == {"steps": [20, 30], "ys": [3.5, None]}, "runs of earlier versions have none"
    turns, others, none = found["words"]
    assert "1 GAN trains at a time" in turns and "other run" not in turns
    assert "2 other runs came before" in others and none == ""
