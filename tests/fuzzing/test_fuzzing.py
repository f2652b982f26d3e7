import random
from pathlib import Path

import pytest

from gencmp.errors import GencmpError
from gencmp.fuzzing.mutations import mutated, mutated_json
from gencmp.fuzzing.readers import Kind
from gencmp.fuzzing.run import Outcome, _try, as_table, fuzz

FILES = 400


def test_nothing_but_sentences_comes_out_of_changed_files() -> None:
    outcomes = fuzz(FILES, seed=7)
    assert {each.kind: dict(each.defects) for each in outcomes if each.defects} == {}
    assert len(outcomes) == 12 and all(each.sentences > each.count / 4 for each in outcomes)


def test_changes_are_the_same_for_the_same_seed() -> None:
    for change in (mutated, mutated_json):
        one, two = (change(b'{"a": [1, {"b": 2}]}', b"other", random.Random(3)) for _ in range(2))
        assert one == two


@pytest.mark.parametrize(
    ("raised", "expected"), [(None, (1, 0, 0)), (GencmpError("a sentence"), (0, 1, 0)), (KeyError("x"), (0, 0, 1)),
     (GencmpError("x" * 3000), (0, 0, 1))],
)  # fmt: skip
def test_anything_but_a_sentence_is_counted_as_a_defect(
    raised: Exception | None, expected: tuple[int, int, int]
) -> None:
    def use(path: Path) -> None:
        if raised:
            raise raised

    outcome = Outcome("cards")
    _try(Kind("cards", [b"x"], use), Path("x"), outcome)
    assert (outcome.read, outcome.sentences, outcome.defects.total()) == expected
    assert f"cards {1:>20,}" in as_table([outcome])
