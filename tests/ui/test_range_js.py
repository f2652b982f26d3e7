"""What an axis of losses spans, in Node: the interesting part fills it, it seldom moves, and its legend adds up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browsing import node

SCRIPT = """
import { aboveWords, axisFor, everything, interesting } from "./charts/range.js";
const given = JSON.parse(process.argv[2]);
const lines = [given.line];
const axis = axisFor(null, interesting(lines, given.inside ?? [], given.floor));
const moves = new Set();
let now = null;
for (let n = 1; n <= given.line.x.length; n++) {
  const part = [{ x: given.line.x.slice(0, n), y: given.line.y.slice(0, n) }];
  now = axisFor(now, interesting(part, given.inside ?? [], given.floor));
  moves.add(String(now));
}
console.log(JSON.stringify({ axis, all: everything(lines), said: aboveWords(lines, axis), moves: moves.size }));
"""


def axis_of(tmp_path: Path, x: Any, y: Any, **more: Any) -> Any:
    given = json.dumps({"line": {"x": list(x), "y": list(y)}, **more})
    return json.loads(node(SCRIPT, tmp_path, given))


def falling(epochs: int, points: int = 400) -> tuple[list[float], list[float]]:
    """A VAE's reconstruction: 540 nats at first, 200 after a seventh of an epoch, then ever slower towards 128."""
    xs = [epochs * (i + 1) / points for i in range(points)]
    return xs, [128 + 30 / (0.3 + x) ** 0.7 + 340 * 2.7 ** (-x / 0.03) for x in xs]


@pytest.mark.parametrize("epochs", [1, 10, 51])
def test_what_comes_after_the_start_fills_the_chart(tmp_path: Path, epochs: int) -> None:
    xs, ys = falling(epochs)
    found = axis_of(tmp_path, xs, ys)
    [low, high] = found["axis"]
    late = [y for x, y in zip(xs, ys, strict=True) if x > 0.15 * epochs]
    assert low <= min(ys) and max(late) <= high
    assert max(late) - min(late) > 0.25 * (high - low)
    assert found["all"] == [min(ys), max(ys)]
    assert found["said"] == ("the first steps lie above" if max(ys) > high else "")


def test_the_axis_moves_a_few_times_in_a_whole_run(tmp_path: Path) -> None:
    assert 2 <= axis_of(tmp_path, *falling(51))["moves"] <= 14


def test_the_axis_follows_a_loss_that_diverges(tmp_path: Path) -> None:
    xs = list(range(1, 101))
    found = axis_of(tmp_path, xs, [*falling(80, 80)[1], *(1e3 * 2**i for i in range(18)), None, None])
    assert found["axis"][1] >= 1e3 * 2**17
    assert found["said"] == ""


def test_a_flat_line_is_no_picture_of_noise(tmp_path: Path) -> None:
    xs = list(range(1, 101))
    [low, high] = axis_of(tmp_path, xs, [206 + 0.01 * (x % 3) for x in xs])["axis"]
    assert high - low > 15


def test_reference_lines_and_a_floor_stay_inside(tmp_path: Path) -> None:
    xs = list(range(1, 101))
    assert axis_of(tmp_path, xs, [2.0] * 100, inside=[0.3, 1.4])["axis"][0] <= 0.3
    assert axis_of(tmp_path, xs, [7.0] * 100, floor=0)["axis"][0] == 0


def test_a_single_step_later_on_is_told_as_such(tmp_path: Path) -> None:
    script = 'import { aboveWords } from "./charts/range.js"; console.log(aboveWords([{ x: [1, 50, 100], y: [1, 9, 1] }], [0, 5]))'
    assert node(script, tmp_path).strip() == "single steps lie above"


SUMS = """
import { sumLines, sumParts } from "./charts/sum.js";
const names = { whole: "Negative ELBO", part: "Reconstruction", rest: "KL", beside: "Test negative ELBO" };
const values = { "Negative ELBO": 160.24, Reconstruction: 135.05, "Test negative ELBO": 161.2 };
const lines = (of, width) => sumLines(sumParts(names, of), {}, width, 12).map((line) => line.replace(/<[^>]*>/g, ""));
console.log(JSON.stringify([lines(values, 900), lines(values, 300), lines({}, 300)]));
"""


def test_a_legend_of_curves_has_their_values_and_breaks_only_where_it_must(tmp_path: Path) -> None:
    script = """import { curveLines } from "./charts/sum.js";
    const lines = (width) => curveLines(["D loss", "G loss"], { "D loss": 1.128 }, {}, width, 12);
    console.log(JSON.stringify([lines(400), lines(150)].map((each) => each.map((line) => line.replace(/<[^>]*>/g, "")))))"""
    assert json.loads(node(script, tmp_path)) == [["━ D loss 1.13 \u2003 ━ G loss"], ["━ D loss 1.13", "━ G loss"]]


def test_the_legend_adds_up_by_eye_and_has_as_many_lines_before_the_first_step(tmp_path: Path) -> None:
    wide, narrow, before = json.loads(node(SUMS, tmp_path))
    assert len(wide) == 1 and "Negative ELBO 160.2 = ━ Reconstruction 135.1 + ■ KL 25.1" in wide[0]
    assert len(narrow) == len(before) == 3
    assert before[1] == "= ━ Reconstruction + ■ KL"
