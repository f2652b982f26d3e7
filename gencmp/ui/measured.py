"""What has been measured of a model or a pair of them, for every page that shows it."""

from __future__ import annotations

from typing import NamedTuple

from gencmp.errors import GencmpError
from gencmp.evaluation.comparison import Row, compare
from gencmp.evaluation.verdicts import Verdict, file_key, kept_judgement
from gencmp.runs.catalog import ModelRecord
from gencmp.settings.configs import config_for_use


class Compared(NamedTuple):
    """Criterion by criterion, and what they were made from."""

    rows: list[Row]
    gan: Verdict
    vae: Verdict
    floor: Verdict


def judged(record: ModelRecord) -> tuple[Verdict | None, Verdict | None]:
    """The kept verdict on a model's last epoch, and the floor of its data; None where it has not been measured."""
    kept = record.folder.kept()
    if not kept:
        return None, None
    return kept_judgement(file_key(record.folder.weights(kept[-1])), config_for_use(record.run.config)[0])


def rows_of(gan: ModelRecord, vae: ModelRecord) -> Compared | None:
    """The comparison; None while something is not measured. Raises GencmpError for data that differ."""
    if (gan.run.config["dataset"], gan.run.config["classes"]) != (vae.run.config["dataset"], vae.run.config["classes"]):
        raise GencmpError(
            "These two learnt from different data, so their figures cannot be compared. Choose two of the same data."
        )
    (by_gan, floor), (by_vae, _) = judged(gan), judged(vae)
    return Compared(compare(by_gan, by_vae, floor), by_gan, by_vae, floor) if by_gan and by_vae and floor else None
