import dataclasses
from typing import Any

import numpy as np
import pytest

from gencmp.events import (
    EVENTS,
    Changed,
    Checkpoint,
    Checkup,
    Epoch,
    Event,
    Finished,
    Moment,
    Preview,
    Started,
    Step,
    from_json,
    to_json,
)
from gencmp.settings.configs import VaeConfig

PICTURES: dict[str, np.ndarray] = {
    "samples": np.arange(2 * 28 * 28).reshape(2, 28, 28).astype(np.uint8),
    "means": np.array([[0.5, -1.25]], np.float16),
}
EXAMPLES: list[Event] = [
    Started("vae", VaeConfig().to_dict(), 0, 0, 30_600, 60_000, "cpu", 2, "float32", {"torch": "2"}, 62.3),
    Step(10, 1, {"reconstruction": 180.25, "kl": 0.1}),
    Changed(1, 11, {"beta": 1.0}, {"beta": 4.0}),
    Moment(
        1,
        11,
        "generator",
        "discriminator",
        2,
        2,
        {"d_fake": 0.4},
        {"generator": [0.1, 0.2]},
        {"fakes": [0.5]},
        PICTURES,
        3,
        3,
    ),
    Preview(1, 10, PICTURES),
    Epoch(1, 600, 5.5, 10_000.0, {"kl": 1.0}, {"kl": 1.1}, {"negative_elbo": 161.0}, PICTURES),
    Checkpoint(1, 600, b"\x00state\xff", None),
    Checkpoint(1, 600, b"", b"weights"),
    Checkup(1, 600, 7.5, 0.5, [0.1] * 10, [7]),
    Finished(51, 30_600, 280.0),
]


def plain(value: Any) -> Any:
    """Comparable with ==: arrays as dtype, shape and bytes."""
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.tobytes()
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def test_the_examples_are_all_there_are() -> None:
    assert {type(event).__name__ for event in EXAMPLES} == set(EVENTS)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_json_there_and_back(event: Any) -> None:
    line = to_json(event)
    back = from_json(line)
    assert type(back) is type(event) and "\n" not in line
    assert plain(vars(back)) == plain(vars(event))


def test_what_is_no_fact_has_no_place_in_an_event() -> None:
    with pytest.raises(TypeError, match="an event cannot contain values of type object"):
        to_json(Step(1, 1, {"loss": object()}))  # type: ignore[dict-item]  # the mistake that is tried


def test_events_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        EXAMPLES[1].step = 11  # type: ignore[misc]  # the mistake that is tried
