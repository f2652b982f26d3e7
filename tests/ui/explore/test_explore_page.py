"""The explore page without a browser: what it says when there is nothing, what it hands to the component, and its routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from there import there

from gencmp.data.digits import Digits
from gencmp.data.pictures import digits_to_test
from gencmp.evaluation.kept_opinions import MAP, MAPS
from gencmp.evaluation.opinions import doubt_maps, present_judge
from gencmp.files import ROOT
from gencmp.latent import networks
from gencmp.models.snapshot import read
from gencmp.models.weights_file import read_facts
from gencmp.runs.catalog import Catalog
from gencmp.runs.evaluations.fill_in import fill_in
from gencmp.runs.run import Run, class_names
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog as server_catalog
from gencmp.ui import explore, server
from gencmp.ui.routes import answers
from gencmp.ui.routes import explore as routes


@pytest.fixture
def catalog(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """The test's own store and nothing shipped, wherever the page looks for models."""
    found = Catalog(store, tmp_path / "none shipped")
    for module in (answers, server_catalog, explore):
        monkeypatch.setattr(module, "open_catalog", lambda: found)
    return found


def page() -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / "explore.py"), default_timeout=20)


def told(at: AppTest) -> dict[str, Any]:
    [component] = at.get("bidi_component")
    found: dict[str, Any] = json.loads(component.proto.json)
    return found


def test_without_models_it_says_what_to_do(catalog: Catalog) -> None:
    at = page().run()
    assert not at.exception
    assert "no model to explore yet" in at.markdown[0].value
    assert not at.get("bidi_component")


