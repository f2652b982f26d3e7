"""Scripts joined into one: each module does and exports what it does by itself, whatever the order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browsing import node

from gencmp.ui.routes.assets import ALONE, bundle, script_files, served_as
from gencmp.ui.routes.joining import joined

MODULES = {
    "a/one.js": """// with a line of its own
import { two, half as share } from "../b/two.js";
import WORDS from "../b/words.js";
export { Three } from "../b/two.js";
export const one = two - share;
export async function later() {
  return WORDS.greeting;
}
export class Own {}
const kept = new URL("./worker.js", import.meta.url).href;
export { kept };
""",
    "b/two.js": "export const two = 2;\nexport const half = 1;\nexport function Three() {}\n",
    "b/words.js": 'export default {\n  greeting: "hello",\n};\n',
    "first.js": 'import { one } from "./a/one.js";\nglobalThis.first = one;\n',
}


def test_modules_export_what_they_did_and_the_first_runs_by_itself(tmp_path: Path) -> None:
    (tmp_path / "all.js").write_text(joined(MODULES, "first.js"))
    told = node(
        """import { load } from "./all.js";
        const found = load("a/one.js");
        console.log(JSON.stringify({ names: Object.keys(found).sort(), one: found.one, first, said: await found.later(),
          same: found.Three === load("b/two.js").Three, place: found.kept.endsWith("/a/worker.js") }));""",
        tmp_path,
    )
    names = ["Own", "Three", "kept", "later", "one"]
    assert json.loads(told) == {"names": names, "one": 1, "first": 1, "said": "hello", "same": True, "place": True}


def test_lines_stay_lines() -> None:
    """So that an error's line in a browser's tools is found in the file: as far below the module's own first line."""
    lines = joined(MODULES, "first.js").splitlines()
    begin = lines.index('"a/one.js": () => {')
    for place, line in enumerate(MODULES["a/one.js"].splitlines(), 1):
        if line.startswith("  return") or "share;" in line:
            assert lines[begin + place] == line.removeprefix("export ")


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ('import { x } from "./absent.js";', "imports absent.js, which is not there"),
        ('import * as x from "./b.js";', "found 'import"),
        ("export let x = 1;", "found 'export let"),
        ('import { b } from "./b.js";', "a.js -> b.js -> a.js"),
    ],
)
def test_what_cannot_be_joined_is_said(module: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        joined({"a.js": module, "b.js": 'import { a } from "./a.js";\nexport const b = 1;'}, "a.js")


def test_all_our_scripts_export_the_same_joined_as_alone(tmp_path: Path) -> None:
    """All but the frame's, which is at work as soon as it is loaded, in a page that answers nothing."""
    names = [served_as(path) for path in script_files() if path.suffix == ".js"]
    names = [name for name in names if name not in (*ALONE, "shared/frame.js")]
    (tmp_path / "all.js").write_text(bundle().decode().replace('need("shared/frame.js");', ""))
    told = node(
        f"""globalThis.document = new Proxy(() => {{}}, {{ get: () => document, apply: () => document, has: () => false }});
        globalThis.MutationObserver = class {{}};
        const {{ load }} = await import("./all.js"), odd = [];
        for (const name of {json.dumps(names)}) {{
          const alone = await import("./" + name), here = load(name);
          const shown = (from) => JSON.stringify(Object.keys(from).sort().map((key) => [key, typeof from[key], text(from[key])]));
          const text = (value) => String(value).replace(/new URL\\("[^"]+", import.meta.url\\).href/, "import.meta.url");
          if (shown(alone) !== shown(here)) odd.push(name);
        }}
        console.log(JSON.stringify(odd));""",
        tmp_path,
    )
    assert json.loads(told) == []
