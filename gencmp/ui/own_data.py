"""The user's own pictures: uploaded, or a folder on the computer that runs the dashboard."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from gencmp.files import home, write_whole

UPLOADED = "own-"  # folders of uploads start with it
ENDINGS = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"]


def own_data() -> str:
    """The folder chosen, as an absolute path; the empty string while there is none."""
    files = st.file_uploader(
        "Pictures", ENDINGS, accept_multiple_files=True, key="own.files",
        help="Any size; they become grey, 28 x 28, centred as MNIST was. At least 7, better hundreds.",
    )  # fmt: skip
    if files:
        bad = [file.name for file in files if not is_picture(file.getvalue())]
        if bad:
            st.markdown(":red[:material/error:] These are no pictures; take them off the list:")
            st.text("\n".join(bad[:5]))
            return ""
        return str(keep(files))
    folder = st.text_input(
        "Or a folder", placeholder="/home/me/digits", key="own.folder",
        help="On the computer that runs the dashboard: the four IDX files of a data set, or pictures, in folders named 0 to 9 if they have labels.",
    )  # fmt: skip
    if not folder:
        st.caption("Choose pictures, or type the whole path of a folder.")
        return ""
    path = Path(folder).expanduser()
    if not path.is_dir():
        st.markdown(":red[:material/error:] There is no such folder on the computer that runs the dashboard.")
        return ""
    return str(path.resolve())


def is_picture(content: bytes) -> bool:
    """Whether Pillow can read it to its end."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def keep(files: list[Any]) -> Path:
    """Write uploads into a folder named by their content. Their own names are never used: they are the user's."""
    contents = [(Path(file.name).suffix.lower(), file.getvalue()) for file in files]
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for _, content in contents)).hexdigest()[:12]
    folder = home() / "data" / f"{UPLOADED}{digest}"
    for number, (ending, content) in enumerate(contents):
        path = folder / f"{number:06d}{ending if ending[1:] in ENDINGS else '.png'}"
        if not path.exists():
            write_whole(path, content)
    return folder
