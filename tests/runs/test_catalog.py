import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors

from gencmp.errors import RunNotFound
from gencmp.models.snapshot import pack, read
from gencmp.runs.catalog import Catalog, ShippedRun, StoredRun
from gencmp.runs.export import CURVE_POINTS, export, export_zip
from gencmp.runs.folder import RunFolder
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import sample


@pytest.fixture
def catalog(store: RunStore, tmp_path: Path) -> Catalog:
    return Catalog(store, tmp_path / "shipped")


@pytest.fixture
def run(trained: Callable[..., Run], config: GanConfig | VaeConfig) -> Run:
    return trained(config, "mine")


@pytest.fixture
def named_before(store: RunStore) -> Callable[[Run, str], None]:
    """A function that gives a run a name that today is refused, as an early version did."""

    def rename(run: Any, name: Any) -> None:
        with store.database.transaction() as db:
            db.execute("UPDATE runs SET name = ? WHERE id = ?", (name, run.id))

    return rename


def told(record: Any) -> Any:
    """All that a record tells of its curves."""
    return record.steps(), [vars(row) for row in record.epochs()]


# Finding


def test_a_run_is_found_by_name_and_by_id(catalog: Catalog, run: Run) -> None:
    for name in ("mine", run.id):
        record = catalog.find(name)
        assert record.run == run and not record.is_shipped
    assert [record.run.name for record in catalog.recorded()] == ["mine"]


