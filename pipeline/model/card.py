"""The model card: what TRIPOD+AI and the HTI-1 rule ask to be said of a predictive model, filled from its training run. Pure.

Sources: TRIPOD+AI statement (Collins et al., BMJ 2024;385:e078378); source attributes of predictive decision support
interventions, 45 CFR 170.315(b)(11)(iv)(B).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import ADDITIVE, Evaluation, Interval, Measures, ModelResult, SubgroupResult
from pipeline.model.evidence import COHORT_SECTION, FEATURES_SECTION, PERFORMANCE_SECTION, SUBGROUPS_SECTION, CardSection
from pipeline.model.specification import Specification
from pipeline.model.told import Tell, exactly, publicly

NOT_GIVEN = "–"


def card(
    evaluation: Evaluation, specification: Specification, tags: Mapping[str, str], *, tell: Tell = exactly
) -> tuple[CardSection, ...]:
    """Every section in the order of reading. Raises ModelRefused when one would be empty: such a model is not released."""
    champion = evaluation.model(ADDITIVE)
    sections = (
        _what(tags),
        _use(),
        _cautions(evaluation),
        _cohort(evaluation, tell),
        _outcome(evaluation),
        _features(evaluation),
        _method(evaluation, specification),
        _performance(evaluation),
        _subgroups(champion, tell),
        _fairness(evaluation, specification),
        _validation(evaluation),
        _upkeep(),
        _versions(evaluation, specification, tags),
    )
    empty = [part.title for part in sections if (part.columns and not part.rows) or not (part.sentences or part.rows)]
    if empty:
        raise ModelRefused(f"The model card says nothing under {', '.join(empty)}. A model is not released without it.")
    return sections


def card_as_markdown(evaluation: Evaluation, specification: Specification, tags: Mapping[str, str]) -> str:
    """The card as a text file, which anybody may open: without small counts."""
    parts = ["# Model card: 30-day unplanned readmission"]
    for section in card(evaluation, specification, tags, tell=publicly):
        parts.append(f"## {section.title}")
        parts.extend(section.sentences)
        if section.rows:
            parts.append("\n".join(_table_lines(section)))
    return "\n\n".join(parts) + "\n"


def _table_lines(section: CardSection) -> list[str]:
    rows = [section.columns, ("---",) * len(section.columns), *section.rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]


def _what(tags: Mapping[str, str]) -> CardSection:
    return CardSection(
        "What it is",
        (
            "The probability, from 0 to 1, that a stay just ended is followed by an unplanned return within 30 days.",
            "An additive model: each of the patient's facts adds or takes a number of points, which can be read one by one.",
            f"Trained by {tags.get('requested_by', 'an unnamed person')} with the code of this project; no funding, no sponsor.",
        ),
    )


def _use() -> CardSection:
    return CardSection(
        "Intended use",
        (
            "For discharge planners and ward teams, at discharge, to choose whom to follow up first within the capacity they have.",
            "It informs a professional who can open the basis of every figure; it decides nothing and directs nobody.",
        ),
    )


def _cautions(evaluation: Evaluation) -> CardSection:
    synthetic = ("Trained on synthetic patients: its figures say how the method works, not how it does on your patients.",)
    return CardSection(
        "Out of scope, and known limits",
        (
            *(synthetic if evaluation.cohort.is_synthetic else ()),
            "Not for diagnosis, not to deny or shorten care, not for children, not while a patient is still in hospital.",
            "Points describe what went together in the past; they are no causes, and changing one does not change a fate.",
            "Returns to other hospitals are not in the data, so they count as none.",
            "Not a medical device; not validated for clinical use.",
        ),
    )


def _cohort(evaluation: Evaluation, tell: Tell) -> CardSection:
    cohort = evaluation.cohort
    return CardSection(
        COHORT_SECTION,
        (
            f"{cohort.description} Source: {cohort.source}.",
            f"{cohort.stays:,} stays of {cohort.patients:,} patients, {cohort.events:,} readmissions"
            f" ({cohort.events / cohort.stays:.1%}){_period(evaluation)}.",
        ),
        ("Left out", "Stays"),
        tuple(zip((reason for reason, _ in cohort.flow), tell([count for _, count in cohort.flow], ()), strict=True)),
    )


def _period(evaluation: Evaluation) -> str:
    first, last = evaluation.cohort.first_at, evaluation.cohort.last_at
    return f", discharged from {str(first)[:10]} to {str(last)[:10]}" if first and last else ""


def _outcome(evaluation: Evaluation) -> CardSection:
    own = (
        "An index stay whose first return within 30 days was not planned, after the CMS hospital-wide measure (NQF 1789):"
        " gold.index_stays, column is_readmitted. Stays with less than 30 days of follow-up are left out."
    )
    return CardSection("Outcome", (str(evaluation.parameters.get("outcome", own)),))


def _features(evaluation: Evaluation) -> CardSection:
    rows = (
        (f.description, f.unit or NOT_GIVEN, f.available, f"{f.missing_share:.1%}", f"{f.importance:.3f}")
        for f in sorted(evaluation.features, key=lambda feature: -feature.importance)
    )
    return CardSection(
        FEATURES_SECTION,
        ("Only what is known at discharge. Weight: mean size of its points, in log-odds. A missing value is a bin of its own.",),
        ("Feature", "Unit", "Known", "Missing", "Weight"),
        tuple(rows),
    )


def _method(evaluation: Evaluation, specification: Specification) -> CardSection:
    bins = sum(len(term.points) for term in specification.terms)
    per_bin = evaluation.cohort.events / max(bins, 1)
    return CardSection(
        "How it was made",
        (
            "Histogram gradient boosting without interactions (scikit-learn) on features put into bins; its points are read out"
            f" exactly. {len(specification.terms)} features, {bins} bins, {per_bin:,.0f} readmissions for each bin on average.",
            "No resampling, no class weights: both would spoil the calibration.",
            "Parameters: " + ", ".join(f"{name} {value}" for name, value in sorted(evaluation.parameters.items())) + ".",
        ),
    )


def _performance(evaluation: Evaluation) -> CardSection:
    rows = [(model.title, where, *_measured(measures)) for model in evaluation.models for where, measures in _splits(model)]
    return CardSection(
        PERFORMANCE_SECTION,
        (
            "Other patients: five folds, no patient in two of them. Later stays: fitted on the earlier three quarters. AUROC 0.5 is"
            " chance, 1 perfect; slope 1 and intercept 0 are right; error (ECE), Brier: lower is better. Sensitivity and PPV at an"
            " alert budget of a tenth of all discharges.",
            *(model.note for model in evaluation.models if model.note),
        ),
        ("Model", "Tested on", "Stays", "AUROC", "AUPRC", "Scaled Brier", "Slope", "Intercept", "ECE", "Sensitivity", "PPV"),
        tuple(rows),
    )


def _splits(model: ModelResult) -> list[tuple[str, Measures]]:
    named = [("other patients", model.grouped), ("later stays", model.temporal), ("later, new patients", model.temporal_unseen)]
    return [(where, measures) for where, measures in named if measures is not None]


def _measured(m: Measures) -> tuple[str, ...]:
    found = (m.auroc, m.auprc, m.scaled_brier, m.slope, m.intercept, m.ece, m.sensitivity, m.ppv)
    return (f"{m.rows:,}", *(figure(measured) for measured in found))


def _subgroups(model: ModelResult, tell: Tell) -> CardSection:
    return CardSection(
        SUBGROUPS_SECTION,
        ("Observed over expected 1 is right. Groups under 500 stays or 50 readmissions are too small for a figure.",),
        ("By", "Group", "Stays", "Readmissions", "AUROC", "Observed over expected", "Sensitivity", "PPV"),
        tuple(row for groups in _by_grouping(model) for row in _told_groups(groups, tell)),
    )


def _by_grouping(model: ModelResult) -> list[list[SubgroupResult]]:
    return [list(groups) for _, groups in groupby(model.subgroups, key=lambda group: group.grouping)]


def _told_groups(groups: Sequence[SubgroupResult], tell: Tell) -> Iterator[tuple[str, ...]]:
    """One row per group of a grouping; their counts add up to those of everybody."""
    rows = [group.rows for group in groups]
    for group, stays, back in zip(groups, tell(rows, ()), tell([group.events for group in groups], rows), strict=True):
        found = (group.auroc, group.observed_over_expected, group.sensitivity, group.ppv)
        yield (group.grouping, group.group, stays, back, *(figure(measured) for measured in found))


def _fairness(evaluation: Evaluation, specification: Specification) -> CardSection:
    personal = [name for name in ("age_years", "age_band", "sex", "gender", "race", "payer_code") if name in specification.features]
    groupings = sorted({group.grouping for model in evaluation.models for group in model.subgroups})
    return CardSection(
        "Fairness",
        (
            f"Of a person's attributes the model uses: {', '.join(personal) or 'none'}. Race and payer are no features of it.",
            f"Every figure is kept by {', '.join(groupings) or 'no grouping'}; a version that is worse than its predecessor in one"
            " group, or miscalibrated there beyond chance, is not promoted.",
            "One cut-off for all serves groups differently: see sensitivity by group above.",
        ),
    )


def _validation(evaluation: Evaluation) -> CardSection:
    rows = tuple(
        (result.source, result.method, result.split, f"{result.auroc:.3f}", result.leaks or "none known")
        for result in evaluation.published
    )
    sentences = ("No external validation. Tested on other patients and on later stays of the same source.",)
    return CardSection(
        "Validation", sentences, ("Source", "Method", "How it was split", "AUROC", "Known leak") if rows else (), rows
    )


def _upkeep() -> CardSection:
    return CardSection(
        "Upkeep",
        (
            "Each refresh counts expected and observed readmissions by month and group, and how the features have shifted.",
            "The screen says so when the model has gone stale.",
            "It is recalibrated, replaced or retired by a named person, with a reason.",
        ),
    )


def _versions(evaluation: Evaluation, specification: Specification, tags: Mapping[str, str]) -> CardSection:
    facts = {
        "Specification": specification.fingerprint,
        "Features": specification.features_fingerprint,
        "Data": evaluation.cohort.content_fingerprint,
        "Publication": NOT_GIVEN if evaluation.cohort.publication is None else str(evaluation.cohort.publication),
        **{name.replace("_", " ").capitalize(): value for name, value in sorted(tags.items())},
        **dict(specification.made_with),
    }
    return CardSection("Versions", (), ("What", "Which"), tuple(facts.items()))


def figure(measured: Interval | None) -> str:
    """A figure with its interval, or a dash where there is none."""
    return NOT_GIVEN if measured is None else measured.text
