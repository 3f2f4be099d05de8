#!/bin/sh
# Run once by the database's image on an empty volume: two databases with an owner for Temporal, and the register's
# with its three roles (../postgresql/roles.sql).
set -eu
secret() {
    cat "/run/secrets/$1"
}
psql --username postgres --set ON_ERROR_STOP=1 --set password="$(secret temporal_password)" <<'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'password';
SQL
createdb --username postgres --owner temporal temporal
createdb --username postgres --owner temporal temporal_visibility
psql --username postgres --set owner_password="$(secret owner_password)" \
    --set writer_password="$(secret writer_password)" --set reader_password="$(secret reader_password)" \
    --file /roles.sql postgres
