"""What the roles of a PostgreSQL register may: the owner gives it when it sets the register up.

The roles are made by `deploy/postgresql/roles.sql`. Where they are not, whoever connects does everything, and nothing
is given.
"""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, text

from activities.register.database import Register

WRITER = "complaints_writer"
"""Worker and door."""
READER = "complaints_reader"
"""Figures, exports, a look into a dossier."""

_VERSION = "alembic_version"
_DELETED_FROM = frozenset({"sessions", "webhook_calls"})
_ONLY_ADDED_TO = frozenset({"attachments", "decodings", "idempotency_keys", "procedures", "webhook_calls"})
"""What stands in them is never changed."""
_READ = frozenset(
    {
        _VERSION,
        "assignments",
        "attempts",
        "delivery_events",
        "dossiers",
        "erasures",
        "journal",
        "letters",
        "persons",
        "procedures",
    }
)
"""What a report needs. A new table is closed to the reader until it is named here."""

_OURS = text(
    "SELECT relation.relname FROM pg_class relation WHERE relation.relkind = 'r'"
    " AND relation.relnamespace = current_schema()::regnamespace"
    " AND pg_get_userbyid(relation.relowner) = current_user"
)
_GIVEN = text(
    "SELECT pg_get_userbyid(given.grantee), relation.relname, given.privilege_type"
    " FROM pg_class relation, aclexplode(relation.relacl) given WHERE relation.relkind = 'r'"
    " AND relation.relnamespace = current_schema()::regnamespace"
)


def grant(register: Register) -> list[str]:
    """Give each role that exists what it may, and take the rest; says what was changed, nothing when all was so.

    Only who owns the tables can: for anybody else, and on SQLite, nothing happens.
    """
    if register.is_sqlite:
        return []
    with register.engine.begin() as connection:
        tables = sorted(connection.scalars(_OURS))
        roles = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
        given = _given(connection)
        changed = []
        for role in (WRITER, READER):
            if role not in roles:
                continue
            wanted = {table: privileges(role, table) for table in tables}
            others = [table for table in tables if given.get((role, table), frozenset()) != wanted[table]]
            for table in others:
                # Names of ours and of the database's own catalogue: quoted, not parameters, which GRANT does not take.
                connection.exec_driver_sql(f'REVOKE ALL ON "{table}" FROM {role}')
                if wanted[table]:
                    connection.exec_driver_sql(f'GRANT {", ".join(sorted(wanted[table]))} ON "{table}" TO {role}')
            if others:
                changed.append(f"register: {role} on {', '.join(others)}")
    return changed


def privileges(role: str, table: str) -> frozenset[str]:
    """Say what a role may do with a table."""
    if role == READER or table == _VERSION:
        return frozenset({"SELECT"} if table in _READ else ())
    may = {"SELECT", "INSERT"}
    may |= set() if table in _ONLY_ADDED_TO else {"UPDATE"}
    may |= {"DELETE"} if table in _DELETED_FROM else set()
    return frozenset(may)


def _given(connection: Connection) -> Mapping[tuple[str, str], frozenset[str]]:
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for role, table, privilege in connection.execute(_GIVEN):
        found[role, table].add(privilege)
    return {place: frozenset(privileges) for place, privileges in found.items()}
