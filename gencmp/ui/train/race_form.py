"""Race: up to four variants of either model, chosen in a dialog and started together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from gencmp.errors import ConfigError
from gencmp.runs.device_probe import device_trouble
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.settings.configs import CONFIGS, Config
from gencmp.settings.presets import PRESETS, preset
from gencmp.settings.setting import parse_setting, settings_of
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain
from gencmp.ui.train.settings_form import show_disk_use

AT_MOST = 4
FIRST = ("vae quick", "vae latent-20", "", "")  # that the dialog opens with: what more latent numbers bring
AS_IN_FORM = "form"
SAME = ("epochs", "limit", "seed")  # asked once, for all variants
Variant = tuple[Config, str, str, str]  # its config, preset or "own", the preset it is based on, the stem of its name


def race_button(form: Mapping[str, tuple[Config, str]]) -> None:
    """form: what the form beside it holds, by kind."""
    words = "Up to four variants on one clock and one chart, their samples side by side."
    if st.button("Race up to four", icon=":material/flag:", width="stretch", help=words, key="race"):
        race_dialog(form)


@st.dialog("Race: choose up to four", width="large")
def race_dialog(form: Mapping[str, tuple[Config, str]]) -> None:
    """Four rows, what all share, and a button that queues them."""
    st.caption(
        "Each variant is a preset, with changes if you like. All are queued together, and their curves, figures and"
        " samples are shown side by side while they train."
    )
    options = ["", *choices(form)]
    picked = [_row(place, options, form) for place in range(AT_MOST)]
    same = _same_for_all()
    variants, mistakes = variants_of(picked, same, form)
    for words in mistakes:
        st.markdown(f":red[:material/error: {plain(words)}]")
    enough = show_disk_use(st.container(), [config for config, *_ in variants])
    if st.button(
        "Start the race", type="primary", icon=":material/flag:", disabled=bool(mistakes) or not (enough and variants)
    ):
        _start(variants)


def choices(form: Mapping[str, tuple[Config, str]]) -> list[str]:
    """ "vae quick" for each preset, and "vae form" for what the form holds."""
    presets = [f"{kind} {name}" for kind, named in PRESETS.items() for name in named]
    return [*presets, *(f"{kind} {AS_IN_FORM}" for kind in form)]


def _label(choice: str) -> str:
    if not choice:
        return "–"
    kind, name = choice.split(" ")
    return f"{kind.upper()}: {'as in the form' if name == AS_IN_FORM else PRESETS[kind][name].label}"


def _row(place: int, options: Sequence[str], form: Mapping[str, Any]) -> tuple[str, str]:
    left, right = st.columns([2, 3])
    label = f"Variant {place + 1}"
    choice = left.selectbox(
        label, options, options.index(FIRST[place]), format_func=_label, key=f"race.{place}.{','.join(form)}"
    )
    changes = right.text_input(
        "Changes",
        placeholder="latent_size=10 batch_size=50",
        help="Settings by name, as on the command line, separated by spaces. Leave empty for the preset as it is.",
        key=f"race.changes.{place}",
        disabled=not choice,
    )
    return choice, changes


def _same_for_all() -> dict[str, int]:
    """What all variants share; an empty field leaves each preset's own."""
    columns, known = st.columns(3), settings_of(CONFIGS["vae"])
    first = {"epochs": 5, "limit": 20_000, "seed": 0}
    values = {
        name: column.number_input(
            known[name].label, value=first[name], step=1, placeholder="each preset's own", help=known[name].help,
            key=f"race.same.{name}",
        )
        for column, name in zip(columns, SAME, strict=True)
    }  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


def variants_of(
    picked: Sequence[tuple[str, str]], same: Mapping[str, int], form: Mapping[str, tuple[Config, str]]
) -> tuple[list[Variant], list[str]]:
    """The variants chosen, and a sentence for each that cannot be."""
    variants: list[Variant] = []
    mistakes = []
    for place, (choice, changes) in enumerate(picked, 1):
        if not choice:
            continue
        try:
            kind, name = choice.split(" ")
            variants.append(_variant(kind, name, changes, same, form))
        except ConfigError as error:
            mistakes.append(f"Variant {place}: {error}")
    return variants, mistakes


def _variant(
    kind: str, name: str, changes: str, same: Mapping[str, int], form: Mapping[str, tuple[Config, str]]
) -> Variant:
    """Raises ConfigError."""
    base = form[kind][0] if name == AS_IN_FORM else preset(kind, name).config
    config = base.replace(**same).replace(**parsed(kind, changes))
    if name == AS_IN_FORM:
        return config, form[kind][1] if config == base else "own", "", f"{kind.upper()} form {changes}".strip()
    stem = f"{kind.upper()} {PRESETS[kind][name].label} {changes}" if changes.strip() else ""
    return config, name if config == base else "own", name, stem


def parsed(kind: str, changes: str) -> dict[str, Any]:
    """The settings of "latent_size=10 batch_size=50". Raises ConfigError."""
    known, found = settings_of(CONFIGS[kind]), {}
    for part in changes.split():
        name, equals, text = part.partition("=")
        name = name.replace("-", "_")
        if not equals or name not in known:
            raise ConfigError(
                name, f"found {part!r}, wanted a setting of the {kind.upper()} as name=value, such as seed=1."
            )
        found[name] = parse_setting(CONFIGS[kind], name, text)
    return found


def _start(variants: Sequence[Variant]) -> None:
    with st.spinner("Checking the device", show_time=False):
        trouble = {device_trouble(device) for device in {config.device for config, *_ in variants}} - {""}
    if trouble:
        st.error(" ".join(sorted(trouble)), icon=":material/memory:")
        return
    runs = [_queue(variant) for variant in variants]
    st.query_params["runs"] = ",".join(run.id for run in runs)
    st.query_params["view"] = "race"
    st.rerun()


def _queue(variant: Variant) -> Run:
    config, name, based_on, stem = variant
    store = open_catalog().store
    run = store.create(config, name, stem=stem, based_on=based_on)
    start_worker(store)
    return run
