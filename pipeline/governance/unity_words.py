"""The comment at the head of the SQL for a Unity Catalog: what to do before and after, and what it does not do. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.governance.policy import Policy
from pipeline.governance.treatments import INNER_KEY, OUTER_KEY
from pipeline.governance.unity_functions import KEY, PLACES, group

HEAD = """\
The policy {fingerprint} of MediPulse for a Databricks Unity Catalog, written by: python -m pipeline policy emit-uc
Change policy.yml and write it anew. Running it again replaces what an earlier one said; functions that nothing uses stay.
It was parsed, and its functions were run in DuckDB against what the program itself shows; it was not run in a workspace.

Run it as the account that shall own everything. That account is not above the policy: row filters and masks hold for owners too,
so to write or read rows it needs a role, which for the one that fills the tables is {steward}.

Who.      A role is an account group:
{groups}
          Who is in none of them sees no row, and every value as NULL, whatever else is granted on the catalog.
          Who is in several sees each table in one role: the most open of those that may read it, which is the first one in its
          functions, ordered by how little is withheld of a column, then of the rows. Never a mixture: the columns of one role in
          the rows of another would be more than either. To see a table in a lesser role, leave the other group.
Places.   A role with own sites or own wards sees nothing until the person's are known, the name being what current_user() says:
            INSERT INTO {places} VALUES ('name@example.org', 'North', 'Cardiology')
          As in the program, sites and wards count each by itself: two rows also open the ward of one at the site of the other.
Key.      Pseudonyms are those of the program when they have its key, which is read with the right of the functions' owner:
            python -m pipeline policy pseudonym-key {inner} | databricks secrets put-secret medipulse {inner}
            python -m pipeline policy pseudonym-key {outer} | databricks secrets put-secret medipulse {outer}
            INSERT OVERWRITE {key}
              SELECT unhex(secret('medipulse', '{inner}')), unhex(secret('medipulse', '{outer}'))
          The texts are hexadecimal, 128 digits each. Without it a pseudonym is NULL. Never grant SELECT on that table, EXECUTE on
          a function of the schema governance or READ on the scope: who can use the key can try numbers.

Not here. Breaking the glass: the record of it is the program's, so nobody opens a patient outside the own places here.
          Small cells: on pages and in exports of the program no count of 1 to {most} is shown to
{suppressed}
          Here they see the sums of gold as they are, and whoever reads rows can count them: no function of one row can keep a
          count back. Grant them a published table in place of gold where that is not enough.
          The access log: here it is system.access.audit.
          Whoever reads the files of the tables past the catalog is not held by any of this."""


def head(policy: Policy, catalog: str) -> str:
    """Every line behind two dashes."""
    said = HEAD.format(
        fingerprint=policy.fingerprint,
        groups=_groups(policy.roles),
        steward=group("data_steward"),
        places=f"{catalog}.{PLACES}",
        key=f"{catalog}.{KEY}",
        inner=INNER_KEY,
        outer=OUTER_KEY,
        suppressed=_groups([role for role in policy.roles if policy.hides_small_cells(role)]),
        most=policy.fewest - 1,
    )
    return "\n".join(f"-- {line}".rstrip() for line in said.splitlines())


def _groups(roles: Iterable[str]) -> str:
    return "\n".join(f"            {group(role)}" for role in roles) or "            nobody"
