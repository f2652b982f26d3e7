"""Columns, orders, evolutions and differences, against what can be counted by hand."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from there import there

from gencmp.errors import RunNotFound
from gencmp.panels.columns import Column, CompareError, column_of, columns_of, evolution, evolution_epochs, spans
from gencmp.panels.facts import as_words, differences, facts, figures, unmeasured
from gencmp.panels.orders import Opinions, critic_of, usable
from gencmp.panels.provenance import figures_note
from gencmp.runs.catalog import Catalog
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig


@pytest.fixture
def catalog(store: RunStore) -> Catalog:
    return Catalog(store)


SEEN = Opinions(np.array([7, 1, 7, 0]), np.array([0.5, 0.9, 0.8, 0.8]), np.array([0.1, 0.4, 0.3, 0.2]))


def test_orders_by_hand() -> None:
    assert SEEN.order("seed", 4) == [[0, 1, 2, 3]]
    assert SEEN.order("confidence", 4) == [[1, 2, 3, 0]]
    assert SEEN.order("d", 4) == [[1, 2, 3, 0]]
    assert SEEN.order("digit", 4) == [[3], [1], [], [], [], [], [], [2, 0], [], []]


def test_without_a_judge_all_orders_are_by_seed() -> None:
    assert {str(Opinions(None, None, None).order(how, 3)) for how in ("seed", "digit", "confidence", "d")} == {
        "[[0, 1, 2]]"
    }


def test_an_order_that_one_column_lacks_is_none_for_all() -> None:
    blind = Opinions(None, None, SEEN.d)
    assert [usable([SEEN, blind], how) for how in ("seed", "digit", "confidence", "d")] == ["seed", "seed", "seed", "d"]
    assert usable([SEEN, SEEN], "digit") == "digit"


def test_a_column_is_a_models_pictures_at_an_epoch(
    catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    early, late = column_of(catalog, f"{run.id}@2"), column_of(catalog, run.name)
    assert (early.epoch, late.epoch, late.kind, early.address) == (2, 3, "vae", f"{run.id}@2")
    assert np.array_equal(early.images, catalog.store.queries.folder(run.id).read_arrays(2)["samples"])


def test_real_digits_are_a_column(catalog: Catalog) -> None:
    real = column_of(catalog, "real")
    assert real.images.shape == (64, 28, 28) and real.address == "real" and real.record is None
    floor = {each.name: each for each in figures(real)}
    assert floor["frechet"].value == pytest.approx(0.11, abs=0.01), "of training digits against test digits"
    assert figures_note(real).startswith("10,000 training against 10,000 test digits; ")


def test_what_cannot_stand_side_by_side_is_told(
    catalog: Catalog, store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    with pytest.raises(RunNotFound, match=r"no pictures of epoch 9\. It has: 1 to 3"):
        column_of(catalog, f"{run.id}@9")
    with pytest.raises(RunNotFound, match="not finished an epoch"):
        column_of(catalog, store.create(vae).id)
    with pytest.raises(CompareError, match="Found 5 columns"):
        columns_of(catalog, ["real"] * 5)


def test_an_epoch_in_a_name_is_not_an_epoch(catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig) -> None:
    run = trained(vae, name="mine@home")
    assert column_of(catalog, "mine@home").name == run.id


def test_spans() -> None:
    assert spans([1, 2, 3, 7]) == "1 to 3, 7" and spans([4]) == "4"


def test_an_evolution_goes_down_in_even_ratios(catalog: Catalog) -> None:
    column = column_of(catalog, "paper-gan")
    epochs = evolution_epochs(column)
    assert epochs[0] == 1 and epochs[-1] == 50 and len(epochs) <= 10 and epochs == sorted(set(epochs))
    rows = evolution(column)
    assert np.array_equal(rows[-1][1], column.images[:8]) and rows[0][1].shape == (8, 28, 28)


def test_an_evolution_ends_where_its_column_is(catalog: Catalog) -> None:
    assert evolution_epochs(column_of(catalog, "paper-vae@7"))[-1] == 7


def test_settings_that_differ_and_no_others(catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig) -> None:
    a, b = trained(vae), trained(vae.replace(seed=5))
    (row,) = differences(columns_of(catalog, [a.id, "real", b.id]))
    assert (row["name"], row["values"]) == ("seed", [0, 5])


def test_no_limit_reads_as_all() -> None:
    assert [as_words(0, "limit"), as_words(6000, "limit"), as_words(0, "seed"), as_words((), "classes")] == [
        "all",
        "6000",
        "0",
        "all",
    ]


def test_settings_of_one_kind_come_last(
    catalog: Catalog, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    rows = differences(columns_of(catalog, [trained(gan).id, trained(vae).id]))
    alone = [None in row["values"] for row in rows]
    assert any(alone) and alone == sorted(alone)


def test_the_critic_is_the_first_gans_or_a_shipped_one(
    catalog: Catalog, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    run = trained(gan)
    column = column_of(catalog, f"{run.id}@2")
    assert (there(critic_of([column], catalog)).name, there(critic_of([column], catalog)).epoch) == (run.name, 2)
    assert there(critic_of([column_of(catalog, trained(vae).id)], catalog)).name == "paper-gan"


def test_a_critic_without_weights_is_passed_over(catalog: Catalog, trained: Callable[..., Run], gan: GanConfig) -> None:
    run = trained(gan)
    for path in (catalog.store.queries.folder(run.id).path / "epochs").glob("*.safetensors"):
        path.unlink()
    assert there(critic_of([column_of(catalog, run.id)], catalog)).name == "paper-gan"


def test_facts_are_plain_and_whole(catalog: Catalog) -> None:
    told = json.loads(json.dumps(facts(columns_of(catalog, ["paper-gan", "real"]), catalog)))
    gan, real = told["columns"]
    assert told["critic"] == "paper-gan, epoch 50"
    assert sorted(gan["orders"]["d"][0]) == list(range(64)) and sum(map(len, real["orders"]["digit"])) == 64
    d = [gan["d"][i] for i in gan["orders"]["d"][0]]
    assert d == sorted(d, reverse=True)


def test_what_was_not_measured_is_said_with_the_way_to_it(
    catalog: Catalog, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    assert unmeasured(column_of(catalog, "real")) == unmeasured(column_of(catalog, "paper-gan")) == ""
    assert unmeasured(column_of(catalog, run.id)).endswith(f"python -m gencmp evaluate {run.id} --epoch 3")
    catalog.store.queries.folder(run.id).weights(2).unlink()
    assert unmeasured(column_of(catalog, f"{run.id}@2")).endswith(
        "because its weights were not saved. Saved epochs: 1, 3."
    )


def test_a_column_knows_what_it_learnt_from() -> None:
    assert Column("real", "", "real", 0, np.zeros((1, 28, 28), np.uint8)).data == ("mnist", (), 0)
