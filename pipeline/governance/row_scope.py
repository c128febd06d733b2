"""Which rows a role sees that is held to its own sites or wards. Pure: predicates over a table, the places being parameters.

A row about a patient belongs to the place of its encounter or stay; a patient, to every place the patient was at. A sum without
the ward is the site's. What cannot be placed is not seen.
"""

from __future__ import annotations

from sqlglot import exp

from pipeline.catalog.contract import Contract
from pipeline.errors import ContractBroken

ALL, OWN_SITES, OWN_WARDS = "all", "own sites", "own wards"
SITES, WARDS, OPENED = "own_sites", "own_wards", "opened_patients"
"""Parameters: the places of the viewer, and the patients whose glass the viewer broke."""

SITE, WARD, PATIENT = "site_name", "ward_name", "patient_id"
PLACED_BY = {"encounter_id": "encounters", "stay_id": "stays", PATIENT: "encounters"}
"""What places a row that does not say where it belongs, and the table of silver that does; the first one counts."""


def scope(contract: Contract, rows: str) -> exp.Expression | None:
    """What a row of the table must satisfy for a role that sees these rows; None where every row may be seen.

    Raises ContractBroken for a table about patients of which no row can be placed.
    """
    names = {column.name for column in contract.columns}
    if rows == ALL or not (SITE in names or _is_about_patients(contract)):
        return None
    if _is_placed(names, rows) or not _is_about_patients(contract):
        return _own(names, rows)
    key = next((name for name in PLACED_BY if name in names), None)
    if key is None:
        raise ContractBroken(f"policy.yml: a role that sees {rows} reads {contract.table}, whose rows tell no place.")
    places = exp.select(exp.column(key, quoted=True)).from_(exp.table_(PLACED_BY[key], db="silver", quoted=True))
    return exp.column(key, quoted=True).isin(query=places.where(_own({SITE, WARD, PATIENT}, rows)))


def _is_about_patients(contract: Contract) -> bool:
    return any(column.sensitivity == "identifier" for column in contract.columns)


def _is_placed(names: set[str], rows: str) -> bool:
    return SITE in names and (rows == OWN_SITES or WARD in names)


def _own(names: set[str], rows: str) -> exp.Expression:
    own = _is_any(SITE, SITES)
    if rows == OWN_WARDS and WARD in names:
        own = exp.and_(own, _is_any(WARD, WARDS))
    return exp.or_(own, _is_any(PATIENT, OPENED)) if PATIENT in names else own


def _is_any(column: str, parameter: str) -> exp.Expression:
    return exp.EQ(this=exp.column(column, quoted=True), expression=exp.Any(this=exp.Placeholder(this=parameter)))
