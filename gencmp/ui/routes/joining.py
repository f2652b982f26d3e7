"""Many ES modules joined into one, so that a browser asks once instead of fifty times.

Each module becomes a function that runs when it is first needed and returns what it exports. Lines stay lines, so that an error's
line is easily found. The scripts are used as they lie in the folders: there is nothing to build, and Node and the tests load
them one by one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

FROM = r'from "(\.[^"]+)"'
IMPORTED = re.compile(rf"^import (\{{[^}}]*\}}|\w+) {FROM};$", re.M)
PASSED_ON = re.compile(rf"^export (\{{[^}}]*\}}) {FROM};$", re.M)
LISTED = re.compile(r"^export \{([^}]*)\};$", re.M)
DEFAULT = re.compile(r"^export default ", re.M)
DECLARED = re.compile(r"^export ((?:async function|function|class|const) (\w+))", re.M)
LEFT = re.compile(r"^(?:import|export)\b.*", re.M)
ITSELF = "import.meta.url"

_START = """const made = new Map();
function need(name) {
  if (!made.has(name)) made.set(name, modules[name]());
  return made.get(name);
}
export const load = need;
const modules = {
"""


def joined(modules: Mapping[str, str], first: str) -> str:
    """modules: name, as a path, and text of each. The script exports `load(name)`, which gives what a module exports, and runs
    `first` by itself. Raises ValueError for a module that imports or exports in another way than ours do, that needs one which
    is not here, or that needs itself."""
    needed = {name: _needs(name, text, modules) for name, text in modules.items()}
    for name in modules:
        _refuse_circle(name, needed, ())
    parts = [f'"{name}": () => {{\n{_as_function(name, text)}\n}},\n' for name, text in modules.items()]
    return f'{_START}{"".join(parts)}}};\nneed("{first}");\n'


def _needs(name: str, text: str, modules: Mapping[str, str]) -> list[str]:
    found = [_place(name, each[2]) for pattern in (IMPORTED, PASSED_ON) for each in pattern.finditer(text)]
    if absent := [each for each in found if each not in modules]:
        raise ValueError(f"{name} imports {absent[0]}, which is not there.")
    return found


def _refuse_circle(name: str, needed: Mapping[str, list[str]], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"Scripts need each other: {' -> '.join((*above, name))}.")
    for each in needed[name]:
        _refuse_circle(each, needed, (*above, name))


def _place(name: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def _as_function(name: str, text: str) -> str:
    """The body of a function that does what the module does, and returns what it exports."""
    exported = [each[2] for each in DECLARED.finditer(text)]
    for each in (*PASSED_ON.finditer(text), *LISTED.finditer(text)):
        exported += [word.strip() for word in each[1].strip("{}").split(",") if word.strip()]
    if DEFAULT.search(text):
        exported.append("default: its_default")
    text = IMPORTED.sub(lambda each: f'const {_unpacked(each[1])} = need("{_place(name, each[2])}");', text)
    text = PASSED_ON.sub(lambda each: f'const {each[1]} = need("{_place(name, each[2])}");', text)
    text = DEFAULT.sub("const its_default = ", LISTED.sub("", DECLARED.sub(r"\1", text)))
    if left := LEFT.search(text):
        raise ValueError(f"{name}: found {left[0]!r}, which is no import or export of a kind that can be joined.")
    return f"{text.replace(ITSELF, _address(name))}\nreturn {{ {', '.join(exported)} }};"


def _unpacked(names: str) -> str:
    """{ a, b as c } -> { a, b: c }"""
    return names.replace(" as ", ": ") if names.startswith("{") else f"{{ default: {names} }}"


def _address(name: str) -> str:
    """Where the module lies by itself, from where all of them lie."""
    return f'new URL("{name}", {ITSELF}).href'
