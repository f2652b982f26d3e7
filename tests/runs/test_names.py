import shlex
from collections.abc import Callable
from typing import Any

import pytest

from gencmp.errors import RunStateError
from gencmp.runs.names import ALIKE, cleaned, folded, is_path, quoted, readings, shipped_names
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

SHIPPED = "paper-gan is the name of a shipped model. Choose another name."


@pytest.fixture(params=["create", "rename"])
def name_it(request: pytest.FixtureRequest, store: RunStore, vae: VaeConfig) -> Callable[[str], Any]:
    """A function that gives a run a name, in both ways."""
    run = store.create(vae)
    return {"create": lambda name: store.create(vae, name=name), "rename": lambda name: store.rename(run.id, name)}[
        request.param
    ]


def test_the_shipped_models_names_are_known() -> None:
    assert {"paper-gan", "paper-vae"} <= shipped_names()
    assert "judge" not in shipped_names()


@pytest.mark.parametrize(
    "name",
    ["paper-gan", " paper-gan\n", "Paper-GAN", "PAPER-GAN", "paper\u2011gan", "paper\u2013gan", "paper\u2212gan",
     "\uff50\uff41\uff50\uff45\uff52-gan", "paper-gan\ufe0f", "paper\u3164-gan", "\U0001d429aper-gan"],
)  # fmt: skip
def test_the_name_of_a_shipped_model_is_reserved_and_all_that_looks_like_it(
    name_it: Callable[[str], Any], name: str
) -> None:
    with pytest.raises(RunStateError) as refused:
        name_it(name)
    assert str(refused.value) == SHIPPED


@pytest.mark.parametrize(
    "name",
    ["\u0440\u0430\u0440\u0435r-g\u0430n", "\u0420\u0410\u0420\u0415R-G\u0410N", "p\u0430per-gan", "PAPER-GA\u039d",
     "\u03c1\u03b1\u03c1er\u2011g\u03b1n", "\u1d18\u1d00\u1d18\u1d07\u0280-\u0262\u1d00\u0274", "pa\u0440er\u2013\u0261an",
     "\U0001d6d2\U0001d6c2per-gan", "paper-ga\u0578"],
)  # fmt: skip
def test_letters_of_other_scripts_do_not_imitate_a_shipped_model(name_it: Callable[[str], Any], name: str) -> None:
    with pytest.raises(RunStateError) as refused:
        name_it(name)
    assert str(refused.value) == SHIPPED


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("re\u0430l", "real means real digits"),
        ("real", "real means real digits"),
        ("Real", "real means real digits"),
        ("mine.safetensors", "read as the path of a file"),
        ("runs/X.SafeTensors", "read as the path of a file"),
        ("mine@3", "read as an epoch of a model"),
        ("\u3164\ufe0f", "at least one letter or digit"),
    ],
)
def test_a_name_that_means_something_else_is_refused(name_it: Callable[[str], Any], name: str, why: str) -> None:
    with pytest.raises(RunStateError, match=why):
        name_it(name)


@pytest.mark.parametrize(
    "name", ["paper-gan 2", "my paper-gan", "paper gan", "really", "mine@home", "safetensors", "7"]
)
def test_other_names_are_free(name_it: Callable[[str], Any], name: str) -> None:
    assert name_it(name).name == name


def test_names_that_look_like_another_runs_are_taken(store: RunStore, vae: VaeConfig) -> None:
    one = store.create(vae, name="Ünï 7")
    two = store.create(vae, name="two")
    for taken in ("ÜNÏ 7", "U\u0308ni\u0308 7", one.id, one.id.upper()):
        attempts: tuple[Callable[[str], Run], ...] = (
            lambda name: store.create(vae, name=name),
            lambda name: store.rename(two.id, name),
        )
        for attempt in attempts:
            with pytest.raises(RunStateError, match="Another run is already named 'Ünï 7'"):
                attempt(taken)
    assert store.rename(one.id, "ÜNÏ 7").name == "ÜNÏ 7"
    assert store.create(vae, name="Uni 7").name == "Uni 7"


def test_look_alike_letters_do_not_imitate_another_run(store: RunStore, vae: VaeConfig) -> None:
    one = store.create(vae, name="c\u043ep")  # a Cyrillic o
    for taken in ("cop", "\u0441\u043e\u0440", "C\u041eP", "\u0421\u043eP"):
        with pytest.raises(RunStateError, match="Another run is already named 'c\u043ep'"):
            store.create(vae, name=taken)
    assert store.rename(one.id, "\u0421\u041e\u0420").name == "\u0421\u041e\u0420"


def test_a_made_up_name_keeps_clear_of_look_alikes_too(store: RunStore, vae: VaeConfig) -> None:
    store.create(vae, name="V\u0410E own settings 1")
    assert store.create(vae).name == "VAE own settings 2"


@pytest.mark.parametrize(
    ("name", "same", "other"),
    [("Вера 1", "ВЕРА 1", "Bepa 2"), ("β 4", "Β 4", "b 4"), ("Νέο", "νέο", "neo"), ("日本", "日本\ufe0f", "日木")],
)
def test_names_in_other_scripts_keep_their_letters(name: str, same: str, other: str) -> None:
    assert readings(name) & readings(same)
    assert not readings(name) & readings(other)


def test_every_look_alike_is_read_as_one_ascii_letter() -> None:
    assert all(not chr(letter).isascii() for letter in ALIKE)
    assert all(latin.isascii() and latin.isalpha() and len(latin) == 1 for latin in ALIKE.values())


def test_a_made_up_name_keeps_clear_of_those_that_look_like_it(store: RunStore, vae: VaeConfig) -> None:
    store.rename(store.create(vae).id, "vae Own Settings 1")
    assert store.create(vae).name == "VAE own settings 2"


def test_an_id_is_no_other_runs_name(store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["00000001", "00000001", "feedbeef", "00000002"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(ids))
    store.create(vae, name="feedbeef")
    assert store.create(vae).id == "00000002"


@pytest.mark.parametrize("word", ["mine", "my run", "it's", 'say "x"', "$HOME", "a\\b", "50 %", "", "ü"])
def test_a_word_of_a_command_is_quoted_as_shells_read_it(word: str) -> None:
    assert shlex.split(quoted(word)) == [word]
    assert quoted("my run") == '"my run"' and quoted("mine") == "mine"


def test_folding_changes_nothing_that_can_be_told_apart() -> None:
    assert [folded(name) for name in ("Mine 7", "ÄÖ", "ß", "a-b", "a_b")] == ["mine 7", "äö", "ss", "a-b", "a_b"]
    assert cleaned(" a\tb ") == "a b" and is_path("A.SAFETENSORS") and not is_path("safetensors")
