"""Stored measurements of a model or of a pair of models, for every page that shows them."""

from __future__ import annotations

from typing import NamedTuple

from gencmp.errors import GencmpError
from gencmp.evaluation.comparison import Row, compare
from gencmp.evaluation.judges.panel import file_key
from gencmp.evaluation.verdicts import Verdict, kept_judgement
from gencmp.runs.catalog import ModelRecord
from gencmp.settings.stored import config_for_use


class Compared(NamedTuple):
    """The comparison, one row a criterion, and the verdicts that it was made from."""

    rows: list[Row]
    gan: Verdict
    vae: Verdict
    floor: Verdict


def judged(record: ModelRecord) -> tuple[Verdict | None, Verdict | None]:
    """The stored verdict on a model's last saved epoch, and the floor of its data; None where not measured."""
    kept = record.folder.kept()
    if not kept:
        return None, None
    return kept_judgement(file_key(record.folder.weights(kept[-1])), config_for_use(record.run.config)[0])


def rows_of(gan: ModelRecord, vae: ModelRecord) -> Compared | None:
    """The comparison; None while either model is not measured. Raises GencmpError if their data differ."""
    if (gan.run.config["dataset"], gan.run.config["classes"]) != (vae.run.config["dataset"], vae.run.config["classes"]):
        raise GencmpError(
            "These two models were trained on different data, so their figures cannot be compared. Choose two with the same data."
        )
    (by_gan, floor), (by_vae, _) = judged(gan), judged(vae)
    return Compared(compare(by_gan, by_vae, floor), by_gan, by_vae, floor) if by_gan and by_vae and floor else None
