import shlex

import pytest

from gencmp.errors import RunStateError
from gencmp.names import cleaned, folded, is_path, quoted, shipped_names

SHIPPED = "paper-gan is the name of a shipped model. Choose another name."


@pytest.fixture(params=["create", "rename"])
def name_it(request, store, vae):
    """A function that gives a run a name, in both ways."""
    run = store.create(vae)
    return {"create": lambda name: store.create(vae, name=name), "rename": lambda name: store.rename(run.id, name)}[
        request.param
    ]


def test_the_shipped_models_names_are_known():
    assert {"paper-gan", "paper-vae"} <= shipped_names()
    assert "judge" not in shipped_names()


@pytest.mark.parametrize(
    "name",
    ["paper-gan", " paper-gan\n", "Paper-GAN", "PAPER-GAN", "paper\u2011gan", "paper\u2013gan", "paper\u2212gan",
     "\uff50\uff41\uff50\uff45\uff52-gan", "paper-gan\ufe0f", "paper\u3164-gan", "\U0001d429aper-gan"],
)  # fmt: skip
def test_the_name_of_a_shipped_model_is_reserved_and_all_that_looks_like_it(name_it, name):
    with pytest.raises(RunStateError) as refused:
        name_it(name)
    assert str(refused.value) == SHIPPED


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("real", "real stands for real digits"),
        ("Real", "real stands for real digits"),
        ("mine.safetensors", "read as the path of a file"),
        ("runs/X.SafeTensors", "read as the path of a file"),
        ("mine@3", "read as an epoch of a model"),
        ("\u3164\ufe0f", "at least one letter or digit"),
    ],
)
def test_a_name_that_means_something_else_is_refused(name_it, name, why):
    with pytest.raises(RunStateError, match=why):
        name_it(name)


@pytest.mark.parametrize(
    "name", ["paper-gan 2", "my paper-gan", "paper gan", "really", "mine@home", "safetensors", "7"]
)
def test_other_names_are_free(name_it, name):
    assert name_it(name).name == name


def test_names_that_look_like_another_runs_are_taken(store, vae):
    one = store.create(vae, name="Ünï 7")
    two = store.create(vae, name="two")
    for taken in ("ÜNÏ 7", "U\u0308ni\u0308 7", one.id, one.id.upper()):
        for attempt in (lambda name: store.create(vae, name=name), lambda name: store.rename(two.id, name)):
            with pytest.raises(RunStateError, match="Another run is named 'Ünï 7' already"):
                attempt(taken)
    assert store.rename(one.id, "ÜNÏ 7").name == "ÜNÏ 7"
    assert store.create(vae, name="Uni 7").name == "Uni 7"


def test_a_made_up_name_keeps_clear_of_those_that_look_like_it(store, vae):
    store.rename(store.create(vae).id, "VAE Own 1")
    assert store.create(vae).name == "vae own 2"


def test_an_id_is_no_other_runs_name(store, vae, monkeypatch):
    ids = iter(["00000001", "00000001", "feedbeef", "00000002"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(ids))
    store.create(vae, name="feedbeef")
    assert store.create(vae).id == "00000002"


@pytest.mark.parametrize("word", ["mine", "my run", "it's", 'say "x"', "$HOME", "a\\b", "50 %", "", "ü"])
def test_a_word_of_a_command_is_quoted_as_shells_read_it(word):
    assert shlex.split(quoted(word)) == [word]
    assert quoted("my run") == '"my run"' and quoted("mine") == "mine"


def test_folding_changes_nothing_that_can_be_told_apart():
    assert [folded(name) for name in ("Mine 7", "ÄÖ", "ß", "a-b", "a_b")] == ["mine 7", "äö", "ss", "a-b", "a_b"]
    assert cleaned(" a\tb ") == "a b" and is_path("A.SAFETENSORS") and not is_path("safetensors")
