"""The latent plane's arithmetic, in Node: a scale that seldom moves, and where the classes' names stand."""

from __future__ import annotations

import json
from pathlib import Path

from browsing import node

SCRIPT = """
import { meansOf, reachOf } from "./train/scatter.js";
const cloud = (size) => Float32Array.from({ length: 2000 }, (_, i) => size * Math.sin(i));
const means = meansOf(Float32Array.of(0, 0, 2, 4, -1, 5), Uint8Array.of(7, 7, 255));
console.log(JSON.stringify({ reaches: [0.1, 3, 3.9, 4.5, 5.5, 8, 39, 500].map((size) => reachOf(cloud(size))), means: [...means] }));
"""


def test_the_plane_has_few_scales_and_names_at_the_means(tmp_path: Path) -> None:
    said = json.loads(node(SCRIPT, tmp_path))
    assert said["reaches"] == [4, 4, 6, 6, 6, 9, 80, 560]
    assert said["means"] == [[7, [1, 2]], [255, [-1, 5]]]
