"""How codes are written for a reader."""

from __future__ import annotations

import pytest

from pipeline.serving.wording import code_text


@pytest.mark.parametrize(
    ("code_system", "code", "written"),
    [
        ("ICD-10", "I509", "I50.9"),
        ("ICD-10", "I10", "I10"),
        ("ICD-10", "S72141A", "S72.141A"),
        ("ICD-9", "4280", "428.0"),
        ("ICD-9", "V5811", "V58.11"),
        ("ICD-9", "E8859", "E885.9"),
        ("ICD-9-PROC", "8151", "81.51"),
        ("ICD-10-PCS", "0SR90JZ", "0SR90JZ"),
        ("CPT", "99213", "99213"),
        (None, "I509", "I509"),
        ("ICD-10", None, ""),
    ],
)
def test_a_code_has_its_dot(code_system, code, written):
    assert code_text(code_system, code) == written
