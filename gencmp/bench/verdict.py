"""How long `evaluate paper-gan paper-vae` takes from cold: in a new process, ignoring all saved and shipped verdicts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from statistics import median_low
from typing import Any

from gencmp.errors import GencmpError
from gencmp.evaluation import verdicts
from gencmp.evaluation.measures import Measure
from gencmp.evaluation.verdicts import Verdict
from gencmp.files import ROOT, SHIPPED, home
from gencmp.progress import Progress

RUNS = 3
MODELS = ("paper-gan", "paper-vae")
COMMAND = (sys.executable, "-m", "gencmp.bench.verdict", *MODELS)
START = "Python and PyTorch start, digits are read and judged"
UNKEPT = 0  # a format that no kept verdict has: none is found but those of the same process


def measure(progress: Progress) -> dict[str, Any]:
    """Seconds in all and by stage, and how far the figures are from the shipped ones. Raises GencmpError."""
    runs = [_evaluated(progress, number) for number in range(RUNS)]
    seconds = [run["seconds"] for run in runs]
    middle = runs[seconds.index(median_low(seconds))]
    differences = compare([verdict for run in runs for verdict in run["verdicts"]], shipped())
    progress(1.0, "Done")
    return {
        "words": f"Judging both shipped models of the paper from cold took {middle['seconds']:.0f} s. {_agreement(differences)}",
        "models": list(MODELS),
        "threads": middle["threads"],
        "runs": RUNS,
        "seconds": round(middle["seconds"], 1),
        "seconds_low": round(min(seconds), 1),
        "seconds_high": round(max(seconds), 1),
        "stages": [{"stage": stage, "seconds": round(took, 2)} for stage, took in middle["stages"]],
        "pictures": {each.model: round(each.seconds, 1) for each in middle["verdicts"]},
        "differences": differences,
    }


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    spread = f"{measured['runs']} times, each in a new process: {measured['seconds_low']:.1f} to {measured['seconds_high']:.1f} s"
    stages = [f"{each['seconds']:6.1f} s  {each['stage']}" for each in measured["stages"]]
    sets = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in measured["pictures"].items())
    return [spread, *stages, f"Of these: {sets}"]


# The process that evaluates


def _evaluated(progress: Progress, number: int) -> dict[str, Any]:
    """Seconds in all, stages with their seconds, and verdicts, of one process with an empty home."""
    with tempfile.TemporaryDirectory() as folder:
        marks: list[tuple[float, str]] = [(0.0, START)]
        for at, said in _lines(Path(folder)):
            if "verdicts" in said:
                break
            progress((number + said["share"]) / RUNS, f"run {number + 1} of {RUNS}, {said['words']}")
            if said["share"] < 1:
                marks.append((at, said["words"]))
    return {
        "seconds": at,
        "threads": said["threads"],
        "stages": stages(marks, at),
        "verdicts": [Verdict.from_dict(each) for each in said["verdicts"]],
    }


def _lines(folder: Path) -> Iterator[tuple[float, dict[str, Any]]]:
    """What the process says, and when: seconds since it was started."""
    environment = os.environ | {"GENCMP_HOME": str(folder), "PYTHONIOENCODING": "utf-8"}
    started = time.perf_counter()
    with open(folder / "errors.txt", "w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        )
        assert process.stdout
        try:
            for line in process.stdout:
                yield time.perf_counter() - started, json.loads(line)
        finally:
            process.kill()  # of one that has ended already, nothing
            process.stdout.close()
            process.wait()
        errors.seek(0)
        reason = (errors.read().strip().splitlines() or ["it said nothing"])[-1]
    raise GencmpError(f"The process that evaluates ended without a verdict: {reason}")


def stages(marks: Sequence[tuple[float, str]], end: float) -> list[tuple[str, float]]:
    """Seconds of each stage, in order, from the moments at which its progress was reported."""
    ends = [*(at for at, _ in marks[1:]), end]
    took = [(words, until - at) for (at, words), until in zip(marks, ends, strict=True)]
    return [(words, sum(each for _, each in some)) for words, some in groupby(took, key=lambda each: each[0])]


def _evaluate(models: Sequence[str]) -> None:
    """In the process: a line of JSON for each word of progress, and the verdicts last."""
    import torch  # here, not above: the process that holds the clock needs none of it

    from gencmp.evaluation.evaluate import evaluate
    from gencmp.runs.catalog import Catalog
    from gencmp.runs.store import RunStore

    verdicts.FORMAT = UNKEPT

    catalog = Catalog(RunStore(home()))
    judgements = evaluate([(name, catalog.weights(name, None)) for name in models], progress=_tell)
    found = [judgements[0].floor, *(each.verdict for each in judgements)]
    print(json.dumps({"threads": torch.get_num_threads(), "verdicts": [each.to_dict() for each in found]}))


def _tell(share: float, words: str) -> None:
    print(json.dumps({"share": share, "words": words}), flush=True)


# The figures against the shipped ones


def shipped() -> dict[str, Verdict]:
    """The verdicts that ship, by what was judged."""
    found = (json.loads(path.read_text("utf-8")) for path in (SHIPPED / "verdicts").glob("*.json"))
    return {verdict.key: verdict for verdict in map(Verdict.from_dict, found)}


def compare(verdicts: Iterable[Verdict], known: Mapping[str, Verdict]) -> dict[str, Any]:
    """How far figures are from those known of the same pictures, in widths of the known 95 % interval.

    A figure without an interval cannot be so compared: `unlike` names those that differ at all.
    """
    pairs = [
        (f"{verdict.model}: {each.label}", each, known[verdict.key][each.name])
        for verdict in verdicts
        if verdict.key in known
        for each in verdict.measures
    ]
    wide = [(abs(now.value - then.value) / (then.high - then.low), name) for name, now, then in pairs if _width(then)]
    unlike = {name for name, now, then in pairs if not _width(then) and now.value != then.value}
    largest, where = max(wide, default=(0.0, ""))
    return {"compared": len(pairs), "largest": largest, "where": where if largest else "", "unlike": sorted(unlike)}


def _width(each: Measure) -> float:
    return each.high - each.low


def _agreement(differences: Mapping[str, Any]) -> str:
    if not differences["compared"]:
        return "There are no shipped figures of these models to compare with."
    if differences["unlike"]:
        return f"Figures differ from the shipped ones where these have no spread: {', '.join(differences['unlike'])}."
    if not differences["largest"]:
        return "Every figure equals the shipped one."
    return f"No figure is further from the shipped one than {differences['largest']:.2g} of its 95 % interval ({differences['where']})."


if __name__ == "__main__":
    _evaluate(sys.argv[1:])
