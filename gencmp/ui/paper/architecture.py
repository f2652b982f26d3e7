"""The architecture table, read from live modules without torch in the server: a process of its own builds them."""

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
    """A button, then the table: building the modules takes torch 3 s, and only a curious reader should wait for it."""
    if not st.toggle("Build them and show the layers (about 3 s)", key=f"modules.{kind}"):
        return
    try:
        with st.spinner("Building the networks of the paper preset"):
            rows = _described(kind)
    except (OSError, subprocess.SubprocessError, ValueError):
        st.error("The networks could not be built here. `python -m gencmp doctor` says why.", icon=":material/error:")
        return
    table = pd.DataFrame(rows)
    table.columns = [name.capitalize() for name in table.columns]
    st.dataframe(
        table, hide_index=True, column_config={"Parameters": st.column_config.NumberColumn(format="localized")}
    )


@st.cache_data(show_spinner=False)
def _described(kind: str) -> list[dict[str, object]]:
    """Raises what a process that fails raises, so that a failure is not kept; the doctor's command tells why."""
    command = [sys.executable, "-m", "gencmp", "describe", kind, "--json"]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, env=utf8_environment(), timeout=120, check=True
    )
    layers: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])["layers"]
    return layers
