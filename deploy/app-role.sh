#!/bin/sh
# Once, when the database is made: the role that serves. It owns nothing; `cutroom migrate` grants what it needs.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 --set password="$CUTROOM_APP_PASSWORD" <<'SQL'
create role cutroom_app login password :'password';
SQL
