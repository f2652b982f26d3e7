"""The performance targets, and how to read each figure from a stored measurement. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gencmp.evaluation.intervals import mean_difference

Measurement = Mapping[str, Any]  # what `bench TOPIC --json` prints


@dataclass(frozen=True)
class Reading:
    """A measured figure in the target's unit; None if this machine could not measure it. low, high: its range over blocks or
    runs, if there was more than one, or its 95 % interval over seeds."""

    value: float | None
    low: float | None = None
    high: float | None = None


Read = Callable[[Measurement], Reading]


@dataclass(frozen=True)
class Target:
    """One row of the table. sense: "at least", "at most" or "under" the limit; the median counts."""

    topic: str
    what: str
    sense: str
    limit: float
    unit: str
    read: Read
    aim: str = ""

    @property
    def wanted(self) -> str:
        return f"{self.sense} {self.shown(self.limit)}" + (f" ({self.aim})" if self.aim else "")

    def is_met(self, value: float) -> bool:
        if self.sense == "at least":
            return value >= self.limit
        return value < self.limit if self.sense == "under" else value <= self.limit

    def shown(self, value: float) -> str:
        return f"{value:,.10g} {self.unit}".strip()


# Ways to read


def spread(row: Measurement, name: str, factor: float = 1) -> Reading:
    """`name`, with `name`_low and `name`_high if they exist. factor: 100 for percent of a share, 1000 for
    ms of seconds."""
    return scaled(Reading(row[name], row.get(f"{name}_low"), row.get(f"{name}_high")), factor)


def scaled(found: Reading, factor: float) -> Reading:
    value, low, high = (
        None if each is None else round(factor * each, 4) for each in (found.value, found.low, found.high)
    )
    return Reading(value, low, high)


def row_of(rows: Sequence[Measurement], name: str, wanted: Any) -> Measurement:
    """The row in which `name` is `wanted`. Raises KeyError."""
    found = next((row for row in rows if row[name] == wanted), None)
    if found is None:
        raise KeyError(f"no row whose {name} is {wanted}")
    return found


def of(name: str, factor: float = 1) -> Read:
    """A figure of the topic itself."""
    return lambda measurement: spread(measurement, name, factor)


def of_part(part: str, name: str, factor: float = 1) -> Read:
    """A figure of one part of the topic."""
    return lambda measurement: spread(measurement[part], name, factor)


def of_model(kind: str, name: str, factor: float = 1) -> Read:
    """A figure of one of the two models."""
    return lambda measurement: spread(row_of(measurement["models"], "model", kind), name, factor)


def of_epoch(kind: str, epoch: int, name: str) -> Read:
    """A figure of one of the two models in a late epoch; measurements of version 0.1 have none."""

    def read(measurement: Measurement) -> Reading:
        rows = row_of(measurement["models"], "model", kind).get("epochs", ())
        return next((spread(row, name) for row in rows if row["epoch"] == epoch), Reading(None))

    return read


def of_fastest_peer(kind: str) -> Read:
    """How many times as fast ours is as the fastest of the others; early measurements have none."""

    def read(measurement: Measurement) -> Reading:
        rows = row_of(measurement["models"], "model", kind).get("peers", ())
        return next((spread(row, "ratio") for row in rows if "ratio" in row), Reading(None))

    return read


def of_viewers(rows: str, count: int, name: str, factor: float = 1) -> Read:
    """A figure for this number of viewers, from one of the topic's lists."""
    return lambda measurement: spread(row_of(measurement[rows], "viewers", count), name, factor)


def of_quality(kind: str, measure: str, name: str) -> Read:
    """The absolute difference between the precisions."""

    def read(measurement: Measurement) -> Reading:
        found = next(
            (row for row in measurement["compared"] if (row["model"], row["measure"]) == (kind, measure)), None
        )
        if found is None:
            raise KeyError(f"no {measure} of the {kind}")
        return Reading(None if found[name] is None else abs(found[name]))

    return read


