"""The faint curves of other runs, in Node: where they are cut, what they are called, and that the legend names each once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browsing import node

from gencmp.ui.charts import gan_charts, vae_charts

SCRIPT = """
import { rowsOf, traces } from "./train/ghosts.js";
const { spec, ghosts } = JSON.parse(process.argv[2]);
const news = {
  run: { steps: 40, epochs: 4 },
  steps: { step: [10, 20, 30, 40], epoch: [1, 2, 3, 4], reconstruction: [4, 3, 2, 1], discriminator_loss: [1, 1, null, 1] },
  epochs: [1, 2, 3, 4].map((epoch) => ({ epoch, test: { negative_elbo: 10 * epoch } })),
};
const rows = rowsOf(news);
const look = { spec, smoothing: 0, dark: false, wide: (px) => px };
console.log(JSON.stringify(traces(ghosts.map((ghost) => ({ ...ghost, rows })), look)));
"""
PARENT = {"model": "a", "since": 0, "until": 2, "beyond": True, "label": "parent"}
GRANDPARENT = {"model": "b", "since": 0, "until": 1, "beyond": False, "label": "parent"}
EARLIER = {"model": "c", "since": 0, "until": 0, "beyond": True, "label": "seed 0, earlier"}


def drawn(tmp_path: Path, spec: Any, *ghosts: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(node(SCRIPT, tmp_path, json.dumps({"spec": spec, "ghosts": ghosts})))
    return found


def test_a_parent_is_strong_up_to_the_fork_and_faint_beyond(tmp_path: Path) -> None:
    [losses, _] = vae_charts(44.0)
    before, after, test_before, test_after = drawn(tmp_path, losses, PARENT)
    assert (before["x"], before["y"], after["x"], after["y"]) == ([1, 2], [4, 3], [2, 3, 4], [3, 2, 1])
    assert (test_before["y"], test_after["y"]) == ([10, 20], [20, 30, 40])
    assert before["opacity"] > after["opacity"] and (before["line"]["dash"], after["line"]["dash"]) == ("solid", "dot")
    assert before["hovertemplate"].endswith("<extra>Reconstruction, parent</extra>")


@pytest.mark.parametrize(("ghost", "x"), [(GRANDPARENT, [[1]]), (EARLIER, [[1, 2, 3, 4]])])
def test_an_elder_ends_where_it_was_left_and_an_earlier_seed_is_faint_all_along(
    tmp_path: Path, ghost: Any, x: list[list[int]]
) -> None:
    [losses, _] = vae_charts(44.0)
    assert [each["x"] for each in drawn(tmp_path, losses, ghost) if each["line"]["color"] == "#0072B2"] == x


def test_the_legend_names_each_ghost_once(tmp_path: Path) -> None:
    [losses, _] = vae_charts(0.0)
    found = drawn(tmp_path, losses, PARENT, GRANDPARENT, EARLIER)
    assert [each["name"] for each in found if each["showlegend"]] == ["parent", "seed 0, earlier"]


def test_a_run_without_a_curve_leaves_none(tmp_path: Path) -> None:
    [losses, opinions] = gan_charts({"real_label": 0.9})
    assert drawn(tmp_path, opinions, PARENT) == []
    assert [each["y"] for each in drawn(tmp_path, losses, EARLIER)] == [[1, 1, None, 1]]
