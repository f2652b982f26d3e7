"""Panels: the same bytes from the page and the command line, every figure with its source, and no words taken for code."""

import base64
import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from there import there

from gencmp.cli.main import main
from gencmp.data.pictures import digits_to_test
from gencmp.graphics import fonts
from gencmp.graphics.page import Page
from gencmp.graphics.rendering import drawing
from gencmp.panels.columns import VIEWS, CompareError, columns_of
from gencmp.panels.forms import FORMS, PICTURES, Look, as_dict, content
from gencmp.panels.layout import lay_out
from gencmp.panels.panel import make_panel
from gencmp.panels.provenance import provenance
from gencmp.panels.slide import lay_out_slide
from gencmp.runs.catalog import Catalog
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig
from gencmp.ui.routes import compare

EVIL = "</script><img src=x onerror=alert(1)> @SCRIPT@ @PANEL@"
MODELS = ["paper-gan@31", "paper-vae"]


@pytest.fixture
def catalog(store: RunStore) -> Catalog:
    return Catalog(store)


@pytest.fixture
def client(catalog: Catalog) -> TestClient:
    return TestClient(Starlette(routes=compare.routes("/gencmp/compare", lambda: catalog)))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("form", FORMS)
def test_the_page_and_the_command_line_make_the_same_bytes(
    form: Any, view: Any, client: TestClient, tmp_path: Path
) -> None:
    out = tmp_path / f"panel.{form.removeprefix('print.')}"
    options = ["--order", "digit", "--view", view, "--at", "37.5", "--title", "A & B"]
    assert (
        main(["panel", *MODELS, "--out", str(out), *options, *(["--print"] if form.startswith("print") else [])]) == 0
    )
    answer = client.get(
        f"/gencmp/compare/panel.{form}?columns={','.join(MODELS)}&order=digit&view={view}&at=37.5&title=A%20%26%20B"
    )
    assert answer.status_code == 200
    assert answer.content == out.read_bytes()
    assert answer.headers["content-type"].split(";")[0] == FORMS[form].split(";")[0]
    assert answer.headers["content-disposition"] == f'attachment; filename="paper-gan-paper-vae.{form}"'


@pytest.mark.parametrize("form", PICTURES)
def test_a_dark_slide_is_the_same_from_both_and_other_files_stay_as_they_are(
    form: str, client: TestClient, tmp_path: Path
) -> None:
    out = tmp_path / f"panel.{form.removeprefix('print.')}"
    is_print = ["--print"] if form.startswith("print") else []
    assert main(["panel", *MODELS, "--out", str(out), "--wide", "--dark", *is_print]) == 0
    address = f"/gencmp/compare/panel.{form}?columns={','.join(MODELS)}"
    assert client.get(f"{address}&wide=1&dark=1").content == out.read_bytes()
    assert len({client.get(f"{address}{look}").content for look in ("", "&wide=1", "&dark=1", "&wide=1&dark=1")}) == 4


@pytest.mark.parametrize("name", ["a.html", "a.csv", "a.json"])
def test_what_is_no_picture_cannot_be_a_slide(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["panel", "real", "--out", str(tmp_path / name), "--wide"]) == 2
    assert "wanted .png, .svg or .pdf" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


def laid_out(panel: Any, dark: bool = False, lay: Any = lay_out) -> Any:
    with drawing():
        page = Page(panel.title, dark=dark)
        lay(panel, page)
    return page


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_slide_is_16_by_9_and_its_words_are_readable(catalog: Catalog, view: str, count: int) -> None:
    """12 points on a slide of 960 by 540; 11 where a column is narrow."""
    columns = ["paper-gan", "paper-vae@3", "real", "paper-gan@1"][:count]
    page = laid_out(make_panel(catalog, columns, view=view), lay=lay_out_slide)
    width, height = page.room.get_xlim()[1], page.room.get_ylim()[0]  # in the unit of a word's size
    assert width * 9 == height * 16
    charts = [*page.room.child_axes]
    words = [*page.room.texts, *(label for axes in charts for label in (*axes.get_xticklabels(), axes.yaxis.label))]
    assert len(words) > 4 and min(each.get_size() for each in words) >= 10.99 * width / 960


