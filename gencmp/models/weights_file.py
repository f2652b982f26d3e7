"""The metadata of gencmp's safetensors files: the settings and origin of the weights. Read without torch.

To use the weights, only the settings that build the networks must be valid here. Settings of the training may be unknown:
a later version may have added some, and another system may have other paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
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
    """The metadata of one file.

    ignored: settings whose name or value this version does not know; none of them affects the networks.
    """

    config: Config
    epoch: int
    step: int
    seconds: float
    data: Mapping[str, str] = field(default_factory=dict)  # "name" and "fingerprint" of the training data
    ignored: tuple[str, ...] = ()


def to_metadata(config: Config, epoch: int, step: int, seconds: float, data: Mapping[str, str]) -> dict[str, str]:
    """The `__metadata__` entry of the file's header."""
    facts = {
        "format": FORMAT, "gencmp": VERSION, "networks": network_settings(type(config)), "config": config.to_dict(),
        "epoch": epoch, "step": step, "seconds": seconds, "data": dict(data),
    }  # fmt: skip
    return {"gencmp": json.dumps(facts)}


def read_facts(content: bytes, source: str) -> Facts:
    """Raises SnapshotError, naming `source`, when gencmp did not write the content, it is damaged, or it is from a later
    version whose networks this one cannot build."""
    try:
        header = _header(content)
        _refuse_cut_off(header, content)
        stored = json.loads(header["__metadata__"]["gencmp"])
        _refuse_later_format(stored["format"], source)
        config, ignored = _config(stored, source)
        data = dict(stored.get("data", {}))
        facts = Facts(config, int(stored["epoch"]), int(stored["step"]), float(stored["seconds"]), data, ignored)
    except (ConfigError, KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise not_ours(source, error) from None
    _refuse_other_networks(header, config, stored, source)
    return facts


def not_ours(source: str, error: Exception) -> SnapshotError:
    return SnapshotError(
        f"{source} is not a gencmp snapshot, or is damaged ({error}). Wanted: a .safetensors file that gencmp wrote."
    )


def without_paths(content: bytes) -> bytes:
    """The same file, safe to share: of the path to a folder of own pictures only the folder's name is left."""
    header = _header(content)
    stored = json.loads(header["__metadata__"]["gencmp"])
    changed = stored | {"config": portable_config(stored["config"])}
    if changed == stored:
        return content
    header["__metadata__"]["gencmp"] = json.dumps(changed)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # keeps the tensors aligned to 8 bytes
    return len(text).to_bytes(8, "little") + text + content[8 + _header_length(content) :]


def halved(content: bytes, names: str = "") -> bytes:
    """The same file in float16, with only the tensors whose names begin with `names`."""
    halves = {name: t.astype(np.float16) for name, t in load_tensors(content).items() if name.startswith(names)}
    return save_tensors(halves, metadata_of(content))


def metadata_of(content: bytes) -> dict[str, str]:
    metadata: dict[str, str] = _header(content)["__metadata__"]
    return metadata


def epoch_of(path: Path) -> int | None:
    """The epoch that a file is of, from its header alone; None where there is no file of ours."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            stored = json.loads(metadata_of(start + file.read(_header_length(start)))["gencmp"])
        return int(stored["epoch"])
    except (OSError, KeyError, TypeError, ValueError):
        return None


def _header(content: bytes) -> dict[str, Any]:
    # parsed here because safetensors' load functions drop the metadata; a file begins with a 64-bit length and a JSON header
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


def _config(stored: Mapping[str, Any], source: str) -> tuple[Config, tuple[str, ...]]:
    if not isinstance(stored["config"], dict):
        raise ValueError(f"its settings are {stored['config']!r}")
    try:
        config, ignored = config_for_use(stored["config"])
    except ConfigError as error:
        if error.field == "kind" and "gencmp" not in stored:
            raise
        raise _too_new(source, str(error).rstrip("."), stored) from None
    if unknown := [name for name in ignored if name in stored.get("networks", ())]:
        raise _too_new(source, f"they are made with {', '.join(unknown)}, which it does not know", stored)
    return config, ignored


def _refuse_other_networks(names: Iterable[str], config: Config, stored: Mapping[str, Any], source: str) -> None:
    """Tensors that this version's networks lack would otherwise be ignored silently. Shapes are compared when loading."""
    found, wanted = {name for name in names if name.startswith("model/")}, _tensor_names(config)
    if more := sorted(found - wanted):
        raise _too_new(source, f"they have {more[0]}, which its own do not have", stored)
    if missing := sorted(wanted - found):
        raise not_ours(source, ValueError(f"{missing[0]} is missing"))


def _tensor_names(config: Config) -> set[str]:
    return {
        f"model/{network}/layers.{layer}.{part}"
        for network, widths in network_widths(config).items()
        for layer, _ in enumerate(pairwise(widths))
        for part in ("weight", "bias")
    }


def _too_new(source: str, why: str, stored: Mapping[str, Any]) -> SnapshotError:
    writer = stored.get("gencmp")
    wanted = f"Update gencmp to {writer} or later." if writer not in (None, VERSION) else "Update gencmp."
    return SnapshotError(
        f"{source} holds networks that this version of gencmp, {VERSION}, cannot build: {why}. {wanted}"
    )