def of_seeds(kind: str, measure: str) -> Read:
    """The difference between the precisions, with its 95 % interval over the seeds (Welch's t)."""

    def read(measurement: Measurement) -> Reading:
        row = next((row for row in measurement["compared"] if (row["model"], row["measure"]) == (kind, measure)), None)
        if row is None:
            raise KeyError(f"no {measure} of the {kind}")
        if len(row["fast"]) < 2:
            return Reading(abs(row["difference"]))
        value, low, high = mean_difference(row["fast"], row["float32"])
        ends = (low, high) if value >= 0 else (-high, -low)
        return Reading(round(abs(value), 4), *(round(end, 2) for end in ends))

    return read


def of_blocks(name: str, factor: float = 1) -> Read:
    return lambda measurement: middle_of(measurement[name], factor)


def middle_of(row: Measurement, factor: float = 1) -> Reading:
    """A figure stored as median, low and high."""
    return scaled(Reading(row["median"], row["low"], row["high"]), factor)


def to_sixty_screens(measurement: Measurement) -> Reading:
    """Seconds from an event to the screen: the longest wait until it is stored, plus the 95th percentile of its age on arrival."""
    return Reading(
        round(measurement["kept_back_seconds"] + row_of(measurement["windows"], "viewers", 60)["age_p95"], 3)
    )


def to_home(figure: str) -> Read:
    """Seconds until Home's pictures are on screen ("seen") or until it can be used ("grids"); without a browser not measured."""

    def read(measurement: Measurement) -> Reading:
        found = measurement["starts"].get(figure)
        return middle_of(found) if found else Reading(None)

    return read


def of_visit(name: str, figure: str, factor: float = 1) -> Read:
    """A figure of Home's first or second visit; without a browser, and in version 0.1, not measured. "seen" and "seconds" are
    medians."""

    def read(measurement: Measurement) -> Reading:
        visit = (measurement.get("visits") or {}).get(name)
        if visit is None or (figure == "seen" and "seen" not in visit):
            return Reading(None)
        if figure in ("seen", "seconds"):
            return middle_of(visit if figure == "seconds" else visit["seen"])
        return scaled(Reading(visit[figure]), factor)

    return read


def to_all_phones(measurement: Measurement) -> Reading:
    """Seconds until the last phone of a class that comes in has content; without a browser, and in version 0.1, not measured."""
    return Reading((measurement.get("joined") or {}).get("last"))


def to_open(measurement: Measurement) -> Reading:
    """The page or command that slows down most on a full store."""
    return spread(max(measurement["rows"], key=lambda row: row["ratio"]), "ratio")


def least_held(measurement: Measurement) -> Reading:
    """The share of fresh draws whose mean the least trustworthy interval of a verdict holds, in percent."""
    return Reading(round(100 * min(row["held"] for row in measurement["rows"]), 1))


def torch_imports(measurement: Measurement) -> Reading:
    return Reading(int(measurement["loaded"]["home"]["torch"]))


def to_next_page(measurement: Measurement) -> Reading:
    return spread(measurement["switches"], "heading_p95", 1000) if measurement["switches"] else Reading(None)


SIXTY = "Sixty runs of 20 events a second on a cluster"
RATIO, FLOOR = "one step, compared with the plain recipe", "share of the speed that its arithmetic alone would allow"
PEER = "one step, compared with the fastest of PyTorch, torch.compile and JAX"
APART = "difference between the two precisions, three seeds each"

