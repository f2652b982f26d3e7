from pathlib import Path
from typing import Any

import pytest

from gencmp.data.load import load
from gencmp.errors import DataError
from gencmp.settings.configs import VaeConfig
from gencmp.settings.own_folder import folder_here, name_of, names_folder, portable, portable_config, refuse_absent
from gencmp.settings.stored import config_from_dict

WHOLE = {
    "/home/anna/digits": "digits",
    r"C:\Users\anna\digits": "digits",
    "D:/digits/": "digits",
    r"\\server\share\class 7": "class 7",
    "/home/anna/a\\b": "a_b",
    "/": "pictures",
    "/home/anna/mnist": "mnist",
}


@pytest.mark.parametrize("dataset", WHOLE)
def test_a_whole_path_of_any_system_is_a_folder_of_which_the_name_may_be_told(dataset: Any) -> None:
    assert names_folder(dataset) and name_of(dataset) == WHOLE[dataset]
    assert portable(dataset) == f"folder:{WHOLE[dataset]}"
    assert VaeConfig(dataset=dataset).dataset == dataset


@pytest.mark.parametrize("dataset", ["mnist", "qmnist", "folder:digits", "folder:mnist"])
def test_what_tells_no_path_stays_as_it_is(dataset: str) -> None:
    assert portable(dataset) == dataset
    assert config_from_dict(portable_config(VaeConfig(dataset=dataset).to_dict())).dataset == dataset


@pytest.mark.parametrize(
    "dataset", ["digits", "../digits", "C:digits", r"\digits", "folder:", "folder:a/b", r"folder:..\b", ""]
)
def test_anything_else_names_no_folder(dataset: str) -> None:
    assert not names_folder(dataset)


@pytest.mark.parametrize("dataset", [r"C:\Users\anna\digits", "folder:digits", "folder:mnist"])
def test_a_folder_elsewhere_is_never_looked_up_here(
    dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (dataset, name_of(dataset)):
        (tmp_path / name).mkdir()
    for attempt in (folder_here, refuse_absent, lambda each: load(VaeConfig(dataset=each))):
        with pytest.raises(DataError, match=rf"'{name_of(dataset)}'.* is not on this computer\..* can be\s+sampled"):
            attempt(dataset)


def test_a_folder_here_is_found(tmp_path: Path) -> None:
    assert folder_here(str(tmp_path)) == tmp_path
    refuse_absent(str(tmp_path))
    refuse_absent("mnist")
    with pytest.raises(DataError, match="is not on this computer"):
        refuse_absent(str(tmp_path / "gone"))
