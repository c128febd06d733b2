"""A small comorbidity count of the tests' own, with the points of the LACE index (van Walraven, CMAJ 2010;182:551).

Codes without dots; categories in the spirit of Quan (Med Care 2005;43:1130), only as fine as the tests need.
"""

from __future__ import annotations

import pandas as pd

ICD10 = {
    "myocardial infarction": (1, ("I21", "I22", "I252")),
    "cerebrovascular disease": (1, ("I60", "I61", "I62", "I63", "I69", "G45")),
    "peripheral vascular disease": (1, ("I70", "I71", "I73")),
    "diabetes": (1, ("E109", "E119")),
    "diabetes with end-organ damage": (2, ("E112", "E113", "E114")),
    "heart failure": (2, ("I50", "I110", "I13")),
    "chronic pulmonary disease": (2, ("J44", "J45")),
    "mild liver or kidney disease": (2, ("K76", "K74", "K70", "B18", "N183")),
    "tumour": (2, ("C18", "C25", "C34", "C50", "C61", "C64", "C67", "C85", "C90", "C91")),
    "dementia": (3, ("F03", "G30")),
    "connective tissue disease": (3, ("M06", "M32")),
    "severe liver or kidney disease": (4, ("K766", "K729", "I850", "N184", "N185", "N186")),
    "HIV": (4, ("B20",)),
    "metastatic cancer": (6, ("C78", "C79")),
}
ICD9 = {
    "myocardial infarction": (1, ("410", "412")),
    "cerebrovascular disease": (1, ("431", "434", "435", "438")),
    "peripheral vascular disease": (1, ("440", "441", "443")),
    "diabetes": (1, ("25000", "25001")),
    "diabetes with end-organ damage": (2, ("2504", "2505", "2506")),
    "heart failure": (2, ("428", "40291", "4049")),
    "chronic pulmonary disease": (2, ("491", "493", "496")),
    "mild liver or kidney disease": (2, ("571", "07054", "5853")),
    "tumour": (2, ("153", "157", "162", "174", "185", "188", "189", "202", "203", "204")),
    "dementia": (3, ("2942", "3310")),
    "connective tissue disease": (3, ("714", "710")),
    "severe liver or kidney disease": (4, ("5723", "5728", "4561", "5854", "5855", "5856")),
    "HIV": (4, ("042",)),
    "metastatic cancer": (6, ("197", "198")),
}


def conditions(diagnoses: pd.DataFrame) -> pd.DataFrame:
    """Which categories each encounter's codes show: encounter_id, category, points, one row per pair."""
    known = diagnoses[["system", "plain"]].drop_duplicates()
    tables = known.system.map({"ICD-10": ICD10, "ICD-9": ICD9})
    found = [
        (system, code, name, points)
        for system, code, table in zip(known.system, known.plain, tables, strict=True)
        for name, (points, prefixes) in table.items()
        if code.startswith(prefixes)
    ]
    named = pd.DataFrame(found, columns=["system", "plain", "category", "points"])
    return diagnoses.merge(named)[["encounter_id", "category", "points"]].drop_duplicates()


def points(diagnoses: pd.DataFrame) -> pd.Series:
    """The comorbidity points of each encounter that has any, by encounter id, not capped."""
    return conditions(diagnoses).groupby("encounter_id").points.sum()