TARGETS = (
    Target("train", f"GAN, {RATIO}", "at least", 4, "times as fast", of_model("gan", "ratio"), "aim 6"),
    Target("train", f"VAE, {RATIO}", "at least", 4, "times as fast", of_model("vae", "ratio"), "aim 6"),
    Target("train", "GAN, the same in epoch 20", "at least", 4, "times as fast", of_epoch("gan", 20, "ratio"), "aim 6"),
    Target("train", "VAE, the same in epoch 20", "at least", 4, "times as fast", of_epoch("vae", 20, "ratio"), "aim 6"),
    Target("train", f"GAN, {PEER}", "at least", 1.5, "times as fast", of_fastest_peer("gan")),
    Target("train", f"VAE, {PEER}", "at least", 1.5, "times as fast", of_fastest_peer("vae")),
    Target("train", f"GAN, {FLOOR}", "at least", 60, "%", of_model("gan", "share_of_floor", 100)),
    Target("train", f"VAE, {FLOOR}", "at least", 60, "%", of_model("vae", "share_of_floor", 100)),
    Target("quality", f"VAE, test ELBO {APART}", "at most", 0.5, "nats", of_seeds("vae", "negative_elbo")),
    Target("quality", f"GAN, Fréchet distance {APART}", "at most", 1, "times the seeds' spread", of_quality("gan", "frechet", "in_spreads")),
    Target("quality", f"VAE, Fréchet distance {APART}", "at most", 1, "times the seeds' spread", of_quality("vae", "frechet", "in_spreads")),
    Target(
        "intervals", "How often a verdict's interval holds the mean of fresh draws: the least of all figures", "at least", 90, "%", least_held
    ),
    Target("dashboard", "Training speed lost to one viewer", "at most", 5, "%", of_viewers("costs", 1, "cost", 100)),
    Target("dashboard", "Training speed lost to thirty viewers", "at most", 15, "%", of_viewers("costs", 30, "cost", 100)),
    Target("dashboard", "Both models at once: sum of their speeds relative to training alone", "at least", 85, "%", of_blocks("together", 100)),
    Target("start", "From `streamlit run` to Home's pictures on screen", "under", 3, "s", to_home("seen")),
    Target("start", "From `streamlit run` until Home can be used", "under", 3, "s", to_home("grids")),
    Target("start", "Home's first visit in a browser, to its pictures", "under", 1.5, "s", of_visit("first", "seen")),
    Target("start", "Home's first visit, until it can be used", "under", 1.5, "s", of_visit("first", "seconds")),
    Target("start", "Home's second visit, to its pictures", "under", 0.7, "s", of_visit("second", "seen")),
    Target("start", "Home's second visit, until it can be used", "under", 0.7, "s", of_visit("second", "seconds")),
    Target("start", "Transferred for Home's first visit before anything is touched", "at most", 3, "MB", of_visit("first", "bytes", 1e-6)),
    Target("start", "Requests of that visit", "at most", 90, "requests", of_visit("first", "requests")),
    Target("start", "Transferred for Home's second visit", "at most", 0.2, "MB", of_visit("second", "bytes", 1e-6)),
    Target("start", "PyTorch imported by the time Home is shown", "at most", 0, "imports", torch_imports),
    Target("start", "From the click to the next page's heading, 95th percentile", "under", 300, "ms", to_next_page),
    Target("viewers", "Sixty phones open Home within ten seconds: the last one's pictures are there after", "at most", 5, "s", to_all_phones),
    Target("viewers", "Lateness of news with sixty viewers, 95th percentile", "under", 150, "ms", of_viewers("windows", 60, "late_p95", 1000)),
    Target("viewers", "From an event to the screens of sixty viewers, 95th percentile", "at most", 1, "s", to_sixty_screens),
    Target("viewers", "The server's memory with ten viewers", "under", 350, "MB", of_viewers("windows", 10, "server_memory", 1e-6)),
    # "as fast": two medians of the same thing may differ by a tenth
    Target("store", "The slowest page with 1,000 runs and 1,000,000 events, relative to none", "at most", 1.1, "times as long", to_open, "as fast"),
    Target("verdict", "Evaluating both shipped models, nothing cached", "under", 60, "s", of("seconds")),
    Target("browser", "Dragging both squares of Explore", "at least", 55, "frames a second", of_blocks("drag_frames_a_second")),
    Target("cluster", f"{SIXTY}: the dispatcher's share of a core", "under", 50, "%", of_part("flood", "share_of_a_core", 100)),
    Target("cluster", f"{SIXTY}: from an event to the store, 95th percentile", "under", 0.5, "s", of_part("flood", "late_p95")),
    Target("cluster", f"{SIXTY}: the dispatcher's memory", "under", 600, "MB", of_part("flood", "memory", 1e-6)),
    Target("cluster", "A node of a cluster falls silent: until it is said", "at most", 35, "s", of_part("silent", "told")),
    Target("cluster", "A node of a cluster falls silent: until its run trains elsewhere", "at most", 90, "s", of_part("silent", "moved")),
    Target("gpu", "The whole paper, 50 + 51 epochs, on an H100", "under", 20, "s", of("seconds")),
)  # fmt: skip
