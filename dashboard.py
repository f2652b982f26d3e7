"""Entry point of the dashboard: `streamlit run dashboard.py`.

The server imports this file once, for `app`; every visit and every click then runs it as a script.
"""

from __future__ import annotations

import streamlit as st

from gencmp.ui import frame
from gencmp.ui.rights.announce import announce
from gencmp.ui.rights.corner import corner
from gencmp.ui.server import middleware, routes

if __name__ == "__main__":
    frame.show(
        [
            st.Page("pages/home.py", title="Home", icon=":material/compare:", default=True),
            st.Page("pages/learn.py", title="Learn", icon=":material/school:"),
            st.Page("pages/train.py", title="Train", icon=":material/play_circle:"),
            st.Page("pages/explore.py", title="Explore", icon=":material/touch_app:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/splitscreen:"),
            st.Page("pages/verdict.py", title="Verdict", icon=":material/balance:"),
            st.Page("pages/runs.py", title="Runs", icon=":material/list:"),
            st.Page("pages/vote.py", title="Vote", icon=":material/how_to_vote:"),
            st.Page("pages/paper.py", title="Paper", icon=":material/article:"),
        ],
        corner,
    )
else:
    app = st.App(__file__, routes=routes(), middleware=middleware(), lifespan=announce, on_script_error=frame.apologise)
