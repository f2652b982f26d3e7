"""Reads thousands of changed files and counts what comes out: it is read, it is refused in a sentence, or it is a defect."""

from __future__ import annotations

import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gencmp.errors import GencmpError
from gencmp.fuzzing.readers import Kind, kinds

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

SLOWEST = 10.0  # seconds of the processor that a file may take
MOST = 500e6  # bytes by which a file may raise this process's peak of memory
LONGEST = 2000  # letters of a sentence


@dataclass
class Outcome:
    """Of all changed files of one kind. defects: what came out instead of a sentence, and how often; seconds: the slowest."""

    kind: str
    read: int = 0
    sentences: int = 0
    defects: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    megabytes: float = 0.0

    @property
    def count(self) -> int:
        return self.read + self.sentences + self.defects.total()


def fuzz(
    count: int, seed: int = 0, only: Sequence[str] = (), watch: Callable[[float, str], None] = lambda share, words: None
) -> list[Outcome]:
    """Change and read about `count` files, equally many of each kind. only: the kinds whose names contain one of these words."""
    with tempfile.TemporaryDirectory(prefix="gencmp-fuzz-") as folder:
        chosen = [kind for kind in kinds(Path(folder)) if not only or any(word in kind.name for word in only)]
        each = max(1, count // max(1, len(chosen)))
        outcomes = []
        for place, kind in enumerate(chosen):
            watch(place / len(chosen), kind.name)
            others = [other.originals[0] for other in chosen]
            outcomes.append(_of_kind(kind, each, random.Random(f"{seed} {kind.name}"), Path(folder), others))
    return outcomes


def _of_kind(kind: Kind, count: int, rng: random.Random, scratch: Path, others: Sequence[bytes]) -> Outcome:
    outcome = Outcome(kind.name)
    for _ in range(count):
        content = kind.change(rng.choice(kind.originals), rng.choice(others)[:20_000], rng)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            path = Path(folder) / kind.file
            path.write_bytes(content)
            _try(kind, path, outcome)
    return outcome


def _try(kind: Kind, path: Path, outcome: Outcome) -> None:
    began, before = time.process_time(), _peak()
    try:
        kind.use(path)
        outcome.read += 1
    except GencmpError as error:
        if len(str(error)) > LONGEST:
            outcome.defects[f"a sentence of {len(str(error))} letters"] += 1
        else:
            outcome.sentences += 1
    except BaseException as error:  # whatever a reader lets through is a defect
        if isinstance(error, KeyboardInterrupt):
            raise
        outcome.defects[f"{type(error).__name__}: {str(error)[:120]} ({_where(error)})"] += 1
    seconds, peak = time.process_time() - began, _peak() - before
    outcome.seconds, outcome.megabytes = max(outcome.seconds, seconds), max(outcome.megabytes, peak / 1e6)
    if seconds > SLOWEST:
        outcome.defects["more than 10 seconds"] += 1
    if peak > MOST:
        outcome.defects["more than 500 MB"] += 1


def _peak() -> float:
    """The most memory that this process has held, in bytes; 0 where the system does not say."""
    if resource is None:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0)


def _where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "gencmp" in frame.filename]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def as_table(outcomes: Sequence[Outcome]) -> str:
    """A line for each kind, and below it the defects."""
    lines = [f"{'kind':<18} {'files':>7} {'read':>7} {'sentence':>9} {'other':>6} {'slowest':>9} {'memory':>8}"]
    for each in outcomes:
        lines.append(
            f"{each.kind:<18} {each.count:>7,} {each.read:>7,} {each.sentences:>9,} {each.defects.total():>6,}"
            f" {each.seconds:>7.2f} s {each.megabytes:>5.0f} MB"
        )
        lines += [f"    {times:>5,} x {words}" for words, times in each.defects.most_common(8)]
    return "\n".join(lines)
