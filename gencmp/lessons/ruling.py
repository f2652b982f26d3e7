"""Whether the paper is right, in a sentence: by recorded seeds where there are any, else by what this run shows. Imports no torch."""

from __future__ import annotations

from gencmp.lessons.lesson import Finding
from gencmp.lessons.recorded import Record

HERE = {
    True: "In the runs above it is as the paper says.",
    False: "In the runs above it is not as the paper says.",
    None: "The runs above are too close to each other to tell.",
}


def ruling(record: Record, finding: Finding | None) -> str:
    """The answer, with its terms in brackets."""
    if record.holds:
        return by_seeds(record.holds)
    if finding is None:
        return "Not settled here: the runs have not come far enough."
    return f"{HERE[finding.holds]} One [seed] is not enough to say more."


def by_seeds(holds: list[bool | None]) -> str:
    """Of at least one seed, whether the claim held."""
    count, yes, no = len(holds), holds.count(True), holds.count(False)
    seeds = f"{count} [seeds|seed]" if count > 1 else "the one recorded [seed]"
    if yes == count:
        return f"Yes, in this experiment: it held with {'all ' if count > 1 else ''}{seeds}."
    if no == count:
        return f"No, not in this experiment: it held with {'none of ' if count > 1 else 'not even '}{seeds}."
    if yes == no == 0:
        return f"It cannot be told: with {seeds}, the differences are no larger than chance makes."
    unclear = count - yes - no
    more = f", and {unclear} {'is' if unclear == 1 else 'are'} too close to call" if unclear else ""
    if no == 0:
        return f"Yes, as far as can be told: of {seeds} it held with {yes}{more}."
    if yes == 0:
        return f"No, as far as can be told: of {seeds} it failed with {no}{more}."
    return f"It depends on chance, too: of {seeds} it held with {yes} and not with {no}{more}."
