"""Learn: the paper's twelve claims, each an experiment of a few minutes."""

import streamlit as st

from gencmp.errors import ConfigError
from gencmp.lessons.twelve import lesson_of
from gencmp.ui.frame import book_width, plain
from gencmp.ui.learn.cards import show_all
from gencmp.ui.learn.page import show_lesson
from gencmp.ui.learn.parts import style
from gencmp.ui.learn.reading import READING, show_reading
from gencmp.ui.learn.together.entry import enter, offer_return

style()
code = st.query_params.get("class", "")
goes_on = enter(code) if code else True
if not code:
    offer_return()
asked, shown = (st.query_params.get(name, "") for name in ("lesson", "show"))
lesson = None
try:
    lesson = lesson_of(asked) if asked else None
except ConfigError as error:
    st.warning(plain(str(error)), icon=":material/search_off:")
if lesson and goes_on:
    book_width()
    show_lesson(lesson)
elif goes_on and shown in READING:
    book_width()
    show_reading(shown)
elif goes_on:
    show_all()
