"""The form and the address: what a link opens, what a run's settings look like in it, and that nothing in it breaks the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import PRESETS, preset
from gencmp.ui.train.before_start import start_words
from gencmp.ui.train.fill import Fill, address_of_form, fill_of_address, fill_of_runs, is_of_the_form


def test_a_link_opens_the_form_with_a_failure_to_watch() -> None:
    fill = fill_of_address({"models": "gan", "preset": "strong-discriminator"})
    assert fill.configs == {"gan": PRESETS["gan"]["strong-discriminator"].config}
    assert not fill.mistakes
    alone = fill_of_address({"preset": "strong-discriminator"})
    assert alone.presets == fill.presets, "only a GAN has this preset"


def test_settings_are_for_both_models_or_for_one() -> None:
    fill = fill_of_address(
        {"preset": "quick", "epochs": "4", "vae.batch_size": "50", "digits": "3,8", "images": "3000"}
    )
    gan, vae = fill.configs["gan"], fill.configs["vae"]
    assert (gan.epochs, vae.epochs, gan.batch_size, vae.batch_size) == (4, 4, 64, 50)
    assert gan.classes == vae.classes == (3, 8) and gan.limit == 3000
    assert not fill.note, "nothing is said that the form shows"
    assert fill.key("epochs") != fill_of_address({"epochs": "5"}).key("epochs") != "epochs", (
        "other contents, other fields"
    )


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"epochs": "many"}, "Epochs: found 'many', wanted a whole number."),
        ({"epochs": "0"}, "Epochs: found 0, wanted 1 to 10,000."),
        ({"seed": "-1"}, "Seed: found -1, wanted 0 to 2,147,483,647."),
        ({"preset": "perfect"}, "Preset: gan has no preset 'perfect'."),
        ({"models": "diffusion"}, "Models: found 'diffusion', wanted gan, vae or both."),
        ({"models": "vae", "preset": "relu"}, "Preset: vae has no preset 'relu'."),
        ({"dataset": "/etc"}, "Data set: found '/etc', wanted one of mnist"),
        ({"beta1": "nan"}, "Adam β₁: found nan"),
        ({"epochs": "9" * 5000}, "Epochs: found"),
        ({"gan.generator_widths": "x" * 5000}, "Layers of G: found"),
    ],
)
def test_a_bad_value_is_a_sentence_and_leaves_the_preset_alone(parts: dict[str, str], sentence: str) -> None:
    fill = fill_of_address(parts)
    assert sentence in " ".join(fill.mistakes)
    assert all(len(words) < 300 for words in fill.mistakes)
    assert all(config == preset(kind, fill.presets[kind]).config for kind, config in fill.configs.items())


FORMS = [
    {"gan": GanConfig(), "vae": VaeConfig()},
    {"gan": GanConfig(epochs=3, seed=7), "vae": VaeConfig(epochs=3, seed=7)},
    {"gan": GanConfig(), "vae": VaeConfig(epochs=50)},
    {"gan": GanConfig(generator_widths=(64, 32), shuffle=False, beta1=0.123456789)},
    {"vae": VaeConfig(classes=(3, 8), dataset="qmnist", learning_rate=3e-4)},
]


@pytest.mark.parametrize("configs", FORMS)
@pytest.mark.parametrize("whole", [False, True])
def test_the_address_brings_the_form_back(configs: dict[str, GanConfig | VaeConfig], whole: bool) -> None:
    presets = dict.fromkeys(configs, "quick")
    parts = address_of_form(presets, configs, whole)
    back = fill_of_address(parts)
    assert (back.configs, back.presets, back.mistakes) == (configs, presets, ())
    assert all(is_of_the_form(part) for part in parts)


def test_the_usual_form_has_nothing_to_say_in_the_address() -> None:
    fill = Fill()
    assert address_of_form(fill.presets, fill.configs) == {}
    assert not any(map(is_of_the_form, ("runs", "presenter", "gan.presenter", "gan")))


def test_a_folder_of_own_pictures_is_not_told_in_the_address() -> None:
    parts = address_of_form({"vae": "paper"}, {"vae": VaeConfig(dataset="/home/anna/digits")})
    assert parts == {"models": "vae", "dataset": "own"}
    assert (fill_of_address(parts).dataset, fill_of_address(parts).folder) == ("own", "")


def test_the_form_shows_the_settings_of_runs(store: RunStore) -> None:
    strong = preset("gan", "strong-discriminator").config.replace(seed=3, epochs=4)
    runs = [store.create(strong, "own"), store.create(VaeConfig(), "paper")]
    fill = fill_of_runs(runs[:1])
    assert (fill.presets, fill.configs) == ({"gan": "strong-discriminator"}, {"gan": strong})
    assert fill.shared(fill.presets, "epochs") == 4
    both = fill_of_runs(runs)
    assert both.configs == {"gan": strong, "vae": VaeConfig()}
    assert both.note.startswith("Epochs, seed, number of images: these runs differ") and not both.mistakes
    assert fill_of_runs([]).configs == Fill().configs


def test_the_form_beside_a_run_keeps_the_preset_that_it_started_from(store: RunStore) -> None:
    quick = preset("vae", "quick").config.replace(limit=500, epochs=2)
    assert fill_of_runs([store.create(quick, "own", based_on="quick")]).presets == {"vae": "quick"}
    assert fill_of_runs([store.create(quick.replace(epochs=51), "own")]).presets == {"vae": "paper"}, "the nearest"


def test_start_says_what_happens_to_the_runs_before_it(
    store: RunStore, gan: GanConfig, trained: Callable[..., Run]
) -> None:
    trained(gan)
    assert start_words(store, ("gan", "vae")) == ""
    first = store.create(gan, name="first")
    store.claim(first.id)
    store.set_state(first.id, "running")
    assert start_words(store, ("gan",)) == (
        "A new GAN waits until the one before it has ended. first goes on and can be watched from the Runs page."
    )
    assert "A new VAE trains at once and shares the processor with first." in start_words(store, ("vae",))
    store.create(gan)
    assert "A new GAN waits until the 2 before it have ended." in start_words(store, ("gan",))
    store.set_setting("at_once_gan", "3")
    assert "A new GAN trains at once and shares the processor with first." in start_words(store, ("gan",))