def test_shipped_models_are_found_beside_the_users_own(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    assert catalog.shipped() == []
    export(catalog.find("mine"), tmp_path / "shipped" / "b", name="paper-b")
    export(catalog.find("mine"), tmp_path / "shipped" / "a", name="mine")
    (tmp_path / "shipped" / "no model").mkdir()
    assert [record.run.name for record in catalog.shipped()] == ["mine", "paper-b"]
    assert catalog.find("paper-b").is_shipped and not catalog.find(run.id).is_shipped
    assert [choice.is_shipped for choice in catalog.choices()] == [True, True, False]


def test_the_papers_models_come_first_among_the_shipped(
    trained: Callable[..., Run], store: RunStore, gan: GanConfig, vae: VaeConfig, tmp_path: Path
) -> None:
    catalog = Catalog(store, tmp_path / "shipped")
    assert catalog.shipped_pair() == {}
    for name, config in (("a-gan", gan), ("b-vae", vae), ("c-gan", gan), ("d-vae", vae)):
        run = trained(config.replace(epochs=1), name)
        if name >= "c":
            with store.database.transaction() as db:
                db.execute("UPDATE runs SET preset = 'paper' WHERE id = ?", (run.id,))
        export(catalog.find(name), tmp_path / "shipped" / name, name=name)
    assert [record.run.id for record in catalog.shipped()] == ["c-gan", "d-vae", "a-gan", "b-vae"]
    assert {kind: record.run.id for kind, record in catalog.shipped_pair().items()} == {"gan": "c-gan", "vae": "d-vae"}


def test_a_shipped_model_answers_to_its_name_and_a_run_of_that_name_to_its_id(
    catalog: Catalog, run: Run, tmp_path: Path
) -> None:
    export(catalog.find("mine"), tmp_path / "shipped" / "a", name="mine")
    assert catalog.find("mine").is_shipped and not catalog.find(run.id).is_shipped
    assert catalog.weights("mine").is_relative_to(tmp_path / "shipped") and run.id in str(catalog.weights(run.id))
    assert catalog.namesake("mine") == f"mine is the shipped model; refer to your run of that name by its id, {run.id}."
    assert catalog.namesake(run.id) == catalog.namesake("none") == ""


def test_a_run_named_like_a_file_answers_to_its_id(
    catalog: Catalog, run: Run, named_before: Callable[[Run, str], None]
) -> None:
    named_before(run, "x.safetensors")
    assert str(catalog.weights("x.safetensors")) == "x.safetensors"
    assert catalog.namesake("x.safetensors").endswith(
        f"read as a file; refer to your run of that name by its id, {run.id}."
    )
    assert catalog.weights(run.id) == catalog.store.queries.folder(run.id).weights(3)


def test_an_id_means_its_run_also_when_another_has_it_for_a_name(
    catalog: Catalog, store: RunStore, run: Run, vae: VaeConfig, named_before: Callable[[Run, str], None]
) -> None:
    other = store.create(vae)
    named_before(other, run.id)
    assert catalog.find(run.id).run.id == run.id and catalog.find(other.id).run.name == run.id


def test_what_is_not_there_is_told_with_what_is(catalog: Catalog, run: Run) -> None:
    with pytest.raises(RunNotFound, match=r"There is no run or shipped model 'mien'\. There are: mine\."):
        catalog.find("mien")
    catalog.store.delete(run.id)
    with pytest.raises(RunNotFound, match="There are: none yet"):
        catalog.find("mine")


@pytest.mark.parametrize("name", ["../mine", "mine/../mine", "/etc/passwd", "..", ""])
def test_a_name_is_never_looked_up_as_a_path(catalog: Catalog, run: Run, name: str) -> None:
    with pytest.raises(RunNotFound):
        catalog.find(name)
    with pytest.raises(RunNotFound):
        catalog.weights(name)


def test_weights_of_the_last_or_of_a_chosen_epoch(catalog: Catalog, run: Run) -> None:
    assert catalog.weights("mine") == catalog.store.queries.folder(run.id).weights(3)
    assert read(catalog.weights(run.id, 1)).epoch == 1
    assert str(catalog.weights("some/model.safetensors")) == "some/model.safetensors"
    with pytest.raises(RunNotFound, match=r"mine has no checkpoint of epoch 4. It has: 1, 2, 3."):
        catalog.weights("mine", 4)


def test_a_run_without_an_epoch_has_no_weights(catalog: Catalog, vae: VaeConfig) -> None:
    catalog.store.create(vae, name="new")
    with pytest.raises(RunNotFound, match="new has not finished an epoch yet"):
        catalog.weights("new")


# Export


def without_place(run: Run) -> Run:
    """As others are told of it: on which of one's computers it trained is nobody else's."""
    return replace(run, place={})


def test_an_exported_run_tells_the_same(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    export(catalog.find("mine"), tmp_path / "out", command="python -m gencmp train")
    record = ShippedRun(tmp_path / "out")
    assert record.run == without_place(run) and record.card["command"] == "python -m gencmp train"
    (steps, epochs), (steps_before, epochs_before) = told(record), told(catalog.find("mine"))
    assert epochs == epochs_before and steps.keys() == steps_before.keys()
    assert all(steps[name] == pytest.approx(steps_before[name], rel=1e-5) for name in steps)
    assert record.folder.kept() == record.folder.pictured() == [1, 2, 3]


def test_an_exported_run_samples_the_same(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    export(catalog.find("mine"), tmp_path / "out", half=True)
    one, two = (
        sample(read(folder.weights(3)), 4, 0) for folder in (catalog.find("mine").folder, RunFolder(tmp_path / "out"))
    )
    assert np.array_equal(one, two)


def test_after_asks_for_what_is_new(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    export(catalog.find("mine"), tmp_path / "out")
    for record in (catalog.find("mine"), ShippedRun(tmp_path / "out")):
        assert record.steps(after=16)["step"] == [17, 18]
        assert record.steps(after=18)["step"] == []
        assert [row.epoch for row in record.epochs(after=2)] == [3]


def test_a_renamed_export_is_found_by_its_new_name(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    export(catalog.find("mine"), tmp_path / "shipped" / "x", name="paper-x")
    exported = catalog.find("paper-x").run
    assert (exported.id, exported.name, exported.config) == ("paper-x", "paper-x", run.config)


def test_chosen_epochs_in_half_precision(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    export(catalog.find("mine"), tmp_path / "out", epochs=[1], half=True)
    folder = RunFolder(tmp_path / "out")
    types = {
        epoch: {t.dtype.name for t in load_tensors(folder.weights(epoch).read_bytes()).values()}
        for epoch in folder.kept()
    }
    assert types == {1: {"float16"}, 3: {"float32"}}
    export(catalog.find("mine"), tmp_path / "small", epochs=[3], half_last=True)
    small = read(RunFolder(tmp_path / "small").weights(3)).tensors
    assert {str(tensor.dtype) for tensor in small.values()} == {"torch.float16"}
    assert read(folder.weights(1)).config.to_dict() == run.config
    assert folder.weights(1).stat().st_size < 0.7 * folder.weights(3).stat().st_size


def test_long_curves_are_thinned_for_export(
    catalog: Catalog, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("gencmp.runs.export.CURVE_POINTS", 6)
    export(catalog.find("mine"), tmp_path / "out")
    assert ShippedRun(tmp_path / "out").steps()["step"] == [3, 6, 9, 12, 15, 18]
    assert CURVE_POINTS > 1000


def test_a_zip_unpacks_to_an_exported_run(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(export_zip(catalog.find("mine")))) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "unpacked")
    assert names[:2] == ["card.json", "curves.json"] and len(names) == 8
    assert all(name.startswith("epochs/0000") for name in names[2:])
    record = ShippedRun(tmp_path / "unpacked")
    assert record.run == without_place(run) and record.folder.kept() == [1, 2, 3]


@pytest.fixture
def own(trained: Callable[..., Run], vae: VaeConfig, digits_folder: Path, catalog: Catalog) -> Run:
    """A run on a folder of own pictures, whose weights tell its path as those of version 0.1 did."""
    run = trained(vae.replace(dataset=str(digits_folder)), "own")
    for path in (catalog.store.queries.folder(run.id).weights(epoch) for epoch in (1, 2, 3)):
        assert str(digits_folder).encode() not in path.read_bytes()
        path.write_bytes(pack(replace(read(path), config=vae.replace(dataset=str(digits_folder)))))
    catalog.store.set_state(run.id, "failed", f"{digits_folder} is gone")
    return run


@pytest.mark.parametrize("half", [False, True])
def test_an_export_tells_no_path_of_this_computer(
    catalog: Catalog, own: Run, digits_folder: Path, tmp_path: Path, half: bool
) -> None:
    export(catalog.find("own"), tmp_path / "out", half=half)
    with zipfile.ZipFile(io.BytesIO(export_zip(catalog.find("own")))) as archive:
        archive.extractall(tmp_path / "unzipped")
    for target in (tmp_path / "out", tmp_path / "unzipped"):
        files = [path for path in target.rglob("*") if path.is_file()]
        assert len(files) == 8
        assert not [path.name for path in files if str(digits_folder.parent).encode() in path.read_bytes()]
        record = ShippedRun(target)
        assert record.run.config["dataset"] == f"folder:{digits_folder.name}" and record.run.data["name"] == "few"
        one, two = (sample(read(folder.weights(3)), 4, 0) for folder in (catalog.find("own").folder, record.folder))
        assert np.array_equal(one, two)
    assert catalog.find("own").run.config["dataset"] == str(digits_folder)


def test_where_the_pictures_of_weights_are_is_known_of_this_computers_runs(
    catalog: Catalog, own: Run, run: Run, digits_folder: Path, tmp_path: Path
) -> None:
    export(catalog.find("own"), tmp_path / "shipped" / "a", name="paper-x")
    for name in ("own", own.id, str(catalog.weights("own", 1))):
        assert catalog.dataset(name) == str(digits_folder)
    assert (catalog.dataset("mine"), catalog.dataset("paper-x")) == ("mnist", f"folder:{digits_folder.name}")
    assert catalog.dataset(str(tmp_path / "shipped" / "a" / "epochs" / "00001.safetensors")) is None


def test_a_card_of_a_later_version_can_be_read(catalog: Catalog, run: Run, tmp_path: Path) -> None:
    export(catalog.find("mine"), tmp_path / "out")
    card = json.loads((tmp_path / "out" / "card.json").read_text("utf-8"))
    card["run"]["colour"] = "blue"
    (tmp_path / "out" / "card.json").write_text(json.dumps(card))
    assert ShippedRun(tmp_path / "out").run == without_place(run)


# What ships


def test_the_shipped_models_are_the_papers(store: RunStore) -> None:
    shipped = {record.run.name: record for record in Catalog(store).shipped()}
    assert {"paper-gan", "paper-vae"} <= shipped.keys()
    for name in ("paper-gan", "paper-vae"):
        record = shipped[name]
        assert isinstance(record.run, Run) and record.run.state == "finished" and record.run.images == 60_000
        assert len(record.epochs()) == record.run.epochs == {"paper-gan": 50, "paper-vae": 51}[name]
        assert record.run.preset == "paper" and len(record.folder.kept()) >= 5 and record.folder.kept()[0] == 1
        assert sample(read(record.folder.weights(record.run.epochs)), 2, 0).max() > 128


def test_the_shipped_vae_is_as_good_as_the_plain_recipe(store: RunStore) -> None:
    assert Catalog(store).find("paper-vae").run.test["negative_elbo"] <= 140


def test_a_recorded_run_is_read_anew(catalog: Catalog, run: Run) -> None:
    record = StoredRun(catalog.store, run)
    catalog.store.rename(run.id, "other")
    assert catalog.find("other").run.id == record.run.id
    assert told(catalog.find("other")) == told(record)
