"""The kinds of files that gencmp reads, a real one of each, and the reader as the pages and commands call it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gencmp.data.idx.files import parse_idx
from gencmp.database import Database, DatabaseError
from gencmp.errors import GencmpError
from gencmp.evaluation.kept_opinions import kept_judge_opinion, kept_map
from gencmp.evaluation.verdicts import Verdict, read_study
from gencmp.files import SHIPPED
from gencmp.fuzzing.mutations import mutated, mutated_arrays, mutated_json
from gencmp.graphics.sheets import grid
from gencmp.latent import networks
from gencmp.models.snapshot import read
from gencmp.models.weights_file import epoch_of
from gencmp.runs.card import card
from gencmp.runs.catalog import ShippedRun
from gencmp.runs.evaluations.diagnosis import diagnosis_of
from gencmp.runs.folder import RunFolder
from gencmp.runs.store import RunStore
from gencmp.schema import Misfit, parse_json
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.stored import config_from_dict
from gencmp.training.build import load_model
from gencmp.voting.classrooms import ClassroomStore, Position
from gencmp.voting.questions import SOURCES, compose, simulated
from gencmp.voting.store import Models, VoteStore
from gencmp.voting.tally import tally


@dataclass(frozen=True)
class Kind:
    """name: for people. originals: contents to change. change: how. use: reads a changed file at a path, and looks at all of
    it; it raises a GencmpError where that cannot be done."""

    name: str
    originals: Sequence[bytes]
    use: Callable[[Path], Any]
    change: Callable[..., bytes] = mutated
    file: str = "file"


def kinds(scratch: Path) -> list[Kind]:
    """scratch: an empty folder."""
    shipped = [SHIPPED / name for name in ("paper-gan", "paper-vae")]
    return [
        Kind("epochs' arrays", [_of(folder / "epochs" / "00001.npz") for folder in shipped], _arrays, mutated_arrays, "00001.npz"),
        Kind("cards", [_of(folder / "card.json") for folder in shipped], _card, mutated_json, "card.json"),
        Kind("curves", [_of(SHIPPED / "paper-vae" / "curves.json")], _curves, mutated_json, "curves.json"),
        Kind("settings", [GanConfig().to_json().encode(), VaeConfig().to_json().encode()], _settings, mutated_json),
        Kind("rows of the store", _rows(scratch / "original"), _row_of(scratch / "rows"), mutated_json),
        Kind("the store", [_store(scratch / "store")], _open_store, file="runs.sqlite3"),
        Kind("the votes", [_votes(scratch / "votes")], _open_votes, file="votes.sqlite3"),
        Kind("the classes", [_classes(scratch / "classes")], _open_classes, file="classrooms.sqlite3"),
        Kind("snapshots", [_small(folder) for folder in shipped], _snapshot, _mutated_header, "00001.safetensors"),
        Kind("verdicts", [_of(path) for path in sorted((SHIPPED / "verdicts").glob("*.json"))], _verdict, mutated_json),
        Kind("the study", [_of(SHIPPED / "study.json")], read_study, mutated_json, "study.json"),
        Kind("IDX", [_idx()], lambda path: parse_idx(path.read_bytes(), path)),
    ]  # fmt: skip


def _of(path: Path) -> bytes:
    return path.read_bytes()


def _arrays(path: Path) -> None:
    folder = path.parent / "epochs"
    folder.mkdir(exist_ok=True)
    path.replace(folder / path.name)
    found = RunFolder(path.parent).read_arrays(1)
    kept_judge_opinion(found, "mnist")
    kept_map(found, "mnist", "even")
    grid(RunFolder(path.parent).samples(1)[:64], 8)
    if "means" in found:
        found["means"][:, :2].astype("<f4").tobytes() + found["labels"].tobytes()


def _card(path: Path) -> None:
    record = ShippedRun(path.parent)
    json.dumps(record.run.to_dict(), allow_nan=False).encode()
    _tell(record)


def _curves(path: Path) -> None:
    (path.parent / "card.json").write_bytes(_of(SHIPPED / "paper-vae" / "card.json"))
    record = ShippedRun(path.parent)
    json.dumps([record.steps(), [vars(row) for row in record.epochs()]], allow_nan=False).encode()
    _tell(record)


def _tell(record: Any) -> None:
    """What pages and exports say of a run."""
    (record.folder.path / "curves.json").touch()
    if not _of(record.folder.path / "curves.json"):
        (record.folder.path / "curves.json").write_bytes(_of(SHIPPED / f"paper-{record.run.kind}" / "curves.json"))
    diagnosis_of(record)
    card(record, "x", "y")


def _settings(path: Path) -> None:
    try:
        values = parse_json(path.read_bytes())
    except Misfit as error:
        raise GencmpError(str(error)) from None
    if not isinstance(values, dict):
        raise GencmpError("no settings")
    config_from_dict(values)


def _closed(database: Database) -> bytes:
    """The whole content of its file."""
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    database.connection().close()
    return database.path.read_bytes()


def _forget_log(path: Path) -> None:
    """What SQLite wrote beside the file that was there before."""
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _store(folder: Path) -> bytes:
    """A small store with every kind of row."""
    store = RunStore(folder)
    for n in range(12):
        store.create((GanConfig if n % 2 else VaeConfig)(epochs=3), name=f"run {n}")
    return _closed(store.database)


def _open_store(path: Path) -> None:
    _forget_log(path)
    store = RunStore(path.parent)
    try:
        for run in store.queries.all():
            store.queries.epochs(run.id), store.queries.steps(run.id), store.queries.changes(run.id)
        store.queries.trained(), store.queries.open_by_kind(), store.queries.at_once("gan")
    finally:
        store.database.connection().close()


def _votes(folder: Path) -> bytes:
    """A round with all kinds of questions, and two voters' answers."""
    store = VoteStore(folder / "votes.sqlite3")
    pictures = {source: np.zeros((130, 28, 28), np.uint8) for source in SOURCES}
    questions = compose(pictures, 8, seed=1)
    opened = store.open("f" * 32, Models("paper-gan", "paper-vae", "a GAN", "a VAE"), questions, seed=1)
    store.vote_all(opened.code, simulated(questions, 2, seed=1))
    return _closed(store.database)


