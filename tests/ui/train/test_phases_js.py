"""What a phase means, in Node: who learns, where the gradient goes, how long a bar is, and when a press has been answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browsing import node


def evaluated(tmp_path: Path, expression: str) -> Any:
    imports = """
import * as phases from "./train/phases.js";
import { heightOf, layerTip, sizeOf } from "./train/network.js";
import { reachFor } from "./train/draws.js";
"""
    return json.loads(node(f"{imports}console.log(JSON.stringify({expression}));", tmp_path))


def test_the_gradient_goes_through_d_and_changes_only_the_one_whose_turn_it_is(tmp_path: Path) -> None:
    said = evaluated(
        tmp_path,
        """["", "discriminator", "generator"].map((acts) => ["discriminator", "generator"].map((name) =>
          [phases.roleOf(name, acts), phases.gradientOf(name, acts)]))""",
    )
    assert said == [
        [["waits", ""], ["waits", ""]],
        [["learns", "changed"], ["rests", ""]],
        [["rests", "passed"], ["learns", "changed"]],
    ]


def test_the_headline_says_who_learns_and_who_stands_still(tmp_path: Path) -> None:
    said = evaluated(
        tmp_path,
        """[["discriminator", "generator"], ["generator", "discriminator"], ["", "discriminator"], ["vae", "vae"]]
          .map(([acts, next]) => phases.headline(acts, next))""",
    )
    assert said == [
        "D's phase: G stands still",
        "G's phase: D stands still",
        "Laid out: D learns first",
        "Encoder and decoder learn together",
    ]


def test_a_bar_is_logarithmic_and_only_one_that_stood_still_is_empty(tmp_path: Path) -> None:
    changes = "[0, 1e-9, 1e-5, 1e-3, 1e-1, 5, NaN]"
    assert evaluated(tmp_path, f"{changes}.map(phases.logShare)") == pytest.approx([0, 0.04, 0.04, 0.5, 1, 1, 0])
    assert evaluated(tmp_path, f"{changes}.map(phases.percent)") == [
        "0", "< 0.0001 %", "0.0010 %", "0.10 %", "10 %", "500 %", "0",
    ]  # fmt: skip


# A GAN's step has three moments: laid out (phase 0), D (1), G (2). The ids need not be consecutive.
MOMENT = """(step, phase) => ({ id: 100 * step + 7 * phase, step, phase, phases: 2, acts: ["", "discriminator", "generator"][phase] })"""


@pytest.mark.parametrize(
    ("pressed_at", "steps", "answered_at"),
    [
        ((1, 0), "undefined", (1, 1)),  # D step from a minibatch that is laid out
        ((1, 1), "undefined", (1, 2)),  # G step
        ((1, 2), "undefined", (2, 1)),  # D step: laying out the next minibatch is not yet what was asked
        ((1, 0), 1, (1, 2)),  # both
        ((1, 1), 1, (1, 2)),  # the rest of a step counts as one
        ((1, 2), 1, (2, 2)),
        ((1, 2), 10, (11, 2)),
        ((1, 1), 10, (10, 2)),
    ],
)
def test_a_press_is_answered_when_what_it_asked_for_is_done(
    tmp_path: Path, pressed_at: tuple[int, int], steps: Any, answered_at: tuple[int, int]
) -> None:
    script = f"""((moment) => Array.from({{ length: 39 }}, (_, i) => [Math.floor(i / 3) + 1, i % 3])
      .find(([step, phase]) => phases.isDone({{ from: moment({pressed_at[0]}, {pressed_at[1]}), steps: {steps} }}, moment(step, phase))))({MOMENT})"""
    assert tuple(evaluated(tmp_path, script)) == answered_at


def test_after_the_last_phase_a_turn_needs_the_next_minibatch_to_be_laid_out(tmp_path: Path) -> None:
    assert evaluated(tmp_path, "[0, 1, 2].map((phase) => phases.phasesAhead({ phase, phases: 2 }))") == [1, 1, 2]


def test_dense_and_convolutional_layers_have_a_size_and_a_height(tmp_path: Path) -> None:
    layers = "[{ neurons: 784 }, { maps: 16, side: 7 }, { neurons: 1 }, { neurons: 8192 }]"
    assert evaluated(tmp_path, f"{layers}.map(sizeOf)") == [784, 784, 1, 8192]
    heights = evaluated(tmp_path, f"{layers}.map(heightOf)")
    assert heights[0] == heights[1] and heights[2] == 14 and heights[3] == 100


def test_a_layers_tip_says_what_it_does_with_the_numbers_before_it(tmp_path: Path) -> None:
    decoder = """[{ neurons: 2, kind: "" }, { maps: 32, side: 7, kind: "dense" }, { maps: 1, side: 28, kind: "transposed convolution" }]"""
    first, dense, last = evaluated(tmp_path, f"{decoder}.map((_, i) => layerTip({decoder}, i, ['z', 'a picture']))")
    assert first == "What goes in: z, 2 numbers. Each is passed on to the next layer along a weight of its own."
    assert dense.startswith("A layer of 1,568 neurons, laid out as 32 maps of 7 × 7 numbers. Each adds up all numbers")
    assert last.startswith(
        "What comes out: a picture, 28 × 28 numbers. A transposed convolution. Each number of the maps"
    )
    encoder = """[{ maps: 1, side: 28, kind: "" }, { maps: 16, side: 14, kind: "convolution" }, { neurons: 1, kind: "dense" }]"""
    first, maps, last = evaluated(tmp_path, f"{encoder}.map((_, i) => layerTip({encoder}, i, ['a picture', 'real?']))")
    assert first == "What goes in: a picture, 28 × 28 numbers. The next layer looks at small squares of it."
    assert maps.startswith("A convolution: 16 maps of 14 × 14 numbers. Each map looks for one small pattern everywhere")
    assert last.startswith("What comes out: real?, 1 number. The loss says")


def test_the_plane_shows_every_ellipse_and_draw_in_one_dimension_or_two(tmp_path: Path) -> None:
    two = "{ mean: [[0, 2.5]], std: [[1, 1]], z: [[0, 1]] }"
    one = "{ mean: [[0]], std: [[0.5]], z: [[-8]] }"
    assert evaluated(tmp_path, f"[reachFor({two}), reachFor({one})]") == [4, 9]
