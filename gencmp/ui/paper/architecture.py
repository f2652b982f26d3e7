"""The architecture table. A separate process builds the modules, so that the server does not load torch."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import streamlit as st

from gencmp.console import utf8_environment
from gencmp.files import ROOT


@st.fragment
def architecture(kind: str) -> None:
    """The table, in a fold: building the modules takes 3 s, so it is done only when the fold is opened."""
    fold = st.expander("Network architecture", icon=":material/account_tree:", key=f"modules.{kind}", on_change="rerun")
    if fold.open:
        with fold:
            _table(kind)


def _table(kind: str) -> None:
    try:
        with st.spinner("Building the networks of the Paper preset (about 3 s)"):
            rows = _described(kind)
    except (OSError, subprocess.SubprocessError, ValueError):
        st.error(
            "The networks could not be built. Run `python -m gencmp doctor` to find out why.", icon=":material/error:"
        )
        return
    table = pd.DataFrame(rows)
    table.columns = [name.capitalize() for name in table.columns]
    st.dataframe(
        table, hide_index=True, column_config={"Parameters": st.column_config.NumberColumn(format="localized")}
    )


@st.cache_data(show_spinner=False)
def _described(kind: str) -> list[dict[str, object]]:
    """Raises if the process fails, so that Streamlit does not cache a failure."""
    command = [sys.executable, "-m", "gencmp", "describe", kind, "--json"]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, env=utf8_environment(), timeout=120, check=True
    )
    layers: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])["layers"]
    return layers