def test_runs_with_a_kept_epoch_are_offered_newest_first(
    catalog: Catalog, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    first, second = trained(gan, name="first"), trained(vae, name="second")
    catalog.store.create(gan, name="waiting")  # nothing kept yet
    at = page().run()
    assert not at.exception
    assert [(row["id"], row["kind"], row["last"]) for row in told(at)["models"]] == [
        (second.id, "vae", 3),
        (first.id, "gan", 3),
    ]


def test_the_shipped_models_come_first() -> None:
    rows = routes.models(server_catalog.open_catalog())
    assert [row["shipped"] for row in rows[:2]] == [True, True]


# Routes


@pytest.fixture
def client(catalog: Catalog) -> TestClient:
    return TestClient(Starlette(routes=server.routes()))


def test_kept_epochs_come_with_hashes_and_the_curve(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    facts = client.get(f"/gencmp/kept/{run.id}").json()
    assert [epoch for epoch, _ in facts["kept"]] == [1, 2, 3]
    assert [row["epoch"] for row in facts["curve"]] == [1, 2, 3]
    assert facts["curve"][0]["test_negative_elbo"] > 0
    assert facts["config"]["latent_size"] == 2


def test_weights_under_their_hash_may_be_kept_for_ever_and_others_not(
    client: TestClient, trained: Callable[..., Run], gan: GanConfig
) -> None:
    run = trained(gan)
    epoch, content_hash = client.get(f"/gencmp/kept/{run.id}").json()["kept"][-1]
    answer = client.get(f"/gencmp/weights/{run.id}/{epoch}/{content_hash}")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == server_catalog.open_catalog().weights(run.id, epoch).read_bytes()
    assert client.get(f"/gencmp/weights/{run.id}/{epoch}/older").headers["cache-control"] == "no-store"


def test_weights_do_not_tell_where_their_owners_pictures_are(
    client: TestClient, trained: Callable[..., Run], gan: GanConfig, digits_folder: Path
) -> None:
    run = trained(gan.replace(dataset=str(digits_folder)))
    content = client.get(f"/gencmp/weights/{run.id}/1/x").content
    assert str(digits_folder).encode() not in content
    assert read_facts(content, "x").config.dataset == f"folder:{digits_folder.name}"


def test_damaged_weights_are_a_sentence(client: TestClient, trained: Callable[..., Run], gan: GanConfig) -> None:
    run = trained(gan)
    path = server_catalog.open_catalog().weights(run.id)
    path.write_bytes(path.read_bytes()[:-1])
    for what in ("weights", "directions"):
        answer = client.get(f"/gencmp/{what}/{run.id}/3/x")
        assert answer.status_code == 404
        assert answer.json()["error"].startswith("00003.safetensors is not a gencmp snapshot, or is damaged")


def test_directions_reach_the_browser(client: TestClient, trained: Callable[..., Run], gan: GanConfig) -> None:
    run = trained(gan)
    epoch, content_hash = client.get(f"/gencmp/kept/{run.id}").json()["kept"][-1]
    answer = client.get(f"/gencmp/directions/{run.id}/{epoch}/{content_hash}")
    wanted = networks.read_weights(server_catalog.open_catalog().weights(run.id)).directions()
    assert "immutable" in answer.headers["cache-control"]
    assert np.abs(np.frombuffer(answer.content, "<f4").reshape(wanted.shape) - wanted).max() < 1e-6


def test_the_posterior_is_where_the_encoder_puts_the_test_digits(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    epoch, content_hash = client.get(f"/gencmp/kept/{run.id}").json()["kept"][-1]
    content = client.get(f"/gencmp/posterior/{run.id}/{epoch}/{content_hash}").content
    count, size = np.frombuffer(content, "<u4", 2)
    images, labels = digits_to_test("mnist")
    mean, _ = networks.posterior(networks.read_weights(server_catalog.open_catalog().weights(run.id)), images)
    assert (count, size) == (10_000, 2)
    assert np.allclose(np.frombuffer(content, "<f2", 20_000, offset=8), mean.ravel(), atol=1e-2)
    assert np.array_equal(np.frombuffer(content, np.uint8, offset=8 + 80_000), labels)


def test_the_judges_map_is_the_one_that_was_kept(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(epochs=1))
    fill_in(catalog_of(run))
    facts = client.get(f"/gencmp/kept/{run.id}").json()
    epoch, content_hash = facts["kept"][-1]
    assert facts["ambiguity"] is True
    wanted = doubt_maps(
        read(server_catalog.open_catalog().weights(run.id)), there(present_judge("mnist", class_names(run)))
    )
    for spacing, name in MAPS.items():
        answer = client.get(f"/gencmp/ambiguity/{run.id}/{epoch}/{content_hash}?spacing={spacing}&reach=4")
        assert answer.content == wanted[name].tobytes() and len(answer.content) == MAP**2
        assert "immutable" in answer.headers["cache-control"]


def catalog_of(run: Any) -> Any:
    return server_catalog.open_catalog().find(run.id)


def test_a_map_that_was_not_kept_is_a_sentence_with_what_to_do(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(epochs=1))
    epoch, content_hash = client.get(f"/gencmp/kept/{run.id}").json()["kept"][-1]
    answer = client.get(f"/gencmp/ambiguity/{run.id}/{epoch}/{content_hash}?spacing=even&reach=4")
    assert answer.status_code == 404 and answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"].endswith(f"python -m gencmp evaluate {run.id} adds it.")


def test_the_test_digits_are_those_that_the_run_knows(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(classes=(3, 8)))
    content = client.get(f"/gencmp/digits/{run.id}").content
    count = int.from_bytes(content[:4], "little")
    assert set(content[4 : 4 + count]) == {3, 8}
    assert len(content) == 4 + count * 785


def test_the_shipped_digits_are_read_as_torch_reads_them(mnist: Digits) -> None:
    images, labels = digits_to_test("mnist")
    assert np.array_equal(images, mnist.test.images.numpy())
    assert np.array_equal(labels, mnist.test.labels.numpy())


@pytest.mark.parametrize(
    "path", ["kept/nobody", "weights/nobody/1/x", "directions/nobody/1/x", "posterior/nobody/1/x", "digits/nobody"]
)
def test_what_is_not_there_is_a_sentence(client: TestClient, path: str) -> None:
    answer = client.get(f"/gencmp/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("There is no run")


def test_an_epoch_that_was_not_kept_names_those_that_were(
    client: TestClient, trained: Callable[..., Run], gan: GanConfig
) -> None:
    run = trained(gan)
    answer = client.get(f"/gencmp/weights/{run.id}/99/x")
    assert answer.status_code == 404
    assert "It has: 1, 2, 3." in answer.json()["error"]