def test_a_slides_pictures_are_whole_pixels(catalog: Catalog) -> None:
    panel = make_panel(catalog, ["paper-vae", "real"])
    image = np.asarray(Image.open(io.BytesIO(content(panel, "png", Look(wide=True)))))[..., 0]
    assert image.shape[0] * 16 == image.shape[1] * 9 and image.shape[1] >= 1920
    first = 255 - panel.columns[0].images[0].repeat(3, 0).repeat(3, 1)
    rows = np.lib.stride_tricks.sliding_window_view(image[:800, :400], first.shape)
    assert (rows[:, :, 0] == first[0, 0]).any() and any(
        np.array_equal(rows[y, x], first) for y, x in zip(*np.nonzero(rows[:, :, 40, 40] == first[40, 40]), strict=True)
    )


def test_counts_are_no_digits_and_say_where_not_all_are_shown(catalog: Catalog) -> None:
    panel = make_panel(catalog, ["paper-gan", "paper-vae"], "digit")
    words = [text.get_text() for text in laid_out(panel).room.texts]
    counts = [len(places) for seen in panel.seen for places in seen.order("digit", 64)]
    assert max(counts) > 10
    for count in counts:
        assert ("10 of" in words and str(count) in words) if count > 10 else f"×{count}" in words
    assert not any(str(count) in words for count in counts if count <= 10)


def test_kl_has_an_axis_of_its_own(catalog: Catalog) -> None:
    vae, gan = (laid_out(make_panel(catalog, [name])).room.child_axes for name in ("paper-vae", "paper-gan"))
    reconstruction, kl = (axes.get_ylim()[1] for axes in vae)
    assert reconstruction > 100 > 15 > kl
    assert len(gan) == 1


def test_a_pdf_holds_its_fonts(catalog: Catalog) -> None:
    made = content(make_panel(catalog, ["real"]), "pdf", Look(wide=True))
    assert made.count(b"/FontFile2") >= 1 and b"/Type /Font" in made


def test_a_swipe_is_of_the_first_two_at_the_dividers_place(catalog: Catalog) -> None:
    panel = make_panel(catalog, [*MODELS, "real"], "d", "swipe", at=25)
    (stage,) = laid_out(panel, dark=True).room.child_axes
    (left, right), divider = stage.get_xlim(), stage.lines[-1].get_xdata()[0]
    assert (divider - left) / (right - left) == 0.25 and len(panel.columns) == len(stage.images) == 2
    for image, column, seen in zip(stage.images, panel.columns, panel.seen, strict=True):
        assert np.array_equal(image.get_array()[:28, :28, 0], column.images[seen.order("d", 64)[0][0]])
    assert make_panel(catalog, ["real"], view="swipe").view == "grid"


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_another_place_of_the_divider_is_another_still(catalog: Catalog, form: str) -> None:
    a, b = (content(make_panel(catalog, MODELS, view="swipe", at=at), form) for at in (25, 75))
    assert a != b


def test_an_order_that_cannot_be_had_is_not_claimed(
    catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig, digits_folder: Path
) -> None:
    panel = make_panel(catalog, [trained(vae.replace(dataset=str(digits_folder))).id, "real"], "digit")
    assert (
        panel.order == "seed"
        and "The order by the digit that the judge sees is not available for all columns." in panel.caption
    )


def test_what_was_not_measured_is_said_in_the_panel(catalog: Catalog) -> None:
    words = [text.get_text() for text in laid_out(make_panel(catalog, MODELS)).room.texts]
    assert "Not measured after epoch 31" in words and "Not measured after epoch 51" not in words
    told = json.loads(content(make_panel(catalog, MODELS), "json"))
    assert "were not saved" in told["columns"][0]["unmeasured"] and not told["columns"][1]["unmeasured"]


def test_the_first_pixels_of_a_grid_are_the_first_picture(catalog: Catalog) -> None:
    panel = make_panel(catalog, ["paper-vae", "real"])
    image = np.asarray(Image.open(io.BytesIO(content(panel, "png"))))[..., 0]
    first = 255 - panel.columns[0].images[0].repeat(2, 0).repeat(2, 1)
    spots = np.lib.stride_tricks.sliding_window_view(image[:, 44:100], first.shape[0], 0)[:, :, :].transpose(0, 2, 1)
    assert any(np.array_equal(spot, first) for spot in spots)


