"""The policy in words, for people who decide on it. Pure; the same questions that the door asks."""

from __future__ import annotations

from pipeline.catalog.contract import Contract, load_contracts
from pipeline.errors import BadRequest
from pipeline.governance.policy import Policy, load_policy
from pipeline.governance.row_scope import ALL, OWN_SITES, OWN_WARDS

SHOWN = {
    "show": "shown",
    "generalise": "generalised",
    "patient pseudonym": "a pseudonym",
    "encounter pseudonym": "a pseudonym",
    "year": "its year",
    "year of birth": "its year, left out for ages over 89",
    "age": "as it is, 90 standing for 90 and over",
    "postal area": "its first three digits, 000 where few live",
    "mask": "masked (a text is •••, anything else is empty)",
    "hide": "left empty",
}
ROWS_SEEN = {
    ALL: "of every site and ward",
    OWN_SITES: "of the sites of the account",
    OWN_WARDS: "of the wards of the account; sums, of its sites",
}


def explained(role: str, policy: Policy | None = None) -> list[str]:
    """What the role may open, do and read, line by line. Raises AccessDenied for a role that the policy does not know."""
    policy = policy or load_policy()
    kept = [contract for contract in load_contracts().values() if _is_for_people(contract)]
    readable = [contract for contract in kept if policy.may_read(role, contract.table)]
    actions = sorted(action for action in policy.by_role[role].may) if role in policy.by_role else []
    return [
        f"{policy.title(role)}",
        f"  opens    {', '.join(policy.pages(role))}",
        f"  may      {', '.join(actions) or 'only look'}",
        f"  reads    {len(readable)} of {len(kept)} tables: {', '.join(contract.table for contract in readable)}",
        f"  patients {ROWS_SEEN[policy.rows(role)]}",
        *(_classes(role, policy)),
        f"  counts   {_small_cells(role, policy)}",
    ]


def explained_table(role: str, table: str, policy: Policy | None = None) -> list[str]:
    """What the role sees of each column of a table. Raises BadRequest for a table that does not exist."""
    policy = policy or load_policy()
    contract = load_contracts().get(table)
    if contract is None or not _is_for_people(contract):
        raise BadRequest(f"There is no table {table}. The data catalogue lists them; so does data/README.md.")
    if not policy.may_read(role, table):
        return [f"{policy.title(role)} may not read {table}."]
    width = max(len(column.name) for column in contract.columns)
    return [
        f"{policy.title(role)} reads {table}:",
        *(
            f"  {column.name:{width}}  {column.sensitivity:11}  {SHOWN[policy.treatment(role, column)]}"
            for column in contract.columns
        ),
    ]


def _classes(role: str, policy: Policy) -> list[str]:
    return [f"  {sensitivity:12} columns are {SHOWN[how]}" for sensitivity, how in policy.by_role[role].shows.items()]


def _small_cells(role: str, policy: Policy) -> str:
    if policy.hides_small_cells(role):
        return f"of 1 to {policy.fewest - 1} are not shown, nor what they could be worked out from"
    return "of any size are shown"


def _is_for_people(contract: Contract) -> bool:
    return not contract.is_intermediate and contract.layer != "reference"
