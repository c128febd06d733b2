"""A hospital whose every text tries to be something else: markup, Markdown, a formula, a drawing, a program for the printer.

Each kind of value has patients of its own, who carry it in every field that takes any text: seniors at high risk with a stay, a
return within 30 days, codes and results. Fields that take only words of a list carry it as well, in rows that are refused for it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.browser.browser import Visit

FOREIGN_HOST = "tracker.invalid"
RAN = "hostileValueRan"
"""The property of the browser's window that every script in a value would set."""

_RUN = f"window.{RAN}=1"
_SHORT = {
    "element": f"<img src=x onerror={_RUN}>",
    "foreign element": f"<img src=//{FOREIGN_HOST}/i.png>",
    "script": f"<script>{_RUN}</script>",
    "way out": f"\"'><svg onload={_RUN}>",
    "anchor": f"<a href=javascript:{_RUN}>x</a>",
    "foreign anchor": f"<a href=http://{FOREIGN_HOST}/>x</a>",
    "address": f"javascript:{_RUN}",
    "picture": f"![x](http://{FOREIGN_HOST}/p.png)",
    "link": f"[x](javascript:{_RUN})",
    "foreign link": f"[x](http://{FOREIGN_HOST}/)",
    "bare link": f"www.{FOREIGN_HOST} https://{FOREIGN_HOST}/ a@{FOREIGN_HOST}",
    "emphasis": "**x** :red[y] :material/home: :smile: `z`",
    "mathematics": f"$\\href{{http://{FOREIGN_HOST}/}}{{x}}$",
    "template": "{{7*7}} ${7*7} %{customdata} {0}",
    "formula": f'=HYPERLINK("http://{FOREIGN_HOST}/";1)',
    "command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "sum": "+1+1|x",
    "difference": "-1-1|x",
    "typesetting": '#read("/etc/passwd") #image("x.png") $x$',
    "direction": "a\u202egnp.exe\u202c\u200b\ufeffb",
    "control": "a\u0007b\u001b[31mc\u007f",
}  # fmt: skip
VALUES = _SHORT | {"everything": " ".join(_SHORT.values()), "length": "W" * 2_000}

FILE_NAME = f"patients_{_SHORT['element']}{_SHORT['foreign link'].replace('/', '')}.csv"
STRANGE_NAME = f"holiday {_SHORT['script'].replace('/', '')}.csv"

PATIENTS_PER_KIND = 3
_FIRST_ARRIVAL = datetime(2026, 8, 15, 8)
_DAYS_BETWEEN_STAYS = 12

Row = tuple[object, ...]

CAME_ALIVE = f"""
    [href*='{FOREIGN_HOST}'], [src*='{FOREIGN_HOST}'], [href^='mailto:'], [href^='javascript:'], [src='x'], [onerror], [onload],
    .katex, svg a
"""
"""Elements that only a value could have made."""


def patient_number(kind: str, number: int = 0) -> str:
    """The number of a patient of this kind; everything at once would be longer than any number may be."""
    return f"{'<b>x</b> [x](//h)' if kind == 'everything' else VALUES[kind]} {number}"


def land_hostile_values(landing: Path) -> None:
    """Writes their files into a landing folder: what a hospital sends, and one that nothing knows."""
    files = {
        FILE_NAME: (
            "patient_id,given_name,family_name,birth_date,sex,postal_code,death_date,updated_at", _patients(),
        ),
        "encounters_hostile.csv": (
            "encounter_id,patient_id,site_name,ward_name,encounter_class,admission_type,arrived_at,discharged_at,disposition,"
            "updated_at", _encounters(),
        ),
        "vital_sets_hostile.csv": (
            "encounter_id,measured_at,heart_rate,respiratory_rate,systolic_bp,diastolic_bp,temperature,temperature_unit,spo2,"
            "on_oxygen,consciousness,updated_at", _vital_sets(),
        ),
        "vital_signs_hostile.csv": ("encounter_id,measured_at,sign,value,unit,updated_at", _vital_signs()),
        "diagnoses_hostile.csv": ("encounter_id,diagnosis_rank,code_system,code,name,updated_at", _codes("ICD-10-CM")),
        "procedures_hostile.csv": ("encounter_id,procedure_rank,code_system,code,name,updated_at", _codes("CPT")),
        "lab_results_hostile.csv": ("encounter_id,test_code,collected_at,value,unit,updated_at", _lab_results()),
        STRANGE_NAME: (VALUES["element"], iter([(VALUES["script"],)])),
    }  # fmt: skip
    for name, (header, rows) in files.items():
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows([header.split(","), *rows])
        (landing / name).write_text(written.getvalue(), encoding="utf-8")


def expect_harmless(shown: Visit) -> None:
    """No script ran, no element came to be, no other machine was asked, and the policy of the page had nothing to stop."""
    assert shown.page.locator(CAME_ALIVE).count() == 0, shown.page.locator(CAME_ALIVE).first.evaluate("it => it.outerHTML")
    assert shown.page.evaluate(f"window.{RAN}") is None
    assert shown.complaints == []
    assert shown.hosts == {"127.0.0.1"}
    assert "Traceback" not in shown.words


def _patients() -> Iterator[Row]:
    for kind, value in VALUES.items():
        for number in range(PATIENTS_PER_KIND):
            yield patient_number(kind, number), value, value, "1940-02-03", "F", value, "", "2026-01-01 00:00:00"
        yield f"refused {value}", *[value] * 7


def _encounters() -> Iterator[Row]:
    for kind, value, number, visit in _visits():
        arrived, left, told = (_at(visit, hours) for hours in (0, 90, 99))
        patient = patient_number(kind, number)
        yield _encounter(kind, number, visit), patient, value, value, "INPATIENT", "EMERGENCY", arrived, left, "HOME", told
    for value in VALUES.values():
        yield f"refused {value}", *[value] * 9


def _vital_sets() -> Iterator[Row]:
    for kind, _, number, visit in _visits():
        signs = (131, 28, 85, 50, 39.4, "C", 87, "Y", "V")
        yield _encounter(kind, number, visit), _at(visit, 1), *signs, _at(visit, 2)
    for value in VALUES.values():
        yield (value,) * 12


def _vital_signs() -> Iterator[Row]:
    for kind, value, number, visit in _visits():
        for sign in ("heart_rate", value):
            yield _encounter(kind, number, visit), _at(visit, 3), sign, 120, value, _at(visit, 4)


def _codes(system: str) -> Iterator[Row]:
    for kind, value, number, visit in _visits():
        yield _encounter(kind, number, visit), 1, system, value, value, _at(visit, 5)
    for value in VALUES.values():
        yield (value,) * 6


def _lab_results() -> Iterator[Row]:
    for kind, value, number, visit in _visits():
        for code, unit in (("718-7", "g/dL"), ("2951-2", value), (value, value)):
            yield _encounter(kind, number, visit), code, _at(visit, 6), 11.2, unit, _at(visit, 7)


def _visits() -> Iterator[tuple[str, str, int, int]]:
    """Kind, value, number of the patient, number of the visit."""
    for kind, value in VALUES.items():
        for number in range(PATIENTS_PER_KIND):
            yield from ((kind, value, number, visit) for visit in range(2))


def _encounter(kind: str, number: int, visit: int) -> str:
    return f"{VALUES[kind]} {number}.{visit}"


def _at(visit: int, hours: int) -> str:
    return f"{_FIRST_ARRIVAL + timedelta(days=_DAYS_BETWEEN_STAYS * visit, hours=hours):%Y-%m-%d %H:%M:%S}"
