"""The payload on paper: a tagged PDF with selectable text, made by Typst from a template and data, never from built markup.

The only importer of typst. The same payload and the same moment give the same bytes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import typst

from pipeline.serving.charts.paper import risk_panel_svg, volume_svg
from pipeline.serving.command_center import CommandCenter
from pipeline.serving.groups import VITAL_SIGNS, GroupShare, VitalAverage, mean_text
from pipeline.serving.rates import FEWEST
from pipeline.serving.report.printable import FONTS, printable
from pipeline.serving.risk_map import RiskMap
from pipeline.serving.theme import PAPER, RISK_STYLES
from pipeline.serving.wording import (
    AGE_GROUP_YEARS,
    NOT_A_DEVICE,
    count_text,
    date_text,
    decimal_text,
    months_text,
    newest_text,
    plural,
    share_text,
    time_text,
)
from pipeline.serving.worklist import WorklistRow, moment_text

TEMPLATE = Path(__file__).with_name("command_center.typ")

SYNTHETIC_NOTICE = "Synthetic data, not for clinical use"
LISTED_CHECKS = 12
NEWS2_EMERGENCY_SCORE = 7
"""The class High of NEWS2 begins at 7 points: Royal College of Physicians 2017, 16 years and over."""


def report(payload: CommandCenter, generated_at: datetime | None = None) -> bytes:
    """The command center as a PDF (PDF/UA-1), dated by the moment of reading unless said otherwise."""
    dated = generated_at or payload.provenance.generated_at
    return typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(printable(_content(payload, dated)), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=dated.replace(microsecond=0),
    )


def _content(payload: CommandCenter, generated_at: datetime) -> dict[str, object]:
    """Everything the template prints, as finished text; the template only places it."""
    source = payload.provenance
    return {
        "colours": {"low": PAPER.low, "moderate": PAPER.moderate, "high": PAPER.high, "muted": PAPER.muted, "border": PAPER.border,
                    "accent": PAPER.accent, "neutral": PAPER.neutral, "text": PAPER.text},
        "scope": f"{source.site_name} · {months_text(source.first_month, source.last_month)}",
        "generated": f"Generated {time_text(generated_at)}",
        "published": f"Publication {source.publication_number}, {time_text(source.published_at)}",
        "newest_arrival": f"Newest arrival {newest_text(source.newest_arrival_at)}",
        "notice": SYNTHETIC_NOTICE if source.is_synthetic else NOT_A_DEVICE,
        "not_a_device": NOT_A_DEVICE,
        "footer": f"publication {source.publication_number} · {source.run_id}",
        "tiles": [{"name": tile.name, "text": tile.text, "note": tile.note} for tile in payload.tiles],
        "summary": _summary(payload),
        "age_groups": [_bar(one, AGE_GROUP_YEARS[one.group]) for one in payload.age_groups],
        "sexes": " · ".join(_sex(one) for one in payload.sexes),
        "vital_heads": [f"{sign.short_name} {sign.unit}" for sign in VITAL_SIGNS],
        "vital_rows": _vital_rows(payload.vital_averages),
        "map_caption": payload.risk_map.caption,
        "map_reading": _map_reading(payload.risk_map),
        "panels": _panels(payload),
        "volume_step": payload.volume_step,
        "volume_svg": volume_svg(payload.volume),
        "worklist_caption": payload.worklist.caption,
        "worklist_empty": payload.worklist.why_empty,
        "worklist": [_worklist_row(row) for row in payload.worklist.rows],
        "checks": _checks(payload),
        "tables": _table_versions(source.table_versions),
        "viewer": f"Read as {source.viewer_role.replace('_', ' ')} · {source.viewer_places}",
        "of_this_reader": " ".join(filter(None, (source.own_places, source.suppression))),
    }  # fmt: skip


def _sex(one: GroupShare) -> str:
    """Female 52.7 % (2,271); of a count that is not shown, what stands for it."""
    shown = one.counted_text if one.share is None else f"{one.shared_text} ({one.counted_text})"
    return f"{one.group} {shown}"


def _summary(payload: CommandCenter) -> list[str]:
    return [sentence for sentence in (_senior_sentence(payload), _rate_sentence(payload), _urgency_sentence(payload)) if sentence]


def _senior_sentence(payload: CommandCenter) -> str:
    counts = [one.high_risk_count for one in payload.age_groups]
    seniors = next((one for one in payload.age_groups if one.group == "Senior"), None)
    if seniors is None or seniors.share is None or None in counts or not sum(counts):
        return ""
    high = sum(counts)
    of_high = share_text(seniors.high_risk_count / high)
    return f"Seniors are {share_text(seniors.share)} of encounters and {of_high} of those at risk level High."


def _rate_sentence(payload: CommandCenter) -> str:
    rates = ", ".join(f"{one.group} {one.high_risk_text}" for one in payload.age_groups)
    return f"Share at risk level High: {rates}." if rates else ""


def _urgency_sentence(payload: CommandCenter) -> str:
    listed = payload.worklist.rows
    urgent = sum(row.news2_score is not None and row.news2_score >= NEWS2_EMERGENCY_SCORE for row in listed)
    if not listed or all(row.news2_score is None for row in listed):
        return ""
    if payload.provenance.suppression and any(0 < count < FEWEST for count in (urgent, len(listed) - urgent)):
        return ""
    of_listed = plural(len(listed), "listed encounter", "listed encounters")
    return f"{urgent} of the {of_listed} of seniors have a NEWS2 score of {NEWS2_EMERGENCY_SCORE} or more."


def _bar(one: GroupShare, years: str) -> dict[str, object]:
    return {
        "name": one.group,
        "years": years,
        "share": one.share or 0,
        "share_text": one.shared_text,
        "count_text": one.counted_text,
        "high_text": f"{one.high_risk_text} at level High",
    }


def _vital_rows(averages: tuple[VitalAverage, ...]) -> list[list[str]]:
    groups = dict.fromkeys(one.age_group for one in averages)
    rows = [
        [f"{group} {AGE_GROUP_YEARS[group]}", *(mean_text(one) for one in averages if one.age_group == group)] for group in groups
    ]
    firsts = [one for one in averages if one.age_group == next(iter(groups), None)]
    return [*rows, ["Adult reference", *(_reference(one) for one in firsts)]] if rows else []


def _reference(one: VitalAverage) -> str:
    places = 1 if one.unit == "°C" else 0
    return f"{decimal_text(one.reference_low, places)}–{decimal_text(one.reference_high, places)}"


def _map_reading(drawn: RiskMap) -> str:
    """How the map is read; nothing where none is drawn."""
    axes = "Dotted line: age 65. Vertical axis: heart rate, beats per minute."
    return f"{drawn.shading} {axes}" if drawn.is_drawn else ""


def _panels(payload: CommandCenter) -> list[dict[str, str]]:
    signs = {style.level: style.sign for style in RISK_STYLES}
    total = payload.risk_map.encounter_count
    return [
        {
            "level": panel.level,
            "sign": signs[panel.level],
            "count_text": panel.counted_text,
            "share_text": share_text(panel.encounter_count / total if total and panel.encounter_count is not None else None),
            "svg": risk_panel_svg(payload.risk_map, panel.level) if payload.risk_map.is_drawn else "",
        }
        for panel in payload.risk_map.panels
    ]


def _worklist_row(row: WorklistRow) -> list[str]:
    score = "–" if row.news2_score is None else str(row.news2_score)
    return [
        row.severity_text,
        f"{score} ({row.measured_text})",
        row.patient_id or "–",
        "–" if row.age_years is None else str(row.age_years),
        f"{row.ward_name or row.encounter_class}{' · in hospital' if row.is_in_hospital else ''}",
        decimal_text(row.heart_rate_bpm, 0),
        decimal_text(row.spo2_pct, 0),
        decimal_text(row.systolic_bp_mmhg, 0),
        decimal_text(row.respiratory_rate_per_min, 0),
        decimal_text(row.temperature_c, 1),
        row.arrived_at
        if isinstance(row.arrived_at, str)
        else date_text(row.arrived_at)
        if row.arrived_at
        else moment_text(row.arrived_at),
    ]


def _checks(payload: CommandCenter) -> dict[str, object]:
    failed = [check for check in payload.checks if check.result == "failed"]
    passed = sum(check.result == "passed" for check in payload.checks)
    untested = len(payload.checks) - passed - len(failed)
    found = f"{plural(passed, 'check', 'checks')} passed, {count_text(len(failed))} found rows to look at"
    rest = f"The first {LISTED_CHECKS} of {len(failed)} are listed; the data quality page shows all."
    return {
        "summary": f"{found}, {count_text(untested)} had no rows to test.",
        "rows": [
            [one.table_name, one.sentence, count_text(one.violation_count), count_text(one.row_count)]
            for one in failed[:LISTED_CHECKS]
        ],
        "left_out": "" if len(failed) <= LISTED_CHECKS else rest,
    }  # fmt: skip


def _table_versions(versions: dict[str, int]) -> str:
    """gold: demographics 2, vital_averages 2; a layer is named once, before its tables."""
    by_layer: dict[str, list[str]] = defaultdict(list)
    for name, version in versions.items():
        layer, _, table = name.partition(".")
        by_layer[layer].append(f"{table} {version}")
    return "; ".join(f"{layer}: {', '.join(tables)}" for layer, tables in by_layer.items())
