-- Only the holder of a run's present fence may add to its trace. `for share` conflicts with a
-- change of the fence; `for key share` would not.
create function trace_guard() returns trigger language plpgsql as $$
begin
  perform 1
  from fleet_run run
  join fleet_trial trial on trial.run_id = run.id and trial.attempt = run.attempt
  where trial.id = new.trial_id and run.fence = new.fence
    and (run.state in ('measuring', 'restoring')
      or (run.state = 'preparing' and trial.number = 0))
  for share of run;
  if not found then
    raise exception 'stale fence %', new.fence using errcode = '55F03';
  end if;
  return new;
end $$;

create trigger trace_live_fence before insert on trace_live
for each row execute function trace_guard();

create trigger trace_event_fence before insert on trace_event
for each row execute function trace_guard();
