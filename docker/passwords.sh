#!/bin/sh
# Run once by the postgres image, after roles.sql: over the network each role needs a password.
set -eu
psql --set=ON_ERROR_STOP=1 --username postgres --dbname fleet --set=password="$POSTGRES_PASSWORD" << 'SQL'
alter role migrate password :'password';
alter role app password :'password';
alter role read password :'password';
alter database fleet owner to migrate;
SQL
