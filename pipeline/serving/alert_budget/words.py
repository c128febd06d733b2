"""The alert budget in words and tables, and as a file."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd

from pipeline.model.evaluation import BudgetPoint
from pipeline.serving.alert_budget import AlertBudget, NamedStays
from pipeline.serving.rates import HIDDEN_NOTE
from pipeline.serving.spreadsheet import as_csv
from pipeline.serving.wording import UNKNOWN, count_text, date_text, decimal_text, plural, share_text, time_text

NO_MODEL = (
    "No readmission model is in use, so there is no budget to choose. A data steward trains one (python -m pipeline train) and"
    " promotes it (python -m pipeline promote); the rules and scores carry on without it."
)


def capacity_text(capacity: float, *, is_per_day: bool) -> str:
    """10 stays a day, or 10 % of discharges."""
    return f"{capacity:g} stays a day" if is_per_day else f"{share_text(capacity, 0)} of discharges"


def tiles(shown: AlertBudget) -> tuple[tuple[str, str, str], ...]:
    """The five figures at this budget: name, text, and what it means."""
    point = shown.point
    return (
        ("Sensitivity", share_text(point.sensitivity), "Share of all unplanned readmissions among the stays named"),
        ("PPV", share_text(point.ppv), "Share of the stays named that came back"),
        ("Reviews each", _needed(point), "Stays to review for each one that came back"),
        ("Named of 100", decimal_text(point.flags_per_100, 1), "Stays named out of 100 discharges"),
        ("Implied cut-off", share_text(point.cut_off), "Lowest probability that is still named on a day that uses the budget up"),
    )


def curve_caption(shown: AlertBudget) -> str:
    """On what the curve rests."""
    cohort = shown.evidence.evaluation.cohort
    return (
        f"{cohort.stays:,} index stays, {cohort.events:,} readmissions, each predicted by a model that had not seen the patient;"
        f" version {shown.evidence.promotion.version}, publication {cohort.publication or UNKNOWN}"
    )


def comparison_table(shown: AlertBudget) -> pd.DataFrame:
    """What other ways of choosing find with the same work, best first."""
    rows = [(shown.model, shown.point), *shown.others]
    table = pd.DataFrame(
        {
            "Chosen by": [model.title for model, _ in rows],
            "Sensitivity": [share_text(point.sensitivity) for _, point in rows],
            "PPV": [share_text(point.ppv) for _, point in rows],
            "Reviews each": [_needed(point) for _, point in rows],
            "Found": [point.true_positives for _, point in rows],
        }
    )
    return table.sort_values("Found", ascending=False, kind="stable", ignore_index=True)


def choices_table(shown: AlertBudget) -> pd.DataFrame:
    """Every choice, the newest first."""
    return pd.DataFrame(
        {
            "Budget": [capacity_text(choice.capacity, is_per_day=shown.is_per_day) for choice in shown.choices],
            "Cut-off then": [share_text(choice.cut_off) for choice in shown.choices],
            "Model version": [choice.model_version for choice in shown.choices],
            "Chosen by": [choice.chosen_by for choice in shown.choices],
            "Why": [choice.why for choice in shown.choices],
            "When": [time_text(choice.chosen_at) for choice in shown.choices],
        }
    )


def current_sentence(shown: AlertBudget) -> str:
    """What counts now."""
    if not shown.choices:
        return "No budget has been chosen yet; the page begins at ten a day."
    newest = shown.choices[0]
    said = f"The budget in use: {capacity_text(newest.capacity, is_per_day=shown.is_per_day)}, chosen by {newest.chosen_by}."
    if newest.model_version == shown.evidence.promotion.version:
        return said
    return f"{said} It was chosen for version {newest.model_version} of the model; look whether it still fits."


def named_caption(named: NamedStays) -> str:
    """Which day, and out of how many."""
    if named.unlisted:
        return "The stays that ended on the last day with discharges"
    if named.day is None:
        return "Nobody has been discharged yet"
    if named.is_suppressed:
        return f"{date_text(named.day)}, the last day with discharges. {HIDDEN_NOTE}"
    return (
        f"Of {plural(named.discharged_count, 'stay', 'stays')} that ended on {date_text(named.day)}, the last day with discharges;"
        f" {count_text(named.scored_count)} could be scored"
    )


def named_table(named: NamedStays) -> pd.DataFrame:
    """The stays that the budget names on that day."""
    rows = named.rows
    return pd.DataFrame(
        {
            "Patient": rows["patient_id"],
            "Age": rows["age_years"],
            "Site": rows["site_name"],
            "Ward": rows["ward_name"].fillna(UNKNOWN),
            "Went to": rows["disposition"].fillna(UNKNOWN),
            "Days": rows["length_of_stay_days"],
            "Probability": [share_text(probability) for probability in rows["readmission_probability"]],
        }
    )


def curve_csv(shown: AlertBudget) -> bytes:
    """The whole curve of the model, one line for each capacity, with where it comes from."""
    source = (
        shown.evidence.promotion.version,
        shown.evidence.evaluation.budget_unit,
        shown.evidence.evaluation.cohort.is_synthetic,
    )
    columns = [field.name for field in fields(BudgetPoint)]
    lines = ((*(getattr(point, name) for name in columns), *source) for point in shown.model.budget)
    return as_csv((*columns, "model_version", "budget_unit", "is_synthetic"), lines)


def _needed(point: BudgetPoint) -> str:
    return UNKNOWN if point.number_needed_to_review is None else decimal_text(point.number_needed_to_review, 1)
