"""The user's own data: pictures uploaded, or a folder on the computer that runs the dashboard; looked into before they are trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from gencmp.data.class_names import OF_DATASETS
from gencmp.data.folders import PICTURES
from gencmp.data.survey import BLANK, UNREADABLE, Survey
from gencmp.data.walk import is_hidden
from gencmp.files import home, write_whole
from gencmp.ui.data_words import UPLOADED
from gencmp.ui.frame import plain
from gencmp.ui.train.contact_sheet import look_again, look_at, show_survey

ENDINGS = sorted(ending[1:] for ending in PICTURES)


@dataclass(frozen=True)
class Data:
    """The data set chosen. classes: label -> name, of those that have pictures; none without labels.

    is_ready: False while something about it is still to be decided, and then nothing can be trained.
    """

    dataset: str
    classes: dict[int, str]
    is_ready: bool = True


NOT_YET = Data("", {}, is_ready=False)


def known_data(name: str) -> Data:
    """One of those known by name."""
    return Data(name, dict(enumerate(OF_DATASETS[name])))


def own_data() -> Data:
    """Draw the fields, and below them what was found."""
    files = st.file_uploader(
        "Pictures", ENDINGS, accept_multiple_files=True, key="own.files",
        help="Any size; they become grey, 28 x 28, centred as MNIST was. At least 7, better hundreds.",
    )  # fmt: skip
    if files := [file for file in files if not is_hidden(file.name)]:
        return _looked(keep(files), [Path(file.name).name for file in files])
    folder = st.text_input(
        "Or a folder", placeholder="/home/me/digits", key="own.folder",
        help="On the computer that runs the dashboard: the IDX files of a data set, or pictures. Folders named by class (3, cat) give"
        " them labels; training and testing keep a test set apart.",
    )  # fmt: skip
    if not folder:
        st.caption("Choose pictures, or type the full path of a folder.")
        return NOT_YET
    path = Path(folder.strip().strip("\"'")).expanduser()
    if not path.is_dir():
        st.markdown(":red[:material/error:] There is no such folder on the computer that runs the dashboard.")
        return NOT_YET
    return _looked(path.resolve(), ())


def _looked(folder: Path, names: Sequence[str]) -> Data:
    """names: of uploads, as the user calls them, in the order in which they are kept."""
    found = look_at(str(folder))
    if found.survey is None:
        st.markdown(f":red[:material/error:] {plain(found.fault)}")
        st.button("Look again", icon=":material/refresh:", type="tertiary", key="own.again", on_click=look_again)
        return NOT_YET
    survey = in_users_words(found.survey, names)
    is_ready = show_survey(survey, found.sheet, lambda: _leave_out(survey, folder))
    return Data(str(folder), {label: survey.classes[label] for label in survey.present}, is_ready)


def in_users_words(survey: Survey, names: Sequence[str]) -> Survey:
    """Left out are names of the files as they are kept; the user knows them by others, given in the same order."""
    if not names:
        return survey
    out = {
        why: tuple(names[int(Path(kept).stem)] for kept in kept_names) for why, kept_names in survey.left_out.items()
    }
    return replace(survey, left_out=out)


def _leave_out(survey: Survey, folder: Path) -> bool:
    """One click to go on without what cannot be used; True where there is nothing such."""
    count = sum(len(survey.left_out.get(why, ())) for why in (UNREADABLE, BLANK))
    if not count:
        return True
    words = f"Leave {'it' if count == 1 else f'these {count:,}'} out"
    return st.checkbox(
        words,
        key=f"own.without.{folder}.{count}",
        help="To start without what cannot be used. Or mend it, and look again.",
    )


def keep(files: Sequence[Any]) -> Path:
    """Write uploads into a folder named by their content. Their own names are never used: they are the user's."""
    contents = [(Path(file.name).suffix.lower(), file.getvalue()) for file in files]
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for _, content in contents)).hexdigest()[:12]
    folder = home() / "data" / f"{UPLOADED}{digest}"
    for number, (ending, content) in enumerate(contents):
        path = folder / f"{number:06d}{ending if ending[1:] in ENDINGS else '.png'}"
        if not path.exists():
            write_whole(path, content)
    return folder
