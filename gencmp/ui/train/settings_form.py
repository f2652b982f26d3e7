"""The form of all settings, generated from the fields of the configs: label, help, unit, source and range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from gencmp.errors import ConfigError
from gencmp.files import home
from gencmp.runs.disk import DiskFull, disk_use, free_bytes, refuse_full, room_words
from gencmp.settings.configs import CONFIGS, DATASETS, Config, without_effect
from gencmp.settings.presets import PRESETS, preset
from gencmp.settings.setting import Setting, default_of, parse_setting, settings_of, shown
from gencmp.ui.frame import plain
from gencmp.ui.glossary.explain import caption, marked
from gencmp.ui.train.fill import BOTH, OWN, Fill
from gencmp.ui.train.own_data import Data, known_data, own_data

SHARED = ("dataset", "classes", "limit", "epochs", "seed")
DATA_WORDS = {
    "mnist": "MNIST, 60,000 digits",
    "mnist-shifted": "MNIST, each digit shifted",
    "fashion-mnist": "Fashion-MNIST (download)",
    "kmnist": "Kuzushiji-MNIST (download)",
    "qmnist": "QMNIST (download)",
    OWN: "Your own pictures",
}
SOURCES = {"text": "the paper's text", "code": "the paper's code", "ours": "our choice"}
IN_PRESETS = {  # terms by the words in which the presets' reasons have them
    "epochs": "epoch", "learning rate": "learning rate", "dropout": "dropout", "Dropout": "dropout", "discriminator": "D",
    "generator": "G", "D(x)": "D(x)", "D(G(z))": "D(G(z))", "KL term": "KL", "latent plane": "latent plane", "reconstruction": "reconstruction",
    "reconstructions": "reconstruction", "β": "β", "holes": "hole",
    "Convolutions": "convolution", "transposed convolutions": "transposed convolution", "dense layers": "linear layer",
}  # fmt: skip
SIZES_OF_THEIR_OWN = "Convolutional networks have sizes of their own, so there are no widths of layers to choose."
GROUPS = {"model": "Networks", "training": "Training", "optimiser": "Optimiser", "machine": "Machine"}


class Form(NamedTuple):
    """chosen: kind -> (config, name of the preset or "own"); empty while any setting is invalid.

    presets: kind -> the preset that it started from. place: a container for the Start button, above the long list of settings.
    """

    chosen: dict[str, tuple[Config, str]]
    presets: dict[str, str]
    place: Any


def choose_runs(fill: Fill) -> Form:
    """Draw the form. fill: what it starts with."""
    if fill.mistakes:
        st.warning(plain(" ".join(fill.mistakes)), icon=":material/link_off:")
    if fill.note:
        st.caption(plain(fill.note))
    models = st.segmented_control(
        "Models",
        ["Both", "GAN", "VAE"],
        default="Both" if len(fill.kinds) > 1 else fill.kinds[0].upper(),
        required=True,
        key=fill.key("models"),
        help="Train both models side by side, or only one.",
    )
    kinds = BOTH if models == "Both" else (str(models).lower(),)
    names = (
        {kind: _pick_preset(kind, fill) for kind in kinds}
        if len(kinds) == 1
        else dict.fromkeys(kinds, _pick_shared_preset(fill))
    )
    data = _pick_data(settings_of(CONFIGS[kinds[0]])["dataset"], fill)
    shared, places = _shared_fields(names, data, fill)
    place = st.container()
    with st.expander("All settings", icon=":material/tune:"):
        tabs = st.tabs([kind.upper() for kind in kinds])
        chosen = {
            kind: _config_fields(tab, kind, names[kind], shared, places, fill)
            for kind, tab in zip(kinds, tabs, strict=True)
        }
    is_whole = data.is_ready and None not in chosen.values()
    return Form({kind: pair for kind, pair in chosen.items() if pair} if is_whole else {}, names, place)


def _pick_preset(kind: str, fill: Fill) -> str:
    presets = PRESETS[kind]
    name = st.selectbox(
        "Preset",
        list(presets),
        list(presets).index(fill.presets.get(kind, "paper")),
        format_func=lambda n: presets[n].label,
        key=fill.key(f"preset.{kind}"),
        help="Named settings to start from.",
    )
    caption(marked(presets[name].why, IN_PRESETS))
    return name


def _pick_shared_preset(fill: Fill) -> str:
    """A choice of the presets that both models have."""
    both = [name for name in PRESETS["gan"] if name in PRESETS["vae"]]
    why = {
        "paper": "The paper's settings: 50 epochs (GAN) and 51 epochs (VAE) on all training pictures.",
        "quick": "Recognisable digits in about a minute on a laptop.",
        "convolutional": "Convolutions instead of dense layers, of which section 3 of the paper speaks, in both models.",
    }
    name = st.selectbox(
        "Preset", both, both.index(first) if (first := next(iter(fill.presets.values()))) in both else 0,
        format_func=lambda n: PRESETS["gan"][n].label, key=fill.key("preset.both"),
        help="Named settings to start from. There are more presets, such as instructive failures, if you train only one model.",
    )  # fmt: skip
    caption(marked(why[name], IN_PRESETS))
    return name


def _shared_fields(names: dict[str, str], data: Data, fill: Fill) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values that both models share, and a placeholder under each field for its error. An empty field keeps the preset's value.

    The inputs have no bounds: the browser would not send an out-of-range number, and Start would silently use the
    preset's value instead. The config reports the error.
    """
    known = settings_of(CONFIGS[next(iter(names))])
    bases = [preset(kind, name).config for kind, name in names.items()]
    values: dict[str, Any] = {"dataset": data.dataset or None}
    places = {"dataset": st.empty()}
    epochs = " and ".join(dict.fromkeys(str(base.epochs) for base in bases))
    limits = " and ".join(dict.fromkeys(f"{base.limit:,}" if base.limit else "all" for base in bases))
    left, right = st.columns(2)
    for column, field, label, empty in ((left, "epochs", "Epochs", epochs), (right, "seed", "Seed", "0")):
        with column:
            values[field] = st.number_input(
                label, value=fill.shared(names, field), step=1, placeholder=empty.replace(" and ", ", "), help=_help(known[field]),
                key=fill.key(f"{field}.{empty}"),
            )  # fmt: skip
        places[field] = st.empty()
    values["classes"] = _pick_classes(known["classes"], data, fill.shared(names, "classes") or (), fill)
    values["limit"] = st.number_input(
        "Images", value=fill.shared(names, "limit"), placeholder=limits.replace(" and ", ", "), step=1000, help=_help(known["limit"]),
        key=fill.key(f"limit.{limits}"),
    )  # fmt: skip
    places["limit"] = st.empty()
    return {name: value for name, value in values.items() if value not in (None, [])}, places


