import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from gencmp.schema import Misfit, check, parse_json


@dataclass(frozen=True)
class Part:
    name: str
    share: float | None = None


@dataclass(frozen=True)
class Whole:
    count: int
    parts: Sequence[Part]
    facts: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[tuple[int, int]] = ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": "3"}, "count is '3', wanted a whole number"),
        ({"count": True}, "count is True, wanted a whole number"),
        ({"count": 2**63}, "count is a number of more than 64 bits, wanted a whole number"),
        ({"parts": {}}, "parts is an object, wanted a list"),
        ({"parts": [{"share": 1.0}]}, r"parts\[0\].name is missing"),
        ({"parts": [{"name": "a", "share": "b"}]}, r"parts\[0\].share is 'b', wanted a number"),
        ({"parts": [{"name": "a", "share": float("nan")}]}, "wanted a number"),
        ({"rows": [[1, 2, 3]]}, r"rows\[0\] is a list of 3, wanted a list of 2"),
        ({"facts": []}, "facts is a list of 0, wanted an object"),
    ],
)
def test_a_value_of_another_type_is_named_with_its_place(change: Any, words: str) -> None:
    good = {"count": 3, "parts": [{"name": "a"}, {"name": "b", "share": None}], "more": "of a later version"}
    check(Whole, good)
    with pytest.raises(Misfit, match=words):
        check(Whole, good | change)


@pytest.mark.parametrize(
    "text", ["{", "", "NaN", "[1e999]", "[-Infinity]", "[" * 100_000, "1" * 5000, r'"\ud800"', b"\xff"]
)
def test_json_that_no_program_can_use_is_refused(text: Any) -> None:
    with pytest.raises(Misfit):
        parse_json(text)


def test_good_json_is_read_as_json_reads_it() -> None:
    text = '{"a": [1, -2.5, 1e-7, 9223372036854775807], "\\ud83c\\udf89": null}'
    assert parse_json(text) == parse_json(text.encode()) == json.loads(text)
