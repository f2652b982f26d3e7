"""What lies in a folder that a user has chosen: its files, without what operating systems and programs leave there."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from gencmp.errors import DataError

# Beside names that begin with a dot (.DS_Store, AppleDouble's ._0.png, .ipynb_checkpoints, .thumbnails)
LEFT_BY_SYSTEMS = {
    "__macosx", "__pycache__", "@eadir", "$recycle.bin", "lost+found", "system volume information",
    "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r",
}  # fmt: skip
MAX_FILES = 1_000_000  # more are somebody's whole disk, and listing them would take minutes


@dataclass(slots=True)
class File:
    """A file below the chosen folder, without a Path of its own until it is asked for: there may be a hundred thousand."""

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
        """Below the chosen folder, fit to be shown: "3/left/a.png"."""
        return shown("/".join((*self.folders, self.base)))

    @property
    def ending(self) -> str:
        return os.path.splitext(self.base)[1].lower()


@dataclass(frozen=True)
class Listing:
    """All files below a folder, sorted by their folders and names."""

    root: Path
    files: tuple[File, ...]
    empty: tuple[str, ...]  # folders in which nothing lies
    closed: tuple[str, ...]  # folders and links that cannot be opened


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is a system's or a program's, and not the user's."""
    return name.startswith(".") or name.lower() in LEFT_BY_SYSTEMS


def shown(name: str) -> str:
    """A file name as text, also one that is not in the file system's own encoding."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def walk(root: Path) -> Listing:
    """List a folder and all folders in it. Raises DataError when it is none, or holds more than MAX_FILES.

    Links to folders are followed, after all real folders, and no folder is entered twice: so links in a circle end.
    """
    if not root.is_dir():
        raise DataError(f"{root} is no folder. Give the full path of a folder of IDX files or of pictures.")
    walker = _Walker(root)
    while walker.waiting:
        walker.enter(walker.waiting.popleft())
    files = sorted(walker.files, key=lambda file: (*file.folders, file.base))
    return Listing(root, tuple(files), tuple(sorted(walker.empty)), tuple(sorted(walker.closed)))


class _Walker:
    """Gathers what walk() tells; `waiting` are the folders still to be entered, real ones before links."""

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
            else:  # a link to nothing, or no ordinary file
                self.closed.append(shown("/".join(inner)))
        except OSError:  # a link to itself, say
            self.closed.append(shown("/".join(inner)))
        if len(self.files) > MAX_FILES:
            raise DataError(
                f"{self.root} holds more than {MAX_FILES:,} files. Choose the folder of the pictures itself, not one far above it."
            )
