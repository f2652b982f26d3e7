"""Who is looking at a page: the connection and the cookies of its browser, and the PIN typed in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gencmp.ui.catalog import open_catalog
from gencmp.ui.rights import guard, hosting, rules
from gencmp.ui.rights.rules import OWNER, ClassRules, Rights
from gencmp.ui.rights.sign_in import sign_in
from gencmp.ui.rights.visitor import Visitor

NOBODY = Visitor("unknown", False)
SEEN, TOKEN = "rights.visitor", "rights.token"


def rights() -> Rights:
    """Of the page's visitor; the owner's where no page is shown, as in a command line."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return OWNER
    found = visitor()
    signed_in = any(map(sign_in().knows, filter(None, (st.session_state.get(TOKEN, ""), found.teacher))))
    return Rights(found, found.is_here or signed_in, str(st.session_state.get("voter", "")))


def visitor() -> Visitor:
    """Who opened this page's connection; while it is broken, who opened it last."""
    ctx = get_script_run_ctx()
    client = get_instance().get_client(ctx.session_id) if ctx else None
    facts = client.client_context if client else None
    if facts is None:
        known: Visitor = st.session_state.get(SEEN, NOBODY)
        return known
    headers = {name.lower(): value for name, value in facts.headers}
    found = hosting.visitor(facts.remote_ip or "", headers)
    st.session_state[SEEN] = found
    return found


def is_teacher() -> bool:
    """Whether everything is allowed: on the dashboard's own computer, or after the PIN."""
    return rights().is_teacher


def may_start() -> bool:
    """Whether this visitor may start runs of some kind."""
    who = rights()
    return who.is_teacher or bool(class_rules().may_train and who.browser)


def may_stop(run_id: str) -> bool:
    who = rights()
    return who.is_teacher or (bool(who.browser) and guard.owner_of(open_catalog().store, run_id) == who.browser)


def class_rules() -> ClassRules:
    return guard.class_rules(open_catalog().store)


def sees_pictures(dataset: str) -> bool:
    """Whether this visitor may see what a run was trained on."""
    return rules.sees_pictures(rights(), class_rules(), dataset)


def for_visitor(words: str, config: Mapping[str, Any] | None = None) -> str:
    """A sentence as this visitor may read it: a path is the teacher's. config: of the run that it is about."""
    return words if is_teacher() else rules.without_paths(words, config)


def use_pin(typed: str) -> None:
    """Sign this page in. Raises NotAllowed."""
    st.session_state[TOKEN] = sign_in().try_pin(typed, visitor().address)
    hosting.let_upload(_session_id())


def sign_out() -> None:
    for token in (st.session_state.pop(TOKEN, ""), visitor().teacher):
        sign_in().sign_out(token)
    hosting.forbid_upload(_session_id())


def _session_id() -> str:
    ctx = get_script_run_ctx()
    return ctx.session_id if ctx else ""


guard.ask_pages(rights)
