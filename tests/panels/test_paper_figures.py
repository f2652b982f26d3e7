"""The paper's figures from the shipped runs: all there, the right pictures, the same bytes twice."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from there import there

from gencmp.cli.main import main
from gencmp.graphics.page import Page
from gencmp.panels.curves import loss_curves
from gencmp.panels.paper_figures import paper_figures
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore

NAMES = ["figure-1", "figure-2", "figure-e", "figure-f-last", "figure-f-mean", "figure-5"]


@pytest.fixture
def catalog(store: RunStore) -> Catalog:
    return Catalog(store)


def test_all_six_have_a_title_and_a_caption(catalog: Catalog) -> None:
    figures = paper_figures(catalog)
    assert [figure.name for figure in figures] == NAMES
    assert all(figure.title and figure.caption.endswith(".") and figure.description for figure in figures)


@pytest.mark.parametrize(("name", "model", "count"), [("figure-e", "paper-gan", 16), ("figure-5", "paper-vae", 64)])
def test_sheets_are_the_shipped_pictures(catalog: Catalog, name: str, model: str, count: int) -> None:
    figure = next(each for each in paper_figures(catalog) if each.name == name)
    record = catalog.find(model)
    page = Page("", dark=True)  # ink as it is
    figure.draw(page)
    (picture,) = page.room.images
    ink = there(picture.get_array())[..., 0]
    samples = record.folder.read_arrays(record.run.epoch)["samples"]
    assert ink.size == count * 784
    assert np.array_equal(ink[:28, 28:56], samples[1])


def test_the_two_ways_of_the_loss_chart_differ(catalog: Catalog) -> None:
    gan = catalog.find("paper-gan")
    last, mean = loss_curves(gan, last=True), loss_curves(gan)
    rows = gan.epochs()
    assert last[0].ys == [row.last["discriminator_loss"] for row in rows]
    assert mean[1].ys == [row.measures["generator_loss"] for row in rows]
    zigzag = [np.abs(np.diff(np.array(curves[1].ys, np.float64))).mean() for curves in (last, mean)]
    assert zigzag[0] > 3 * zigzag[1]


def test_the_command_writes_them_all_and_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        assert main(["figures", "--out", str(tmp_path / folder)]) == 0
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(f"{name}.{form}" for name in NAMES for form in ("png", "svg", "pdf"))
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)
    ET.fromstring((tmp_path / "a" / "figure-1.svg").read_text("utf-8"))
    assert round(Image.open(io.BytesIO((tmp_path / "a" / "figure-5.png").read_bytes())).info["dpi"][0]) == 300
