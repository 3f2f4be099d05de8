#!/bin/sh
# Brings Temporal's own tables up to date; repeating it changes nothing.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal_password)
export SQL_PASSWORD
tool() {
    temporal-sql-tool --plugin postgres12_pgx --endpoint "$POSTGRES_SEEDS" --port 5432 --user "$POSTGRES_USER" "$@"
}
schemas=/etc/temporal/schema/postgresql/v12
tool --database "$DBNAME" setup-schema --version 0.0 || true # it was set up before
tool --database "$DBNAME" update-schema --schema-dir "$schemas/temporal/versioned"
tool --database "$VISIBILITY_DBNAME" setup-schema --version 0.0 || true
tool --database "$VISIBILITY_DBNAME" update-schema --schema-dir "$schemas/visibility/versioned"
