"""The form's settings in the page's address: read when the page opens, kept up to date while the user changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from gencmp.runs.run import Run
from gencmp.settings.configs import Config
from gencmp.ui.train.fill import Fill, address_of_form, fill_of_address, fill_of_runs, is_of_the_form

STATE = "train.form"


class _Known(NamedTuple):
    """The address's settings as last read or written, the runs shown then, and what the form started with."""

    parts: Mapping[str, str]
    shown: Sequence[str]
    fill: Fill


def has_settings() -> bool:
    """Whether the address asks for any setting."""
    return bool(_asked())


def form_start(runs: Sequence[Run]) -> Fill:
    """What the form starts with: the address's settings, else those of the runs beside it, else the paper's.

    It stays the same until somebody else than this page changes the address, or other runs are shown.
    """
    asked, shown = _asked(), [run.id for run in runs]
    known: _Known | None = st.session_state.get(STATE)
    if known and asked == known.parts and shown == known.shown:
        return known.fill
    is_new = asked and not (known and asked == known.parts)
    fill = fill_of_address(asked) if is_new else fill_of_runs(runs)
    st.session_state[STATE] = _Known(asked, shown, fill)
    return fill


def keep_in_address(presets: Mapping[str, str], configs: Mapping[str, Config], runs: Sequence[Run]) -> None:
    """Write what the form holds into the address, unless the runs beside it say as much."""
    of_runs = fill_of_runs(runs)
    # whole once anything was asked: an empty address would bring the runs last made, and their settings, into the form
    whole = bool(runs or st.session_state[STATE].parts)
    parts = {} if runs and of_runs.configs == configs else address_of_form(presets, configs, whole)
    if parts != _asked():
        others = {name: value for name, value in st.query_params.items() if not is_of_the_form(name)}
        st.query_params.from_dict(others | parts)
    st.session_state[STATE] = st.session_state[STATE]._replace(parts=parts)


def _asked() -> dict[str, str]:
    return {name: value for name, value in st.query_params.items() if is_of_the_form(name)}