def test_where_it_comes_from_is_said(catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig) -> None:
    run = trained(vae.replace(seed=12), name="mine")
    words = " ".join(provenance(columns_of(catalog, [f"{run.id}@2", "real"])))
    assert f"mine: VAE, preset {run.preset}, seed 12, epoch 2 of 3" in words
    assert "MNIST (LeCun et al. 1998)" in words and "gencmp 0.1.0" in words
    shifted = trained(vae.replace(dataset="mnist-shifted", classes=(), epochs=1, limit=100), name="shifted")
    _, real = columns_of(catalog, [shifted.id, "real"])
    assert real.title == "Shifted MNIST test digits" and np.array_equal(
        real.images[0].ravel(), digits_to_test("mnist-shifted")[0][0]
    )
    assert "Shifted MNIST (LeCun et al. 1998, each digit moved by up to 4 pixels)" in " ".join(provenance([real]))


def test_a_path_of_this_machine_stays_here(
    catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig, digits_folder: Path
) -> None:
    run = trained(vae.replace(dataset=str(digits_folder)))
    other = trained(vae.replace(seed=1))
    assert f"own pictures ({digits_folder.name})" in " ".join(provenance(columns_of(catalog, [run.id])))
    panel = make_panel(catalog, [run.id, other.id])
    for form in FORMS:
        assert str(digits_folder.parent).encode() not in content(panel, form), form
    models = json.loads(there(re.search(r'id="models">(.*?)</script>', content(panel, "html").decode(), re.S))[1])
    assert models
    assert all(str(digits_folder.parent).encode() not in base64.b64decode(each["weights"]) for each in models)
    (row,) = (row for row in as_dict(panel)["differences"] if row["name"] == "dataset")
    assert row["values"] == [digits_folder.name, "mnist"]


def test_users_words_are_words(catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig) -> None:
    run = trained(vae, name=EVIL)
    panel = make_panel(catalog, [run.id, "real"], title=EVIL, caption=EVIL)
    ET.fromstring(content(panel, "svg"))
    page = content(panel, "html").decode()
    assert "<img" not in page and page.count("</script>") == 2
    models = there(re.search(r'id="models">(.*?)</script>', page, re.S))[1]
    assert json.loads(models)[0]["name"] == run.name


def test_a_name_is_no_formula_for_a_spreadsheet(catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig) -> None:
    rows = list(
        csv.DictReader(io.StringIO(content(make_panel(catalog, [trained(vae, name="=1+1").id]), "csv").decode()))
    )
    assert {row["model"] for row in rows} == {"'=1+1"}
    assert {(row["of"], row["unit"]) for row in rows} == {(of, "nats per image") for of in ("training", "test")} | {
        ("samples", "pixels")
    }


def test_numbers_are_those_of_the_run(catalog: Catalog) -> None:
    panel = make_panel(catalog, ["paper-gan", "real"], "d")
    rows = list(csv.DictReader(io.StringIO(content(panel, "csv").decode())))
    losses = [row for row in rows if row["measure"] == "discriminator_loss"]
    assert (
        len(losses) == 50
        and float(losses[-1]["value"]) == catalog.find("paper-gan").epochs()[-1].measures["discriminator_loss"]
    )
    told = json.loads(content(panel, "json"))
    assert told == json.loads(json.dumps(as_dict(panel)))
    assert len(told["columns"][1]["pictures"]["d"]) == 64 and told["critic"] == {"model": "paper-gan", "epoch": 50}


@pytest.mark.parametrize("lay", [lay_out, lay_out_slide])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_nothing_is_drawn_outside(catalog: Catalog, view: Any, count: int, lay: Any) -> None:
    columns = ["paper-gan", "paper-vae@3", "real", "paper-gan@1"][:count]
    page = laid_out(make_panel(catalog, columns, "digit", view, title="long" * 90, caption="words " * 60), lay=lay)
    width, height = page.figure.bbox.size
    parts = [*page.room.texts, *page.room.images, *page.room.lines, *page.room.child_axes]
    assert len(parts) > 8
    with drawing():
        boxes = [part.get_tightbbox() if part in page.room.child_axes else part.get_window_extent() for part in parts]
    for part, box in zip(parts, boxes, strict=True):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, part


