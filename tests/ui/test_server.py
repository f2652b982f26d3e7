"""The routes that the live parts ask: only what is new, pixel for pixel what the model drew, and mistakes in a sentence."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit
from browsing import node
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from there import there

from gencmp.data.digits import Digits
from gencmp.latent.networks import drawn, read_weights
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui.first_page import ROOT_SCRIPT, IndexPage
from gencmp.ui.routes import assets
from gencmp.ui.routes.assets import STATIC, script_files
from gencmp.ui.routes.home import SHEETS


def pixels(answer: Any) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def test_news_tell_all_once_and_then_only_what_is_new(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    first = client.get(f"/gencmp/news/{run.id}?step=0&epoch=0").json()
    assert first["steps"]["step"][-1] == run.step
    assert [row["epoch"] for row in first["epochs"]] == [1, 2, 3]
    then = client.get(f"/gencmp/news/{run.id}?step={run.step}&epoch=2").json()
    assert then["steps"]["step"] == []
    assert [row["epoch"] for row in then["epochs"]] == [3]


def test_an_update_does_not_grow_with_the_run(client: TestClient, trained: Callable[..., Run], gan: GanConfig) -> None:
    short, long = trained(gan.replace(epochs=2)), trained(gan.replace(epochs=20))
    asked = (f"/gencmp/news/{run.id}?step={run.step - 1}&epoch={run.epoch - 1}" for run in (short, long))
    news = [client.get(each).json() for each in asked]
    found = [each.pop("diagnosis") for each in news]  # words; after two epochs there is none yet
    assert found[0] is None and found[1]
    sizes = [len(json.dumps(each)) for each in news]
    assert sizes[1] < sizes[0] + 100
    assert sizes[1] < 2500


def test_pictures_are_the_models_own_pixels(
    client: TestClient, store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    arrays = store.queries.folder(run.id).read_arrays(2)
    sheet = pixels(client.get(f"/gencmp/pictures/{run.id}/2/samples.png"))
    assert sheet.shape == (8 * 28, 8 * 28)
    assert np.array_equal(sheet[28:56, :28], arrays["samples"][8])
    copies = pixels(client.get(f"/gencmp/pictures/{run.id}/2/reconstructions.png"))
    assert np.array_equal(copies[:, 28:56], arrays["reconstructions"][1])


def test_the_plane_is_the_means_and_their_labels(
    client: TestClient, store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(latent_size=3))
    arrays = store.queries.folder(run.id).read_arrays(1)
    content = client.get(f"/gencmp/plane/{run.id}/1").content
    count = len(content) // 9
    assert count == len(arrays["labels"])
    assert np.allclose(np.frombuffer(content, "<f4", 2 * count).reshape(-1, 2), arrays["means"][:, :2])
    assert np.array_equal(np.frombuffer(content, np.uint8, offset=8 * count), arrays["labels"])


def test_a_preview_comes_from_between_the_epochs(
    client: TestClient, store: RunStore, trained: Callable[..., Run], gan: GanConfig
) -> None:
    run = trained(gan)
    step, _ = there(store.queries.preview(run.id))
    assert pixels(client.get(f"/gencmp/preview/{run.id}/{step}/samples.png")).shape == (224, 224)
    assert client.get(f"/gencmp/preview/{run.id}/{step}/plane").status_code == 404


@pytest.mark.parametrize("path", ["news/nobody", "pictures/nobody/1/samples.png", "plane/nobody/1"])
def test_what_is_not_there_is_a_sentence(client: TestClient, path: str) -> None:
    answer = client.get(f"/gencmp/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("There is no run")


def test_a_place_that_is_no_number_is_a_sentence(
    client: TestClient, trained: Callable[..., Run], gan: GanConfig
) -> None:
    run = trained(gan)
    assert client.get(f"/gencmp/news/{run.id}?step=x").status_code == 400


@pytest.mark.parametrize(
    "name", ["train/live.js", "shared/base.css", "latent/nets.js", "panels/divider.js", "plotly/plotly.min.js"]
)
def test_scripts_may_be_kept_for_ever(client: TestClient, name: str) -> None:
    answer = client.get(f"/gencmp/static/{assets.content_hash()}/{name}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fserver.py", "server.py", "nothing.js", "latent/networks.py", "plotly/plotly.json"]
)
def test_nothing_else_is_given_out(client: TestClient, name: str) -> None:
    assert client.get(f"/gencmp/static/{assets.content_hash()}/{name}").status_code == 404


def test_a_script_is_compressed_once_and_given_whole_to_whoever_takes_no_gzip(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    compress = gzip.compress
    monkeypatch.setattr(gzip, "compress", lambda content, **more: (compressed.append(1), compress(content))[1])
    path = f"/gencmp/static/{assets.content_hash()}/train/live.js"
    whole = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = [client.get(path, headers={"Accept-Encoding": "gzip, br"}) for _ in range(3)]
    assert "content-encoding" not in whole.headers
    assert len(compressed) == 1
    for each in packed:
        assert each.headers["content-encoding"] == "gzip"
        assert int(each.headers["content-length"]) < len(whole.content) / 2
        assert each.headers["vary"] == "Accept-Encoding"
        assert each.content == whole.content
    head = client.head(path, headers={"Accept-Encoding": "gzip"})
    assert (head.headers["content-length"], head.content) == (packed[0].headers["content-length"], b"")
    assert client.post(path, headers={"Accept-Encoding": "gzip"}).status_code == 405
    again = client.get(path, headers={"If-None-Match": packed[0].headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_streamlits_own_files_are_compressed_and_kept_for_ever() -> None:
    async def others(request: Request) -> Response:
        return Response("Streamlit's", 404)

    app = assets.StreamlitsFiles(Starlette(routes=[Route("/{rest:path}", others)]), prefix="/some/prefix")
    folder = Path(streamlit.__file__).parent / "static" / "static"
    script, font = next(folder.glob("js/index.*.js")), next(folder.glob("media/*.woff2"))
    asked = TestClient(app)
    for path, encoding in ((script, "gzip"), (font, None)):
        answer = asked.get(f"/some/prefix/static/{path.relative_to(folder).as_posix()}")
        assert answer.content == path.read_bytes()
        assert answer.headers.get("content-encoding") == encoding
        assert "immutable" in answer.headers["cache-control"]
    for absent in (
        "/static/js/x.js",
        "/some/prefix/static/js/nothing.js",
        "/some/prefix/static/../index.html",
        "/some/prefix/static/js",
    ):
        assert asked.get(absent).text == "Streamlit's"


def test_the_scripts_of_all_pages_are_one(client: TestClient) -> None:
    answer = client.get(f"/gencmp/static/{assets.content_hash()}/all.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "text/javascript"
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) < len(answer.content) / 3
    assert answer.content == assets.bundle()


def test_home_gets_more_digits_without_weights(
    client: TestClient, store: RunStore, trained: Callable[..., Run], gan: GanConfig, mnist: Digits
) -> None:
    run = trained(gan)
    first, again, other = (pixels(client.get(f"/gencmp/fresh/{run.id}/{number}.png")) for number in (0, 0, 1))
    assert first.shape == (224, 224)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    folder = store.queries.folder(run.id)
    assert np.array_equal(first[28:56, :28], drawn(read_weights(folder.weights(folder.kept()[-1])), 64, seed=0)[8])
    real = pixels(client.get("/gencmp/real/1.png"))
    assert np.array_equal(real[:28, 28:56].ravel(), mnist.test.images[65].numpy())
    script = (STATIC / "home" / "home.js").read_text("utf-8")
    assert int(there(re.search(r"const SHEETS = (\d+);", script))[1]) == SHEETS == 64
    for path in (f"fresh/{run.id}/64.png", "real/64.png"):
        answer = client.get(f"/gencmp/{path}")
        assert (answer.status_code, answer.json()["error"]) == (400, "Found sheet 64, wanted one from 0 to 63.")


def test_what_a_user_trained_is_kept_by_no_cache_that_others_share(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    """As behind a hub that asks for a password, once, and then answers from its own cache."""
    run = trained(vae)
    epoch, content_hash = client.get(f"/gencmp/kept/{run.id}").json()["kept"][-1]
    own = ["news/{}", "pictures/{}/1/samples.png", "plane/{}/1", "kept/{}", "digits/{}"]
    own += [f"{what}/{{}}/{epoch}/{content_hash}" for what in ("weights", "posterior")] + ["compare/nearest?column={}"]
    for path in own:
        answer = client.get("/gencmp/" + path.format(run.id))
        assert answer.status_code == 200, path
        assert re.match("private|no-store", answer.headers["cache-control"]), path


def test_real_digits_stand_beside_the_drawn_ones(client: TestClient, mnist: Digits) -> None:
    sheet = pixels(client.get("/gencmp/real.png"))
    assert np.array_equal(sheet[:28, 28:56].ravel(), mnist.test.images[1].numpy())


# Streamlit's first page


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse("<html><head><title>x</title></head></html>")


def test_the_first_page_is_told_where_its_server_is() -> None:
    app = IndexPage(Starlette(routes=[Route("/train", page)]))
    answer = TestClient(app).get("/train", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert answer.content.startswith(b"<html><head>" + ROOT_SCRIPT)
    assert answer.headers["content-encoding"] == "gzip"
    plain = TestClient(app).get("/train", headers={"Accept": "text/html", "Accept-Encoding": "identity"})
    assert plain.content == answer.content
    assert int(plain.headers["content-length"]) == len(plain.content)


def test_what_is_no_page_passes_untouched() -> None:
    app = IndexPage(Starlette(routes=[Route("/train", page)]))
    assert b"BACKEND" not in TestClient(app).get("/train", headers={"Accept": "*/*"}).content


@pytest.mark.parametrize("condition", ["If-None-Match", "If-Modified-Since"])
def test_a_browser_that_knows_the_page_of_another_application_gets_ours(condition: str) -> None:
    """Two applications of one Streamlit, one after the other at the same port, have the same page, but for our script."""

    async def unchanged(request: Request) -> Response:
        return Response(status_code=304) if condition in request.headers else await page(request)

    app = Starlette(routes=[Route("/", unchanged)])
    asked = {"Accept": "text/html", condition: "as before"}
    assert TestClient(app).get("/", headers=asked).status_code == 304
    assert ROOT_SCRIPT in TestClient(IndexPage(app)).get("/", headers=asked).content


# The root of the dashboard, as the browser finds it

HUB = "https://hub.example/user/ada/proxy/8712/"


@pytest.mark.parametrize(
    ("address", "root"),
    [
        ("http://localhost:8501/", "http://localhost:8501/"),
        ("http://localhost:8501/train?runs=a/b#c/d", "http://localhost:8501/"),
        ("http://[fe80::1]:8501/lab/", "http://[fe80::1]:8501/lab/"),
        (HUB, HUB),
        (f"{HUB}explore?x=1~2", HUB),
        (f"{HUB}vote?round=C7FK&host=/", HUB),
    ],
)
def test_the_root_is_the_folder_of_the_pages_address(tmp_path: Path, address: Any, root: Any) -> None:
    script = re.sub("</?script>", "", ROOT_SCRIPT.decode())
    found = node(
        f"globalThis.window = {{}}; globalThis.location = new URL({address!r}); {script}\n"
        "console.log(window.__streamlit.BACKEND_BASE_URL)",
        tmp_path,
    )
    assert found.strip() == root


def test_no_script_makes_an_address_of_its_own() -> None:
    """All begin with what live.py's loader gives them, so that none forgets a proxy's prefix."""
    for path in script_files():
        assert not re.search(r"location\.(origin|host)|[\"'`]/?(gencmp|_stcore|static)/", path.read_text("utf-8")), (
            path.name
        )
