-- The columns of the fleet's own tables that the trace store looks at.
create table fleet_run (
  id bigint primary key, state text not null, attempt int not null, fence bigint unique);
create table fleet_trial (
  id bigint generated always as identity primary key,
  run_id bigint not null references fleet_run, attempt int not null, number int not null,
  state text not null default 'measuring', origin_ns bigint,
  unique (run_id, attempt, number));
