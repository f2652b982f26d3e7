"""The form of all settings, made from the configs' fields: label, help, unit, source and range come from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from gencmp.config import CONFIGS, DATASETS, Config, Setting, parse_setting, settings_of
from gencmp.errors import ConfigError
from gencmp.presets import PRESETS, preset
from gencmp.ui.own_data import own_data

SHARED = ("dataset", "digits", "limit", "epochs", "seed")
DATA_WORDS = {
    "mnist": "MNIST, 60,000 digits",
    "fashion-mnist": "Fashion-MNIST (download)",
    "kmnist": "Kuzushiji-MNIST (download)",
    "qmnist": "QMNIST (download)",
    "own": "Your own pictures",
}
SOURCES = {"text": "the paper's text", "code": "the paper's code", "ours": "our choice"}
GROUPS = {"model": "Networks", "training": "Training", "optimiser": "Optimiser", "machine": "Machine"}


def choose_runs() -> tuple[dict[str, tuple[Config, str]], Any]:
    """Draw the form; returns kind -> (config, name of the preset or "own"), empty while there is a mistake, and a place
    for the button, above what may be long."""
    models = st.segmented_control(
        "Models",
        ["Both", "GAN", "VAE"],
        default="Both",
        required=True,
        key="models",
        help="Train both side by side, or one alone.",
    )
    kinds = ("gan", "vae") if models == "Both" else (str(models).lower(),)
    names = (
        {kind: _pick_preset(kind) for kind in kinds} if len(kinds) == 1 else dict.fromkeys(kinds, _pick_shared_preset())
    )
    shared = _shared_fields(kinds, names)
    place = st.container()
    with st.expander("All settings", icon=":material/tune:"):
        tabs = st.tabs([kind.upper() for kind in kinds])
        chosen = {kind: _config_fields(tab, kind, names[kind], shared) for kind, tab in zip(kinds, tabs, strict=True)}
    return ({} if None in chosen.values() else {kind: pair for kind, pair in chosen.items() if pair}), place


def _pick_preset(kind: str) -> str:
    presets = PRESETS[kind]
    name = st.selectbox(
        "Preset",
        list(presets),
        format_func=lambda n: presets[n].label,
        key=f"preset.{kind}",
        help="Named settings to start from.",
    )
    st.caption(presets[name].why)
    return name


def _pick_shared_preset() -> str:
    """Those that both models have."""
    both = [name for name in PRESETS["gan"] if name in PRESETS["vae"]]
    why = {
        "paper": "The paper's own settings: 50 and 51 epochs on all 60,000 digits.",
        "quick": "Recognisable digits in about a minute on a laptop.",
    }
    name = st.selectbox(
        "Preset", both, format_func=lambda n: PRESETS["gan"][n].label, key="preset.both",
        help="Named settings to start from. One model alone has more of them, such as the instructive failures.",
    )  # fmt: skip
    st.caption(why[name])
    return name


def _shared_fields(kinds: tuple[str, ...], names: dict[str, str]) -> dict[str, Any]:
    """What both models take alike; a field left empty keeps the preset's value."""
    known = settings_of(CONFIGS[kinds[0]])
    bases = [preset(kind, names[kind]).config for kind in kinds]
    values: dict[str, Any] = {"dataset": _pick_data(known["dataset"])}
    epochs = " and ".join(dict.fromkeys(str(base.epochs) for base in bases))
    left, right = st.columns(2)
    with left:
        values["epochs"] = st.number_input(
            "Epochs", 1, 10_000, value=None, placeholder=epochs, help=_help(known["epochs"]), key=f"epochs.{epochs}"
        )
    values["seed"] = right.number_input("Seed", 0, 2**31 - 1, value=0, help=_help(known["seed"]), key="seed")
    values["digits"] = st.multiselect(
        "Digits", list(range(10)), placeholder="all ten", help=_help(known["digits"]), key="digits"
    )
    limits = " and ".join(dict.fromkeys(f"{base.limit:,}" if base.limit else "all" for base in bases))
    values["limit"] = st.number_input(
        "Images",
        0,
        10_000_000,
        value=None,
        placeholder=limits,
        step=1000,
        help=_help(known["limit"]),
        key=f"limit.{limits}",
    )
    return {name: value for name, value in values.items() if value not in (None, [])}


def _pick_data(known: Setting) -> str:
    name = st.selectbox(
        "Data", [*DATASETS, "own"], format_func=DATA_WORDS.__getitem__, help=_help(known), key="dataset"
    )
    return own_data() if name == "own" else name


def _config_fields(tab: Any, kind: str, name: str, shared: dict[str, Any]) -> tuple[Config, str] | None:
    """One model's own settings; None while one of them is wrong, which is then told under its field."""
    base, values, places = preset(kind, name).config, dict(shared), {}
    mistakes: dict[str, str] = {}
    with tab:
        for group, words in GROUPS.items():
            st.caption(f"**{words}**")
            for field, known in settings_of(base).items():
                if field in SHARED or known.group != group:
                    continue
                try:
                    values[field] = _field(f"{kind}.{name}.{field}", field, known, base)
                except ConfigError as error:
                    mistakes[field] = str(error)
                places[field] = st.empty()
    try:
        config = base.replace(**values)
    except ConfigError as error:
        mistakes.setdefault(error.field, str(error))
    for field, words in mistakes.items():
        place = places.get(field)
        (place or st).markdown(f":red[:material/error:] {words}")
    if mistakes:
        st.markdown(
            f":red[:material/error:] {kind.upper()}: {len(mistakes)} setting{'s' if len(mistakes) > 1 else ''} to mend."
        )
        return None
    return config, name if config == base.replace(seed=config.seed) else "own"


def _field(key: str, field: str, known: Setting, base: Config) -> Any:
    """The widget that suits the field's type; raises ConfigError for text that cannot be read."""
    default = getattr(base, field)
    label, help_ = known.label, _help(known)
    if known.choices:
        return st.selectbox(label, known.choices, index=known.choices.index(default), help=help_, key=key)
    if isinstance(default, bool):
        return st.toggle(label, default, help=help_, key=key)
    if isinstance(default, tuple):
        return parse_setting(type(base), field, st.text_input(label, " ".join(map(str, default)), help=help_, key=key))
    if isinstance(default, int):
        return st.number_input(label, int(known.low or 0), int(known.high or 0), default, help=help_, key=key)
    small = default != 0 and default < 0.01
    return (
        parse_setting(type(base), field, st.text_input(label, f"{default:g}", help=help_, key=key))
        if small
        else st.number_input(
            label,
            float(known.low or 0),
            float(known.high or 0),
            float(default),
            step=0.05,
            format="%g",
            help=help_,
            key=key,
        )
    )


def _help(known: Setting) -> str:
    unit = f" Unit: {known.unit}." if known.unit else ""
    bounds = f" {known.low:g} to {known.high:g}." if known.low is not None and known.high is not None else ""
    return f"{known.help}{unit}{bounds} Source: {SOURCES[known.source]}."


def data_words(dataset: str) -> str:
    """A data set's name for people; of a folder only its last part."""
    return DATA_WORDS.get(dataset, Path(dataset).name)
