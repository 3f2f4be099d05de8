#!/bin/sh
# Run once by the database's image on an empty volume: a database and an owner for Temporal, one for the register.
set -eu
for name in temporal register; do
    password=$(cat "/run/secrets/${name}_password")
    psql --username postgres --set ON_ERROR_STOP=1 --set owner="$name" --set password="$password" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'password';
SQL
done
createdb --username postgres --owner temporal temporal
createdb --username postgres --owner temporal temporal_visibility
createdb --username postgres --owner register complaints
