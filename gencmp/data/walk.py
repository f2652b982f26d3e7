"""Lists the files in a folder that a user has chosen, without those that operating systems and programs leave there."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from gencmp.errors import DataError

# In addition to names that begin with a dot (.DS_Store, AppleDouble's ._0.png, .ipynb_checkpoints, .thumbnails)
LEFT_BY_SYSTEMS = {
    "__macosx", "__pycache__", "@eadir", "$recycle.bin", "lost+found", "system volume information",
    "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r",
}  # fmt: skip
MAX_FILES = 1_000_000  # more means that somebody chose a whole disk; listing it would take minutes


@dataclass(slots=True)
class File:
    """A file below the chosen folder. Its Path is created on demand, as there may be a hundred thousand files."""

    place: str  # the full path
    base: str  # its last part
    folders: tuple[str, ...]  # from the chosen folder down
    size: int
    changed: int  # nanoseconds since 1970

    @property
    def path(self) -> Path:
        return Path(self.place)

    @property
    def name(self) -> str:
        """The path below the chosen folder, for display: "3/left/a.png"."""
        return shown("/".join((*self.folders, self.base)))

    @property
    def ending(self) -> str:
        return os.path.splitext(self.base)[1].lower()


@dataclass(frozen=True)
class Listing:
    """All files below a folder, sorted by their folders and names."""

    root: Path
    files: tuple[File, ...]
    empty: tuple[str, ...]  # empty folders
    closed: tuple[str, ...]  # folders and links that cannot be opened


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name belongs to a system or program rather than the user."""
    return name.startswith(".") or name.lower() in LEFT_BY_SYSTEMS


def shown(name: str) -> str:
    """A file name as displayable text, even if it is not valid in the file system's encoding."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def walk(root: Path) -> Listing:
    """List a folder recursively. Raises DataError when it is not a folder, or contains more than MAX_FILES.

    Links to folders are followed, after all real folders, and no folder is entered twice, so cyclic links do no harm.
    """
    if not root.is_dir():
        raise DataError(f"{root} is not a folder. Give the full path of a folder of IDX files or of pictures.")
    walker = _Walker(root)
    while walker.waiting:
        walker.enter(walker.waiting.popleft())
    files = sorted(walker.files, key=lambda file: (*file.folders, file.base))
    return Listing(root, tuple(files), tuple(sorted(walker.empty)), tuple(sorted(walker.closed)))


class _Walker:
    """Collects the result of walk(). waiting: the folders still to enter, real ones before links."""

    def __init__(self, root: Path):
        self.root = root
        self.files: list[File] = []
        self.empty: list[str] = []
        self.closed: list[str] = []
        self.waiting: deque[tuple[str, ...]] = deque([()])
        self.entered: set[tuple[int, int]] = set()

    def enter(self, folders: tuple[str, ...]) -> None:
        place = self.root.joinpath(*folders)
        try:
            facts = os.stat(place)
            if (facts.st_dev, facts.st_ino) in self.entered:
                return
            self.entered.add((facts.st_dev, facts.st_ino))
            with os.scandir(place) as found:
                entries = [entry for entry in found if not is_hidden(entry.name)]
        except OSError:
            self.closed.append(shown("/".join(folders) or self.root.name))
            return
        if folders and not entries:
            self.empty.append(shown("/".join(folders)))
        for entry in entries:
            self._take(entry, folders)

    def _take(self, entry: os.DirEntry[str], folders: tuple[str, ...]) -> None:
        inner = (*folders, entry.name)
        try:
            if entry.is_dir():
                self.waiting.append(inner) if entry.is_symlink() else self.waiting.appendleft(inner)
            elif entry.is_file():
                facts = entry.stat()
                self.files.append(File(entry.path, entry.name, folders, facts.st_size, facts.st_mtime_ns))
            else:  # a broken link, or not a regular file
                self.closed.append(shown("/".join(inner)))
        except OSError:  # a link to itself, say
            self.closed.append(shown("/".join(inner)))
        if len(self.files) > MAX_FILES:
            raise DataError(
                f"{self.root} holds more than {MAX_FILES:,} files. Choose the folder of the pictures itself, not one that contains it."
            )