@pytest.mark.parametrize("facts", [{"order": "size"}, {"view": "film"}, {"at": -1}, {"at": float("nan")}])
def test_an_unknown_order_view_or_place_is_told(catalog: Catalog, facts: Any) -> None:
    with pytest.raises(CompareError, match=r"wanted (one of|0 to 100)"):
        make_panel(catalog, ["real"], **facts)


def test_an_unknown_form_is_told(catalog: Catalog, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CompareError, match="'gif'"):
        content(make_panel(catalog, ["real"]), "gif")
    assert main(["panel", "real", "--out", str(tmp_path / "a.gif")]) == 2
    assert "ends in .png" in capsys.readouterr().err


@pytest.mark.parametrize(
    "path",
    [
        "columns?columns=nobody",
        "columns",
        "nearest?column=nobody",
        "panel.png?columns=paper-gan@999",
        "panel.x?columns=real",
        "panel.png?columns=real&at=left",
    ],
)
def test_what_is_not_there_is_a_sentence(client: TestClient, path: str) -> None:
    answer = client.get(f"/gencmp/compare/{path}")
    assert answer.status_code == (400 if "at=left" in path else 404) and answer.json()["error"].endswith(".")


def test_the_nearest_come_with_their_pictures(client: TestClient) -> None:
    told = client.get("/gencmp/compare/nearest?column=real").json()
    assert told["sheet"].startswith("data:image/png;base64,") and len(told["labels"]) == len(told["distances"]) == 64


def test_the_nearest_come_with_what_the_judge_sees(client: TestClient, catalog: Catalog) -> None:
    told = client.get("/gencmp/compare/nearest?column=paper-gan@3").json()
    (seen,) = make_panel(catalog, ["paper-gan@3"]).seen
    assert told["digits"] == there(seen.digits).tolist() and np.allclose(
        told["confidence"], there(seen.confidence), atol=1e-4
    )


def test_what_can_be_chosen_is_told_anew(
    client: TestClient, catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae, name="mine")
    asked = client.get(f"/gencmp/compare/models?columns={run.id},paper-gan,gone").json()["models"]
    assert [(each["id"], each["open"], each["pictured"][-1]) for each in asked] == [
        (run.id, False, 3),
        ("paper-gan", False, 50),
    ]
    every = client.get("/gencmp/compare/models").json()["models"]
    assert [each["name"] for each in every] == ["paper-gan", "paper-vae", "conv-gan", "conv-vae", "mine"]


def test_letters_that_no_font_here_has_are_told(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fonts, "_others", lambda: ())
    fonts._owner.cache_clear()
    told = client.get(f"/gencmp/compare/letters?words={quote('Größe ελ 比較')}").json()
    assert told["missing"] == "比較" and told["words"].startswith("No font on the server's machine has 比較")
    assert client.get(f"/gencmp/compare/letters?words={quote('Größe ελ')}").json() == {"missing": "", "words": ""}
    assert main(["panel", "real", "--out", str(tmp_path / "a.pdf"), "--title", "比較"]) == 0
    printed = capsys.readouterr().err
    assert "No font on this machine has 比較" in printed and "Install Noto Sans CJK" in printed
    fonts._owner.cache_clear()


def test_a_models_name_is_looked_at_for_letters_too(
    catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae, name="比較 of mine")
    assert "比" in make_panel(catalog, [run.id]).words


def test_panels_drawn_at_once_are_the_same_as_one_by_one(catalog: Catalog) -> None:
    panels = [make_panel(catalog, [name]) for name in ("real", "paper-vae@3")]
    wanted = [content(panel, form) for panel in panels for form in ("png", "svg")]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(content, [panel for panel in panels for _ in range(2)], ["png", "svg"] * 2)
    assert list(found) == wanted
