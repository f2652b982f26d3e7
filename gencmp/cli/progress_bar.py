"""Progress of a command on standard error: a bar on a terminal, otherwise a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tqdm import tqdm

from gencmp.events import Epoch, Event, Finished, Started, Step
from gencmp.progress import Progress

LINE_EVERY = 2.0  # seconds between two lines of progress when standard error is not a terminal


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A Progress that draws the share of the work done and its current stage."""
    form = "{percentage:3.0f} %|{bar}| {elapsed} {desc}"
    with tqdm(total=1.0, disable=None, dynamic_ncols=True, bar_format=form) as bar:
        last = -LINE_EVERY

        def progress(share: float, words: str) -> None:
            nonlocal last
            if not bar.disable:
                bar.n = min(share, 1.0)
                bar.set_description_str(words)
            elif time.monotonic() - last >= LINE_EVERY:
                last = time.monotonic()
                print(f"{share:4.0%} {words}", file=sys.stderr, flush=True)

        yield progress


def training_bar(events: Iterator[Event]) -> Iterator[Event]:
    """Pass the events on and show their progress; without a terminal, one line per epoch."""
    bar: tqdm | None = None
    for event in events:
        match event:
            case Started():
                if event.data.get("remarks"):
                    print(f"{event.data['summary']}. {event.data['remarks']}", file=sys.stderr, flush=True)
                bar = tqdm(
                    total=event.steps, initial=event.step, unit="step", disable=None, dynamic_ncols=True,
                    desc=f"epoch {event.epoch}",
                )  # fmt: skip
                epochs, began, first = event.config["epochs"], time.monotonic(), event.step
                images_a_step = event.images * epochs / event.steps
            case Step() if bar is not None:
                seconds = max(time.monotonic() - began, 1e-3)  # some clocks tick 15 ms
                speed = (event.step - first) * images_a_step / seconds
                bar.update(event.step - bar.n)
                bar.set_description(f"epoch {event.epoch} of {epochs}", refresh=False)
                bar.set_postfix_str(f"{speed:,.0f} images/s, {_measured(event.measures)}", refresh=False)
            case Epoch() if bar is not None and bar.disable:
                words = f"epoch {event.epoch}: {event.images_per_second:,.0f} images/s, {_measured(event.measures)}"
                if "negative_elbo" in event.test:
                    words += f", test negative ELBO {event.test['negative_elbo']:.2f}"
                print(words, file=sys.stderr, flush=True)
            case Finished() if bar is not None:
                bar.update(event.step - bar.n)
        yield event
    if bar is not None:
        bar.close()


def _measured(measures: Mapping[str, float]) -> str:
    shown = {name.replace("_", " "): value for name, value in measures.items() if "gradient" not in name}
    return ", ".join(f"{name} {value:.3f}" for name, value in shown.items())
