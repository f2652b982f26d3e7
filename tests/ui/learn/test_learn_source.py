"""Code that lessons show is read from its file, and a lesson whose code has gone says so."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.models import vae
from gencmp.ui.learn import loss, sizes
from gencmp.ui.learn.source import SourceChanged, excerpt


def test_the_lines_are_those_that_run() -> None:
    shown = excerpt("models/vae.py", "elbo_terms")
    lines, start = inspect.getsourcelines(vae.elbo_terms)
    assert shown.line == start and f"{shown.head}\n" == lines[0]
    source = "".join(lines)
    for statement in shown.statements:
        assert all(line in source for line in statement.text.splitlines())
    assert [each.sets for each in shown.statements] == ["reconstruction", "kl", "return"]
    assert "KL is exact" in source and "KL is exact" not in "".join(each.text for each in shown.statements)


def test_an_excerpt_ends_where_it_is_told_to() -> None:
    shown = excerpt("models/vae.py", "VaeTrainer.phases", last="loss")
    assert [each.sets for each in shown.statements][-2:] == ["of_reconstruction, of_kl", "loss"]
    one = excerpt("models/vae.py", "build_encoder", only="widths")
    assert [each.sets for each in one.statements] == ["widths"]
    assert one.statements[0].text == inspect.getsource(vae).splitlines()[one.line - 1].strip()


@pytest.mark.parametrize(
    ("asked", "words"),
    [(("elbo",), "has no elbo"), (("elbo_terms", "total"), "wants 'total'"), (("Vae.losses",), "has no Vae.losses")],
)
def test_what_is_gone_is_named(asked: Any, words: str) -> None:
    with pytest.raises(SourceChanged, match=words):
        excerpt("models/vae.py", *asked)


def page(module: str) -> None:
    from importlib import import_module

    import_module(f"gencmp.ui.learn.{module}").show("lesson")


@pytest.mark.parametrize("module", ["loss", "sizes"])
def test_both_are_drawn(module: str) -> None:
    at = AppTest.from_function(page, args=(module,)).run()
    assert not at.exception and not at.info


def test_without_the_shipped_vae_the_loss_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "MODEL", "no such model")
    at = AppTest.from_function(page, args=("loss",)).run()
    assert "The shipped VAE is missing" in at.info[0].value


def test_both_sizes_are_read_from_one_setting() -> None:
    """As the lesson says."""
    facts = sizes.facts()
    for kind, setting in (("vae", "latent_size"), ("gan", "noise_size")):
        texts = [each["statements"][0]["text"] for each in facts[kind]["sizes_in_code"]]
        assert len(texts) == 2 and all(f"config.{setting}" in text for text in texts)
