"""The user's own data: uploaded pictures, or a folder on the dashboard's computer, inspected before training."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from gencmp.data.class_names import OF_DATASETS
from gencmp.data.folders import PICTURES
from gencmp.data.shipped import REACH
from gencmp.data.survey import BLANK, UNREADABLE, Survey
from gencmp.data.walk import is_hidden
from gencmp.errors import NotAllowed
from gencmp.files import home, write_whole
from gencmp.settings.configs import SHIFTED_DATA
from gencmp.ui.data_words import UPLOADED
from gencmp.ui.frame import plain
from gencmp.ui.rights.guard import current
from gencmp.ui.rights.rules import UPLOAD, need_folder, need_teacher
from gencmp.ui.rights.session import is_teacher, rights
from gencmp.ui.train.contact_sheet import forget_inspections, inspect, show_survey

ENDINGS = sorted(ending[1:] for ending in PICTURES)


@dataclass(frozen=True)
class Data:
    """The chosen data set. classes: label -> name of the classes that have pictures; empty without labels.

    is_ready: False while the user still has something to decide; training cannot start then.
    """

    dataset: str
    classes: dict[int, str]
    is_ready: bool = True


SHIFTED = (
    f"Each MNIST digit was moved once, at random, by up to {REACH} pixels along each axis, the same way for every run. No ink is lost: a"
    " digit near the border moves only as far as it has room."
)
NOT_YET = Data("", {}, is_ready=False)


def known_data(name: str) -> Data:
    """A data set of DATASETS, with a caption where its name does not say enough."""
    if name == SHIFTED_DATA:
        st.caption(SHIFTED)
    return Data(name, dict(enumerate(OF_DATASETS[name])))


def own_data(first: str = "", key: str = "own.folder") -> Data:
    """Draw the fields, and the survey of the pictures below them. first: the folder that the field starts with."""
    if not is_teacher():
        st.caption("Own pictures are brought in by the teacher. Choose another data set.")
        return NOT_YET
    files = st.file_uploader(
        "Pictures", ENDINGS, accept_multiple_files=True, key="own.files",
        help="Any size. They are converted to 28 x 28 greyscale and centred like MNIST. At least 7 pictures; hundreds are better.",
    )  # fmt: skip
    if files := [file for file in files if not is_hidden(file.name)]:
        return _inspected(store_uploads(files), [Path(file.name).name for file in files])
    folder = st.text_input(
        "Or a folder", first, placeholder="/home/me/digits", key=key,
        help="A folder on the computer that runs the dashboard, with the IDX files of a data set, or pictures. Subfolders named after"
        " classes (3, cat) become labels; folders named training and testing separate the test set.",
    )  # fmt: skip
    if not folder:
        st.caption("Choose pictures, or type the full path of a folder.")
        return NOT_YET
    path = Path(folder.strip().strip("\"'")).expanduser()
    try:
        need_folder(rights(), path, [home() / "data"])  # before anybody learns whether it is there
    except NotAllowed as error:
        st.markdown(f":red[:material/lock:] {plain(str(error))}")
        return NOT_YET
    if not path.is_dir():
        st.markdown(":red[:material/error:] Folder not found on the computer that runs the dashboard.")
        return NOT_YET
    return _inspected(path.resolve(), ())


def _inspected(folder: Path, names: Sequence[str]) -> Data:
    """names: the users' names of uploaded files, in the order in which they are stored."""
    found = inspect(str(folder))
    if found.survey is None:
        st.markdown(f":red[:material/error:] {plain(found.error)}")
        st.button(
            "Read again", icon=":material/refresh:", type="tertiary", key="own.again", on_click=forget_inspections
        )
        return NOT_YET
    survey = in_users_words(found.survey, names)
    is_ready = show_survey(survey, found.sheet, lambda: _leave_out(survey, folder))
    return Data(str(folder), {label: survey.classes[label] for label in survey.present}, is_ready)


def in_users_words(survey: Survey, names: Sequence[str]) -> Survey:
    """Replace the stored names of left-out uploads by the names that the user gave them (`names`, in the same order)."""
    if not names:
        return survey
    out = {
        why: tuple(names[int(Path(kept).stem)] for kept in kept_names) for why, kept_names in survey.left_out.items()
    }
    return replace(survey, left_out=out)


def _leave_out(survey: Survey, folder: Path) -> bool:
    """A checkbox to proceed without unusable files; True if it is ticked or there are none."""
    count = sum(len(survey.left_out.get(why, ())) for why in (UNREADABLE, BLANK))
    if not count:
        return True
    words = f"Leave out {'this picture' if count == 1 else f'these {count:,} pictures'}"
    return st.checkbox(
        words,
        key=f"own.without.{folder}.{count}",
        help="Train without the unusable pictures. Or repair them, and read the folder again.",
    )


def store_uploads(files: Sequence[Any]) -> Path:
    """Write uploads into a folder named by a hash of their content. Their own names are untrusted and never used as paths.

    Raises NotAllowed for anybody but a teacher."""
    need_teacher(current(), UPLOAD)
    contents = [(Path(file.name).suffix.lower(), file.getvalue()) for file in files]
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for _, content in contents)).hexdigest()[:12]
    folder = home() / "data" / f"{UPLOADED}{digest}"
    for number, (ending, content) in enumerate(contents):
        path = folder / f"{number:06d}{ending if ending[1:] in ENDINGS else '.png'}"
        if not path.exists():
            write_whole(path, content)
    return folder
