"""The contact sheet on the Train page: every class by its name, each pixel a square."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gencmp.data.arrays import UNLABELLED
from gencmp.data.survey import Strip
from gencmp.ui.train.contact_sheet import ROWS, sheet_html


def strips(names: Any, each: int = 3) -> Any:
    rng = np.random.default_rng(0)
    return [Strip(n, name, rng.integers(0, 255, (each, 28, 28), np.uint8)) for n, name in enumerate(names)]


def pictures(html: Any) -> Any:
    """The pictures in the page, and how wide each is drawn."""
    found = re.findall(r'src="data:image/png;base64,([^"]+)" alt="[^"]+" style="width:(\d+)px"', html)
    return [(np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))), int(width)) for content, width in found]


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("count", [1, 2, ROWS, ROWS + 1, 100])
def test_every_class_has_its_name_and_pixels_are_whole_squares(count: Any, scale: int) -> None:
    sheet = strips([f"c{n}" for n in range(count)])
    html = sheet_html(sheet, [7] * count, scale)
    found = pictures(html)
    assert len(found) == count
    assert all(width == scale * picture.shape[1] for picture, width in found)
    assert all(f">{strip.name}" in html for strip in sheet)
    assert (found[0][0][:28, :28] == sheet[0].images[0]).all()


def test_counts_stand_beside_the_names() -> None:
    assert "<small>1,234</small>" in sheet_html(strips(["cat"]), [1234], 1)


@pytest.mark.parametrize(("names", "kind"), [(["0", "1"], "rows"), (["a long name", "b"], "stack")])
def test_long_names_stand_above_their_pictures(names: Any, kind: str) -> None:
    assert f'class="gc-own {kind}"' in sheet_html(strips(names), [3, 3], 1)


def test_pictures_without_labels() -> None:
    [bare] = strips([""])
    alone = sheet_html([bare._replace(label=UNLABELLED)], (), 1)
    assert "without a label" in alone and "no label<" not in alone
    beside = sheet_html([*strips(["cat"]), bare._replace(label=UNLABELLED)], [3], 1)
    assert ">no label<" in beside
