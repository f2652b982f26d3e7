"""The metadata of gencmp's safetensors files: the settings and origin of the weights. Read without torch.

To use the weights, only the settings that build the networks must be valid here. Settings of the training may be unknown:
a later version may have added some, and another system may have other paths.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from gencmp.errors import ConfigError, SnapshotError
from gencmp.schema import Misfit, check, parse_json
from gencmp.settings.configs import Config, network_settings
from gencmp.settings.layers import network_layers
from gencmp.settings.own_folder import portable_config
from gencmp.settings.stored import config_for_use
from gencmp.version import VERSION

FORMAT = 1
METADATA = "__metadata__"
LONGEST = 10_000_000  # bytes of a header; a network of 24 layers and its optimiser have 10,000
COMMON = 50_000_000  # bytes; whether a larger file may be so large is asked of its header first
STATE = 3  # weights and the two moments of Adam, where the state of a training is in the file, too
FLOATS = ("F16", "BF16", "F32")


@dataclass(frozen=True)
class _Entry:
    """What a file's header says of a tensor."""

    dtype: str
    shape: Sequence[int]
    data_offsets: tuple[int, int]


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
        "layers": _layers(config), "epoch": epoch, "step": step, "seconds": seconds, "data": dict(data),
    }  # fmt: skip
    return {"gencmp": json.dumps(facts)}


def read_content(path: Path) -> bytes:
    """The content of a file of ours, which is read as a whole only if the networks of its settings can be so large.

    Raises OSError when it cannot be read, and SnapshotError when it is larger, or has no header of ours.
    """
    size = path.stat().st_size
    if size > COMMON:
        _refuse_larger_than_networks(path, size)
    return path.read_bytes()


def _refuse_larger_than_networks(path: Path, size: int) -> None:
    try:
        config = _config(parse_json(_stored_in(_header(_header_in(path)))), str(path))[0]
    except (ConfigError, KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise not_ours(str(path), error) from None
    weights = sum(prod(shape) for shape in _tensor_shapes(config).values())
    most = COMMON + STATE * 4 * weights
    if size > most:
        raise not_ours(
            str(path), ValueError(f"it has {size / 1e6:,.0f} MB, its settings want at most {most / 1e6:,.0f}")
        )


def _header_in(path: Path) -> bytes:
    """The first bytes of a file: the length of its header, and the header. Raises ValueError for one that is too long."""
    with path.open("rb") as file:
        start = file.read(8)
        length = _header_length(start)
        if length > LONGEST:
            raise ValueError(f"its header would have {length / 1e6:,.0f} MB")
        return start + file.read(length)


def read_facts(content: bytes, source: str) -> Facts:
    """Raises SnapshotError, naming `source`, when gencmp did not write the content, it is damaged, or it is from a later
    version whose networks this one cannot build."""
    try:
        header = _header(content)
        check(Mapping[str, _Entry], {name: each for name, each in header.items() if name != METADATA}, "its header")
        _refuse_cut_off(header, content)
        stored = parse_json(_stored_in(header))
        _refuse_later_format(stored["format"], source)
        config, ignored = _config(stored, source)
        data = dict(stored.get("data", {}))
        check(Mapping[str, str], data, "data")
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
    stored = parse_json(_stored_in(header))
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
    """Raises ValueError for content that is no file of ours."""
    header = _header(content)
    return {"gencmp": _stored_in(header)}


def epoch_of(path: Path) -> int | None:
    """The epoch that a file is of, from its header alone; None where there is no file of ours."""
    try:
        return int(parse_json(metadata_of(_header_in(path))["gencmp"])["epoch"])
    except (OSError, KeyError, TypeError, ValueError):
        return None


def _header(content: bytes) -> dict[str, Any]:
    # parsed here because safetensors' load functions drop the metadata; a file begins with a 64-bit length and a JSON header
    header: dict[str, Any] = parse_json(content[8 : 8 + min(_header_length(content), LONGEST)])
    check(Mapping[str, Any], header, "its header")
    return header


def _stored_in(header: Mapping[str, Any]) -> str:
    metadata = header.get(METADATA)
    check(Mapping[str, str], metadata, METADATA)
    if metadata is None or "gencmp" not in metadata:
        raise Misfit("it does not say which settings it was made with")
    return str(metadata["gencmp"])


def _header_length(content: bytes) -> int:
    return int.from_bytes(content[:8], "little")


def _refuse_cut_off(header: Mapping[str, Any], content: bytes) -> None:
    ends = (entry["data_offsets"][1] for name, entry in header.items() if name != METADATA)
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


def _layers(config: Config) -> dict[str, list[dict[str, Any]]]:
    """How the networks are built, for readers of the file that do not know our settings, such as nets.js."""
    return {name: [layer.to_dict() for layer in layers] for name, layers in network_layers(config).items()}


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


def _refuse_other_networks(header: Mapping[str, Any], config: Config, stored: Mapping[str, Any], source: str) -> None:
    """Tensors that this version's networks lack would otherwise be ignored silently."""
    if "layers" in stored and stored["layers"] != _layers(config):  # files of early versions, all dense, have no list
        raise _too_new(source, "their layers are others than its settings make here", stored)
    found, wanted = {name for name in header if name.startswith("model/")}, _tensor_shapes(config)
    if more := sorted(found - wanted.keys()):
        raise _too_new(source, f"they have {more[0]}, which its own do not have", stored)
    if missing := sorted(wanted.keys() - found):
        raise not_ours(source, ValueError(f"{missing[0]} is missing"))
    for name, shape in wanted.items():
        entry = header[name]
        if tuple(entry["shape"]) != shape or entry["dtype"] not in FLOATS:
            there = f"{entry['dtype']} {entry['shape']}"
            raise not_ours(source, ValueError(f"{name} is {there}, its settings want {FLOATS[-1]} {list(shape)}"))


def _tensor_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for network, layers in network_layers(config).items():
        for place, layer in enumerate(layers):
            name = f"model/{network}/layers.{place}"
            shapes |= {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}
    return shapes


def _too_new(source: str, why: str, stored: Mapping[str, Any]) -> SnapshotError:
    writer = stored.get("gencmp")
    wanted = f"Update gencmp to {writer} or later." if writer not in (None, VERSION) else "Update gencmp."
    return SnapshotError(
        f"{source} holds networks that this version of gencmp, {VERSION}, cannot build: {why}. {wanted}"
    )
