"""Routes that the browser fetches directly, without Streamlit: scripts, pictures, and new events of a live run.

All but one (the sign-in) are read-only and use only the store and the run folders. A live chart asks here for what it has not yet seen and
remembers only its position, so reloads, further viewers and page switches cost nothing, and no script runs on the server.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from streamlit.runtime.pages_manager import PagesManager

from gencmp.ui.catalog import open_catalog
from gencmp.ui.first_page import IndexPage
from gencmp.ui.frame import base_path
from gencmp.ui.requests.headers import Headers
from gencmp.ui.rights.gate import Gate, keep_teacher
from gencmp.ui.routes import compare, explore, home, learn
from gencmp.ui.routes.answers import in_words, nothing, of_model, shared_by_all
from gencmp.ui.routes.assets import StreamlitsFiles, scripts
from gencmp.ui.routes.classroom import follow as follow_class
from gencmp.ui.routes.race import race
from gencmp.ui.routes.runs import news, picture, picture_now, picture_of_moment, plane, plane_now, real
from gencmp.ui.routes.vote import follow


def routes() -> list[BaseRoute]:
    """For st.App. The prefix avoids conflicts with the addresses of pages."""
    prefix = f"{base_path()}/gencmp"
    return [
        *scripts(f"{prefix}/static/{{content_hash}}"),
        Route(f"{prefix}/real.png", in_words(real)),
        Route(f"{prefix}/real/{{number:whole}}.png", in_words(home.real)),
        Route(f"{prefix}/fresh/{{model}}/{{number:whole}}.png", of_model(home.fresh)),
        Route(f"{prefix}/news/{{model}}", shared_by_all(news)),
        Route(f"{prefix}/race/{{model}}", shared_by_all(race)),
        Route(f"{prefix}/pictures/{{model}}/{{epoch:whole}}/{{what}}.png", shared_by_all(picture)),
        Route(f"{prefix}/preview/{{model}}/{{step:whole}}/{{what}}.png", shared_by_all(picture_now)),
        Route(f"{prefix}/moment/{{model}}/{{id:whole}}/{{what}}", shared_by_all(picture_of_moment)),
        Route(f"{prefix}/plane/{{model}}/{{epoch:whole}}", shared_by_all(plane)),
        Route(f"{prefix}/preview/{{model}}/{{step:whole}}/plane", shared_by_all(plane_now)),
        Route(f"{prefix}/kept/{{model}}", of_model(explore.kept)),
        Route(f"{prefix}/weights/{{model}}/{{epoch:whole}}/{{content_hash}}", of_model(explore.weights)),
        Route(f"{prefix}/directions/{{model}}/{{epoch:whole}}/{{content_hash}}", of_model(explore.directions)),
        Route(f"{prefix}/posterior/{{model}}/{{epoch:whole}}/{{content_hash}}", of_model(explore.posterior)),
        Route(f"{prefix}/digits/{{model}}", of_model(explore.digits)),
        Route(f"{prefix}/tested/{{model}}", of_model(explore.tested)),
        Route(f"{prefix}/learn/digits/{{model}}", of_model(learn.few)),
        Route(f"{prefix}/learn/handout/{{lesson}}.pdf", in_words(learn.handout)),
        Route(f"{prefix}/ambiguity/{{model}}/{{epoch:whole}}/{{content_hash}}", of_model(explore.ambiguity)),
        Route(f"{prefix}/vote/{{code}}", in_words(follow)),
        Route(f"{prefix}/class/{{code}}", in_words(follow_class)),
        Route(f"{prefix}/teacher", keep_teacher, methods=["POST"]),
        *compare.routes(f"{prefix}/compare", lambda: open_catalog()),
        Route(f"{prefix}/{{rest:path}}", in_words(nothing)),  # or Streamlit would answer with its page
    ]


def middleware() -> list[Middleware]:
    """For st.App. Also turns off Streamlit's automatic multipage mode: dashboard.py does the navigation, and otherwise
    Streamlit would run pages/train.py alone if that is the first address requested."""
    PagesManager.uses_pages_directory = False
    return [
        Middleware(Headers),
        Middleware(Gate),
        Middleware(StreamlitsFiles, prefix=base_path()),
        Middleware(IndexPage, prefix=base_path()),
    ]
