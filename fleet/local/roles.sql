-- The three roles of a farm's database, none of them a superuser; embedded and in compose alike.
-- migrate owns the tables, app works with rows and changes no table, read reads.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['migrate', 'app', 'read'] loop
        if to_regrole(wanted) is null then
            execute format('create role %I login', wanted);
        end if;
    end loop;
end
$$;

-- Run in template1 (embedded) or in the farm's own database (compose): what `migrate` makes
-- there later is open to the others.
alter default privileges for role migrate grant select, insert, update, delete on tables to app;
alter default privileges for role migrate grant usage, select on sequences to app;
alter default privileges for role migrate grant select on tables to read;
