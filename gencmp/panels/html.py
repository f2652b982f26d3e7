"""A self-contained HTML file: a panel, and below it the latent spaces of its models, which can be explored offline.

The scripts and half-precision weights are embedded in the file, so it needs neither a network nor Python.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from gencmp.files import PACKAGE
from gencmp.latent.networks import FED_BY_LATENT, read_weights
from gencmp.models.weights_file import halved, read_content, without_paths
from gencmp.panels.columns import nearest
from gencmp.runs.catalog import ModelRecord

MODULES = (  # each imports only from those before it
    PACKAGE / "latent" / "latent.js", PACKAGE / "latent" / "safetensors.js", PACKAGE / "latent" / "layers.js",
    PACKAGE / "latent" / "nets.js",
    PACKAGE / "panels" / "divider.js", PACKAGE / "panels" / "offline.js",
)  # fmt: skip
DECIMALS = 5  # of the numbers of a direction


def as_html(title: str, svg: str, shown: Sequence[tuple[ModelRecord, int]]) -> bytes:
    """shown: models and epochs of the panel. Each model is embedded at the saved epoch nearest to the shown one, and left out
    if none was saved. Raises SnapshotError for damaged weights."""
    models = []
    for record, epoch in shown:
        if kept := record.folder.kept():
            at = nearest(kept, epoch)
            models.append({"name": record.run.name, "epoch": at} | _model(record.folder.weights(at)))
    data = json.dumps(models, ensure_ascii=True).replace("<", "\\u003c")
    head, middle, script, end = re.split(
        "@PANEL@|@MODELS@|@SCRIPT@", _PAGE
    )  # in one pass, so that user text is never searched for markers
    head = head.replace("@STYLE@", _STYLE).replace("@TITLE@", html.escape(title))
    return "".join((head, svg, middle, data, script, _script(), end)).encode()


def _model(path: Path) -> dict[str, Any]:
    """What offline.js needs: the network that maps latent points to pictures, and two directions that span the plane."""
    weights = read_weights(path)
    content = halved(without_paths(read_content(path)), f"model/{FED_BY_LATENT[weights.kind]}/")
    plane = weights.directions(2).round(DECIMALS).tolist()
    return {"kind": weights.kind, "directions": plane, "weights": base64.b64encode(content).decode()}


@lru_cache(maxsize=1)
def _script() -> str:
    """All modules joined into one, without import and export, since they now share one scope."""
    parts = [path.read_text("utf-8") for path in MODULES]
    joined = "\n".join(re.sub(r"^import .*?;$", "", part, flags=re.M | re.S) for part in parts)
    return re.sub(r"^export ", "", joined, flags=re.M).replace("</", "<\\/")


_STYLE = """
body { margin: 0 auto; padding: 24px; max-width: 1100px; background: #FBFAF7; color: #262522;
  font: 15px/1.45 'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; border: 1px solid #DDD9D1; }
h2 { font-size: 18px; margin: 28px 0 4px; } p { margin: 0 0 10px; }
.planes { display: flex; flex-wrap: wrap; gap: 24px 32px; }
figure { margin: 0; width: 392px; max-width: 100%; } figcaption { margin: 0 0 6px; } figcaption b { color: var(--hue); }
.plane { position: relative; width: 392px; max-width: 100%; touch-action: none; cursor: crosshair; }
.plane canvas, .face { display: block; width: 100%; image-rendering: pixelated; border: 1px solid #DDD9D1; box-sizing: border-box; }
.mark { position: absolute; width: 22px; height: 22px; margin: -11px; border: 2.5px solid var(--hue); border-radius: 50%;
  box-shadow: 0 0 0 2px #fff, inset 0 0 0 2px #fff; box-sizing: border-box; pointer-events: none; }
#swipe { cursor: ew-resize; touch-action: pan-y; }
#swipe:focus-visible, .plane:focus-visible { outline: 2px solid var(--hue, #262522); outline-offset: 3px; }
.said { display: flex; gap: 14px; margin-top: 10px; align-items: start; } .said .face { width: 140px; height: 140px; }
button { font: inherit; padding: 2px 12px; background: none; border: 1px solid #DDD9D1; border-radius: 5px; cursor: pointer; }
@media print { .live { display: none; } }
"""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>@TITLE@</title>
<style>@STYLE@</style>
<main>
@PANEL@
<section class="live" hidden>
<h2>Explore the latent space</h2>
<p>Drag, or use the arrow keys. Each position is a point in a model's latent space; the model, embedded in this file, draws it.</p>
<div class="planes"></div>
</section>
</main>
<script type="application/json" id="models">@MODELS@</script>
<script type="module">
@SCRIPT@
</script>
</html>
"""
