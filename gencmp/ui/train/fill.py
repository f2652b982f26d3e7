"""What the form of settings starts with, from an address or from runs, and the address of what it holds. Knows no Streamlit.

An address names what differs from a preset: `models=gan&preset=strong-discriminator&epochs=5`. A setting of both models
may be given for one of them: `vae.batch_size=50`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from gencmp.errors import ConfigError
from gencmp.runs.run import Run
from gencmp.settings.address import OWN as OWN
from gencmp.settings.address import address_of_form as address_of_form
from gencmp.settings.address import differences
from gencmp.settings.configs import CONFIGS, DATASETS, Config
from gencmp.settings.presets import PRESETS, preset
from gencmp.settings.setting import parse_setting, settings_of
from gencmp.settings.stored import config_for_use

BOTH = ("gan", "vae")
ALIASES = {"digits": "classes", "images": "limit", "data": "dataset"}
FORM = ("models", "preset")  # parts of an address that are no settings
LONGEST = 100  # characters of a value in an address


@dataclass(frozen=True)
class Fill:
    """presets: the name of each model's preset. configs: its settings. mistakes: sentences about what an address asked in vain.

    note: a sentence about what the form cannot show of runs that differ.

    token: ends the keys of the form's widgets, so that other contents make other widgets.
    """

    presets: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(BOTH, "paper"))
    configs: Mapping[str, Config] = field(default_factory=lambda: {kind: CONFIGS[kind]() for kind in BOTH})
    is_own: bool = False
    mistakes: tuple[str, ...] = ()
    note: str = ""
    token: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.presets)

    @property
    def dataset(self) -> str:
        """A name of DATASETS, or OWN."""
        found = next(iter(self.configs.values())).dataset
        return OWN if self.is_own or found not in DATASETS else found

    @property
    def folder(self) -> str:
        """Where the own pictures are; empty if that is not known here."""
        found = next(iter(self.configs.values())).dataset
        return found if self.dataset == OWN and Path(found).is_absolute() else ""

    def key(self, name: str) -> str:
        return name + self.token

    def start(self, kind: str, name: str) -> Config:
        """The settings that the fields of a model start with, if the form shows this preset."""
        return self.configs[kind] if self.presets.get(kind) == name else preset(kind, name).config

    def shared(self, names: Mapping[str, str], setting: str) -> Any:
        """The value of a setting that is one field for all models; None where it is each preset's own."""
        values = {getattr(self.start(kind, name), setting) for kind, name in names.items()}
        usual = all(
            getattr(self.start(kind, name), setting) == getattr(preset(kind, name).config, setting)
            for kind, name in names.items()
        )
        return values.pop() if len(values) == 1 and not usual else None


def is_of_the_form(part: str) -> bool:
    """Whether a part of the address belongs to the form; others, such as `runs`, are left alone."""
    kind, _, name = part.rpartition(".")
    name = ALIASES.get(name, name)
    if kind:
        return kind in CONFIGS and name in settings_of(CONFIGS[kind])
    return name in FORM or any(name in settings_of(each) for each in CONFIGS.values())


def fill_of_address(parts: Mapping[str, str]) -> Fill:
    """What an address asks for; what it asks in vain is as in the preset, and is told."""
    mistakes: list[str] = []
    presets = _presets(parts.get("models", ""), parts.get("preset", "paper"), mistakes)
    configs = {kind: preset(kind, name).config for kind, name in presets.items()}
    is_own = False
    for part, text in parts.items():
        kind, _, name = part.rpartition(".")
        name, text = ALIASES.get(name, name), text[:LONGEST]
        if name in FORM or not is_of_the_form(part):
            continue
        if (name, text) == ("dataset", OWN):
            is_own = True
            continue
        for each in [kind] if kind in presets else presets if not kind else ():
            try:
                configs[each] = _changed(configs[each], name, text)
            except ConfigError as error:
                mistakes.append(str(error))
    token = f"~{crc32(repr(sorted(parts.items())).encode()):08x}"
    return Fill(presets, configs, is_own, tuple(dict.fromkeys(mistakes)), token=token)


def _presets(models: str, name: str, mistakes: list[str]) -> dict[str, str]:
    """kind -> name of the preset. A preset of one model alone implies that model."""
    name = name[:LONGEST]
    having = [kind for kind in BOTH if name in PRESETS[kind]]
    kinds: Sequence[str] = [models] if models in BOTH else having or BOTH
    if models not in ("", "both", *BOTH):
        mistakes.append(f"Models: found {models[:LONGEST]!r}, wanted gan, vae or both.")
    for kind in kinds:
        try:
            preset(kind, name)
        except ConfigError as error:
            mistakes.append(f"Preset: {error}")
            name = "paper"
    return dict.fromkeys(kinds, name)


def _changed(config: Config, name: str, text: str) -> Config:
    """Raises ConfigError. A setting that this model does not have changes nothing: it is the other one's."""
    if name not in settings_of(config):
        return config
    if name == "dataset" and text not in DATASETS:
        raise ConfigError(name, f"Data set: found {text!r}, wanted one of {', '.join((*DATASETS, OWN))}.")
    return config.replace(**{name: parse_setting(type(config), name, text)})


def fill_of_runs(runs: Iterable[Run]) -> Fill:
    """The settings of the first run of each kind; the paper's if there is none that this version can read."""
    runs = list(runs)
    first = {run.kind: run for run in reversed(runs)}
    try:
        configs = {kind: config_for_use(first[kind].config)[0] for kind in BOTH if kind in first}
    except ConfigError:
        configs = {}
    if not configs:
        return Fill()
    presets = dict.fromkeys(configs, _nearest_preset(configs, {first[kind].based_on for kind in configs}))
    differing = [
        settings_of(config)[name].label
        for name in ("epochs", "seed", "limit", "classes")
        for config in list(configs.values())[:1]
        if len(runs) == len(configs)  # of a race's variants nobody expects that one form shows them all
        and len({getattr(each, name) for each in configs.values()}) > 1
        and any(getattr(configs[k], name) != getattr(preset(k, presets[k]).config, name) for k in configs)
    ]
    note = (
        f"{', '.join(differing).capitalize()}: these runs differ, so the form shows the presets' values."
        if differing
        else ""
    )
    return Fill(presets, configs, note=note, token="~" + ",".join(first[kind].id for kind in configs))


def _nearest_preset(configs: Mapping[str, Config], based_on: set[str]) -> str:
    """The preset that all these runs started from; else the one, which all these models have, from which they differ least."""
    shared = [name for name in PRESETS["gan"] | PRESETS["vae"] if all(name in PRESETS[kind] for kind in configs)]
    if len(based_on) == 1 and based_on <= set(shared):
        return based_on.pop()
    return min(shared, key=lambda name: sum(len(differences(c, preset(k, name).config)) for k, c in configs.items()))
