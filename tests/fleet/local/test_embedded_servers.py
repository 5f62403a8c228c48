"""The embedded servers as tests and `up` use them."""

import redis

from fleet.local.postgres import Postgres
from fleet.local.valkey import Valkey


def test_the_app_role_reads_and_writes_what_migrate_made_and_makes_nothing(
    postgres: Postgres,
) -> None:
    with postgres.connect("migrate") as owner:
        owner.execute("create table kettle (id bigint generated always as identity, celsius int)")
    with postgres.connect("app") as app:
        app.execute("insert into kettle (celsius) values (100)")
        assert app.execute("select celsius from kettle").fetchone() == (100,)


def test_valkey_answers_on_its_socket(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.set("kettle", "hot")
