"""The web server never imports torch, whatever it is asked and whatever a model was trained on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gencmp.files import ROOT, home
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig

CODE = """
import sys
from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from gencmp.ui.server import routes

def clean(where):
    assert not {"torch", "torchvision"} & set(sys.modules), f"{where} has imported torch"

gan, vae = sys.argv[1:]
every = routes()
client = TestClient(Starlette(routes=every))
asked = []

def ask(path, wanted=200):
    answer = client.get("/gencmp/" + path)
    assert answer.status_code == wanted, (path, answer.status_code, answer.text[:300])
    clean(path)
    asked.append("/gencmp/" + path.partition("?")[0])
    return answer

for model in ("paper-gan", "paper-vae", gan, vae):
    facts = ask(f"kept/{model}").json()
    epoch, content_hash = facts["kept"][-1]
    is_vae = facts["kind"] == "vae"
    ask(f"weights/{model}/{epoch}/{content_hash}")
    ask(f"posterior/{model}/{epoch}/{content_hash}", 200 if is_vae else 404)
    known = is_vae and facts["shipped"]
    ask(f"ambiguity/{model}/{epoch}/{content_hash}?spacing=quantile&reach=4", 200 if known else 404)
    ask(f"directions/{model}/{epoch}/{content_hash}")
    ask(f"digits/{model}")
    ask(f"tested/{model}")
    ask(f"learn/digits/{model}")
    ask(f"fresh/{model}/0.png")
    ask(f"news/{model}?step=0&epoch=0")
    ask(f"race/{model}?step=0&epoch=0&checkup=0")
    ask(f"pictures/{model}/{epoch}/samples.png")
    ask(f"plane/{model}/{epoch}", 200 if is_vae else 404)
    ask(f"real.png?of={model}")
    ask(f"compare/nearest?column={model}")
    ask(f"compare/nearest?column=real&of={model}")
for model in (gan, vae):
    step = client.get(f"/gencmp/news/{model}?step=0&epoch=0").json()["preview"]
    ask(f"preview/{model}/{step}/samples.png")
    ask(f"preview/{model}/{step}/plane", 200 if model == vae else 404)
for columns in ("paper-gan,paper-vae,real", f"{gan},{vae},real"):
    ask(f"compare/columns?columns={columns}")
    ask(f"compare/models?columns={columns}")
    for order in ("seed", "digit", "confidence", "d"):
        ask(f"compare/panel.json?columns={columns}&order={order}")
ask(f"moment/{gan}/1/real", 204)  # no worker holds it
ask("compare/letters?words=abc")
ask("real/0.png")
ask("static/0/all.js")
ask("vote/XXXX", 404)
ask("class/XXXX")
ask("learn/handout/shapes.pdf")
ask("nothing", 404)
assert client.post("/gencmp/teacher", content="x").status_code == 403

for route in every:
    if isinstance(route, Route) and "GET" in route.methods:
        scopes = ({"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []} for path in asked)
        assert any(route.matches(scope)[0] == Match.FULL for scope in scopes), f"{route.path} was not asked"

for page in ("home", "learn", "train", "explore", "compare", "verdict", "runs", "vote", "paper"):
    at = AppTest.from_file(f"pages/{page}.py", default_timeout=60).run()
    assert not at.exception, (page, at.exception)
    clean(page)
"""


def test_no_route_and_no_page_imports_torch(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig, digits_folder: Path
) -> None:
    """Of shipped models and of a user's own pictures."""
    runs = [trained(config.replace(dataset=str(digits_folder), epochs=1)) for config in (gan, vae)]
    done = subprocess.run(
        [sys.executable, "-c", CODE, *(run.id for run in runs)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | {"GENCMP_HOME": str(home()), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
