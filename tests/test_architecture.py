"""docs/architecture.md is a map: it must name every folder and module that there is, and none that there is not."""

import re
from pathlib import PurePosixPath

from gencmp.files import ROOT

SOURCES = {".py", ".js", ".css"}


def on_the_map() -> set[str]:
    """The files that the map lists: a heading names their folder, and each line one of them or several."""
    found, folder = set(), ""
    for line in (ROOT / "docs" / "architecture.md").read_text("utf-8").splitlines():
        if heading := re.match(r"### `(.+)/`", line):
            folder = heading[1]
        elif folder and line.startswith("* "):
            names = re.findall(r"`([^`]+)`", line.partition(":")[0])
            found |= {f"{folder}/{name}" for name in names}
        elif line.startswith("## "):
            folder = ""
    return found


def in_the_tree() -> set[str]:
    files = (path.relative_to(ROOT) for path in (ROOT / "gencmp").rglob("*") if path.suffix in SOURCES)
    return {path.as_posix() for path in files if path.name != "__init__.py" and "shipped" not in path.parts}


def test_the_map_names_every_module_and_no_other() -> None:
    assert on_the_map() == in_the_tree()


def test_no_folder_holds_more_than_a_reader_can_keep_in_mind() -> None:
    folders = [str(PurePosixPath(name).parent) for name in in_the_tree()]
    assert {folder: count for folder in set(folders) if (count := folders.count(folder)) > 16} == {}
