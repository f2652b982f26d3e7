"""Learn: the paper's twelve claims, each an experiment of a few minutes."""

import streamlit as st

from gencmp.errors import ConfigError
from gencmp.lessons.twelve import lesson_of
from gencmp.ui.frame import book_width, plain
from gencmp.ui.learn.cards import show_cards
from gencmp.ui.learn.page import show_lesson

asked = st.query_params.get("lesson", "")
lesson = None
try:
    lesson = lesson_of(asked) if asked else None
except ConfigError as error:
    st.warning(plain(str(error)), icon=":material/search_off:")
if lesson:
    book_width()
    show_lesson(lesson)
else:
    st.title("Twelve claims, twelve experiments")
    st.markdown("Predict, run, look, and see what came of it: each takes a few minutes.")
    show_cards()