def _pick_classes(known: Setting, data: Data, first: Sequence[int], fill: Fill) -> list[int]:
    """A choice of classes by name; labels without pictures are not offered."""
    unlabelled = data.dataset and not data.classes
    return st.multiselect(
        "Classes", list(data.classes), [label for label in first if label in data.classes],
        format_func=lambda label: data.classes.get(label, str(label)), disabled=not data.classes,
        placeholder="no labels" if unlabelled else "all", help=_help(known), key=fill.key(f"classes.{','.join(data.classes.values())}"),
    )  # fmt: skip


def _pick_data(known: Setting, fill: Fill) -> Data:
    names = [*DATASETS, OWN]
    name = st.selectbox(
        "Data", names, names.index(fill.dataset), format_func=DATA_WORDS.__getitem__, help=_help(known), key=fill.key("dataset"),
    )  # fmt: skip
    return own_data(fill.folder, fill.key("own.folder")) if name == OWN else known_data(name)


def _config_fields(
    tab: Any, kind: str, name: str, shared: dict[str, Any], shared_places: dict[str, Any], fill: Fill
) -> tuple[Config, str] | None:
    """The settings of one model; None while any is invalid, with the error under its field."""
    base, values, places = preset(kind, name).config, dict(shared), dict(shared_places)
    mistakes: dict[str, str] = {}
    with tab:
        for group, words in GROUPS.items():
            st.caption(f"**{words}**")
            for field, known in settings_of(base).items():
                if field in SHARED or known.group != group:
                    continue
                if field in (widths := without_effect(values.get("network", base.network), settings_of(base))):
                    values[field] = default_of(type(base), field)
                    if field == widths[0]:
                        st.caption(SIZES_OF_THEIR_OWN)
                    continue
                try:
                    values[field] = _field(fill.key(f"{kind}.{name}.{field}"), field, known, fill.start(kind, name))
                except ConfigError as error:
                    mistakes[field] = str(error)
                places[field] = st.empty()
    for field, value in values.items():  # one by one, to report every error and not only the first
        try:
            base.replace(**{"network": values.get("network", base.network), field: value})
        except ConfigError as error:
            mistakes.setdefault(error.field, str(error))
    for field, words in mistakes.items():
        place = places.get(field)
        (place or st).markdown(f":red[:material/error:] {words}")
    if mistakes:
        st.markdown(
            f":red[:material/error:] {kind.upper()}: fix {len(mistakes)} setting{'s' if len(mistakes) > 1 else ''}."
        )
        return None
    config = base.replace(**values)
    return config, name if config == base.replace(seed=config.seed) else "own"


def _field(key: str, field: str, known: Setting, base: Config) -> Any:
    """The widget for the field's type; raises ConfigError for text that cannot be parsed."""
    default = getattr(base, field)
    label, help_ = known.label, _help(known)
    if known.choices:
        return st.selectbox(label, known.choices, index=known.choices.index(default), help=help_, key=key)
    if isinstance(default, bool):
        return st.toggle(label, default, help=help_, key=key)
    if isinstance(default, tuple):
        return parse_setting(type(base), field, st.text_input(label, " ".join(map(str, default)), help=help_, key=key))
    if isinstance(default, int):
        return st.number_input(label, value=default, step=1, help=help_, key=key)
    if 0 < default < 0.01:  # learning rates: the steps of a number input would be too coarse
        return parse_setting(type(base), field, st.text_input(label, f"{default:g}", help=help_, key=key))
    return st.number_input(label, value=float(default), step=0.05, format="%g", help=help_, key=key)


def _help(known: Setting) -> str:
    unit = f" Unit: {known.unit}." if known.unit else ""
    bounds = f" {shown(known.low)} to {shown(known.high)}." if known.low is not None and known.high is not None else ""
    return f"{known.help}{unit}{bounds} Source: {SOURCES[known.source]}."


def show_disk_use(place: Any, configs: Sequence[Config]) -> bool:
    """Show how much disk space these runs need; False if there is not enough."""
    uses = [disk_use(config) for config in configs]
    try:
        refuse_full(uses, home())
    except DiskFull as error:
        place.markdown(f":red[:material/hard_drive: {plain(str(error))}]")
        return False
    if uses:
        place.caption(
            room_words(uses, free_bytes(home())),
            help="Total size of weights, pictures and curves at the end of the run.",
        )
    return True