def _open_votes(path: Path) -> None:
    _forget_log(path)
    store = VoteStore(path)
    try:
        for each in store.all():
            store.questions(each.code), store.turnout(each.code), tally(store.votes(each.code))
    finally:
        store.database.connection().close()


def _classes(folder: Path) -> bytes:
    """A class of two in its first lesson."""
    store = ClassroomStore(folder / "classrooms.sqlite3")
    opened = store.open("f" * 32, Position("balance"))
    for token in ("a" * 32, "b" * 32):
        store.join(opened.code, token)
        store.predict(opened.code, "balance", token, "equal")
    store.reveal(opened.code, "balance", "strong")
    return _closed(store.database)


def _open_classes(path: Path) -> None:
    _forget_log(path)
    store = ClassroomStore(path)
    try:
        for each in store.led_by("f" * 32):
            store.get(each.code)
            store.count(each.code, "balance"), store.outcome(each.code, "balance"), store.split(each.code, "balance")
    finally:
        store.database.connection().close()


def _rows(folder: Path) -> list[bytes]:
    """A run's row as JSON, the columns that hold JSON parsed."""
    store = RunStore(folder)
    origin = {
        "run": "a",
        "name": "b",
        "epoch": 2,
        "before": {"beta": 1.0},
        "changes": {"beta": 2.0},
        "line": [{"run": "a", "name": "b", "epoch": 2}],
    }
    store.create(VaeConfig(), name="a", origin=origin)
    row = dict(store.database.execute("SELECT * FROM runs").fetchone())
    return [json.dumps({name: _parsed(value) for name, value in row.items()}).encode()]


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in "{[" and value else value


def _row_of(folder: Path) -> Callable[[Path], None]:
    """Writes a changed row into a store beside good ones, which must be found all the same."""
    store = RunStore(folder)
    good = {store.create(GanConfig(), name=name).id for name in ("good", "better")}

    def use(path: Path) -> None:
        content = path.read_bytes()
        try:
            values = json.loads(content)
            row = {name: _column(value) for name, value in values.items()}
        except (ValueError, RecursionError, AttributeError):
            row = {"config": content.decode("utf-8", "replace")}
        row = {
            "id": "r",
            "name": "r",
            "kind": "vae",
            "preset": "own",
            "config": "{}",
            "state": "queued",
            "created": 1,
            "queued": 1,
        } | row
        _put(store, row)
        found = store.queries.all()
        if good - {run.id for run in found}:
            raise AssertionError("a damaged row hides others")
        for run in found:
            json.dumps(run.to_dict(), allow_nan=False).encode()
            _tell_stored(store, run)
        if len(found) < 3:
            raise GencmpError("left out")

    return use


def _tell_stored(store: RunStore, run: Any) -> None:
    from gencmp.runs.catalog import StoredRun

    record = StoredRun(store, run)
    diagnosis_of(record)
    card(record, "x", "y")


def _put(store: RunStore, row: dict[str, Any]) -> None:
    known = [name for _, name, *_ in store.database.execute("PRAGMA table_info(runs)")]
    names = [name for name in row if name in known]
    with store.database.transaction() as db:
        db.execute("DELETE FROM runs WHERE name NOT IN ('good', 'better')")
        try:
            marks = ", ".join("?" * len(names))
            db.execute(f"INSERT INTO runs ({', '.join(names)}) VALUES ({marks})", [row[name] for name in names])
        except (DatabaseError, OverflowError, UnicodeError):
            return  # SQLite itself refuses it


def _column(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def _small(folder: Path) -> bytes:
    return _of(folder / "epochs" / "00001.safetensors")


def _snapshot(path: Path) -> None:
    epoch_of(path)
    numpy, torch = _outcome(lambda: networks.read_weights(path).directions(2)), _outcome(lambda: load_model(read(path)))
    if numpy != torch:
        raise AssertionError(f"NumPy's reader says {numpy!r}, torch's {torch!r}")
    if numpy:
        raise GencmpError("left out")


def _outcome(read_it: Callable[[], Any]) -> bool:
    """Whether a sentence came out."""
    try:
        read_it()
    except GencmpError:
        return True
    return False


def _mutated_header(content: bytes, other: bytes, rng: Any) -> bytes:
    """Mostly within the header, and within the JSON in it."""
    if rng.random() < 0.4:
        return mutated(content, other, rng)
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    if rng.random() < 0.5:
        facts = header["__metadata__"]["gencmp"].encode()
        header["__metadata__"]["gencmp"] = mutated_json(facts, b"x", rng).decode("utf-8", "replace")
        text = json.dumps(header).encode()
    else:
        text = mutated_json(json.dumps(header).encode(), b"x", rng)
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


def _verdict(path: Path) -> None:
    try:
        found = Verdict.from_dict(parse_json(path.read_bytes()))
    except Misfit as error:
        raise GencmpError(str(error)) from None
    json.dumps(found.to_dict(), allow_nan=False).encode()
    for each in found.measures:
        each.label, each.how, each.spread  # noqa: B018  the words of its criterion


def _idx() -> bytes:
    pictures = np.arange(10 * 784, dtype=np.uint32).astype(np.uint8)
    return bytes((0, 0, 8, 3)) + b"".join(size.to_bytes(4, "big") for size in (10, 28, 28)) + pictures.tobytes()
