"""What a safetensors file of ours says of itself: its settings and where they come from. Read without torch.

To use weights, only what builds the networks has to be understood: not where the model was trained, nor what a later
version has to say of how.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from gencmp.errors import ConfigError, SnapshotError
from gencmp.settings.configs import Config, config_for_use, network_settings
from gencmp.settings.own_folder import portable_config
from gencmp.settings.widths import network_widths
from gencmp.version import VERSION

FORMAT = 1


@dataclass(frozen=True)
class Facts:
    """ignored: settings that this version does not know, or values that it does not; none of them builds a network."""

    config: Config
    epoch: int
    step: int
    seconds: float
    data: Mapping[str, str] = field(default_factory=dict)  # "name" and "fingerprint" of what it was trained on
    ignored: tuple[str, ...] = ()


def to_metadata(config: Config, epoch: int, step: int, seconds: float, data: Mapping[str, str]) -> dict[str, str]:
    """For the header of the file."""
    facts = {
        "format": FORMAT, "gencmp": VERSION, "networks": network_settings(type(config)), "config": config.to_dict(),
        "epoch": epoch, "step": step, "seconds": seconds, "data": dict(data),
    }  # fmt: skip
    return {"gencmp": json.dumps(facts)}


def read_facts(content: bytes, source: str) -> Facts:
    """Raises SnapshotError, naming `source`, when the content is none of ours, damaged, or of a later version whose
    networks this one cannot build."""
    try:
        header = _header(content)
        _refuse_cut_off(header, content)
        told = json.loads(header["__metadata__"]["gencmp"])
        _refuse_later_format(told["format"], source)
        config, ignored = _config(told, source)
        facts = Facts(
            config, int(told["epoch"]), int(told["step"]), float(told["seconds"]), dict(told.get("data", {})), ignored
        )
    except (ConfigError, KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise not_ours(source, error) from None
    _refuse_other_networks(header, config, told, source)
    return facts


def not_ours(source: str, error: Exception) -> SnapshotError:
    return SnapshotError(
        f"{source} is no gencmp snapshot, or damaged ({error}). Wanted: a .safetensors file that gencmp wrote."
    )


def without_paths(content: bytes) -> bytes:
    """The same file as it may leave this computer: of a folder of own pictures it tells the name alone."""
    header = _header(content)
    told = json.loads(header["__metadata__"]["gencmp"])
    changed = told | {"config": portable_config(told["config"])}
    if changed == told:
        return content
    header["__metadata__"]["gencmp"] = json.dumps(changed)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the tensors stay aligned
    return len(text).to_bytes(8, "little") + text + content[8 + _header_length(content) :]


def halved(content: bytes, names: str = "") -> bytes:
    """The same file in float16; where `names` is given, only the tensors whose names begin with it."""
    halves = {name: t.astype(np.float16) for name, t in load_tensors(content).items() if name.startswith(names)}
    return save_tensors(halves, metadata_of(content))


def metadata_of(content: bytes) -> dict[str, str]:
    metadata: dict[str, str] = _header(content)["__metadata__"]
    return metadata


def _header(content: bytes) -> dict[str, Any]:
    # safetensors' own loaders leave the metadata out: a 64-bit length, then a JSON header
    header: dict[str, Any] = json.loads(content[8 : 8 + _header_length(content)])
    return header


def _header_length(content: bytes) -> int:
    return int.from_bytes(content[:8], "little")


def _refuse_cut_off(header: Mapping[str, Any], content: bytes) -> None:
    ends = (entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
    wanted = 8 + _header_length(content) + max(ends, default=0)
    if len(content) != wanted:
        raise ValueError(f"it has {len(content)} bytes instead of {wanted}")


def _refuse_later_format(found: Any, source: str) -> None:
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise ValueError(f"its format is {found!r}")
    if found > FORMAT:
        raise SnapshotError(
            f"{source} was written by a later version of gencmp (format {found}; this one reads {FORMAT}). Update gencmp."
        )


def _config(told: Mapping[str, Any], source: str) -> tuple[Config, tuple[str, ...]]:
    if not isinstance(told["config"], dict):
        raise ValueError(f"its settings are {told['config']!r}")
    try:
        config, ignored = config_for_use(told["config"])
    except ConfigError as error:
        if error.field == "kind" and "gencmp" not in told:
            raise
        raise _too_new(source, str(error).rstrip("."), told) from None
    if unknown := [name for name in ignored if name in told.get("networks", ())]:
        raise _too_new(source, f"they are made with {', '.join(unknown)}, which it does not know", told)
    return config, ignored


def _refuse_other_networks(names: Iterable[str], config: Config, told: Mapping[str, Any], source: str) -> None:
    """More weights than this version's networks have would be left out in silence; shapes are compared when loading."""
    found, wanted = {name for name in names if name.startswith("model/")}, _tensor_names(config)
    if more := sorted(found - wanted):
        raise _too_new(source, f"they have {more[0]}, which its own have not", told)
    if missing := sorted(wanted - found):
        raise not_ours(source, ValueError(f"{missing[0]} is missing"))


def _tensor_names(config: Config) -> set[str]:
    return {
        f"model/{network}/layers.{layer}.{part}"
        for network, widths in network_widths(config).items()
        for layer, _ in enumerate(pairwise(widths))
        for part in ("weight", "bias")
    }


def _too_new(source: str, why: str, told: Mapping[str, Any]) -> SnapshotError:
    writer = told.get("gencmp")
    wanted = f"Update gencmp to {writer} or later." if writer not in (None, VERSION) else "Update gencmp."
    return SnapshotError(
        f"{source} holds networks that this version of gencmp, {VERSION}, cannot build: {why}. {wanted}"
    )
