create sequence fence_seq as bigint cache 1;

-- Whether the store holds exactly the rows that the agent declared for the present attempt.
create function is_complete(r fleet_run) returns boolean language sql stable as $$
  select exists (select from fleet_trial t
                  where t.run_id = r.id and t.attempt = r.attempt and t.number > 0)
     and not exists (select from fleet_trial t
                      where t.run_id = r.id and t.attempt = r.attempt and t.state <> 'finished')
     and not exists (
       select from fleet_trial t join trace_group g on g.trial_id = t.id
        where t.run_id = r.id and t.attempt = r.attempt
          and g.rows_total is distinct from g.sealed_to + (
            select coalesce(sum(b.i0 + b.n - greatest(b.i0, g.sealed_to)), 0)
              from trace_live b
             where b.trial_id = g.trial_id and b.grp = g.grp and b.i0 + b.n > g.sealed_to)) $$;

-- The one home of what follows a lease.
create function state_after(r fleet_run) returns text language sql stable as $$
  select case when r.ending = 'aborted' then 'aborted'
              when r.ending = 'failed' then 'failed'
              when r.ending = 'measured' and is_complete(r) then 'analyzing'
              when r.cancel_requested_at is not null then 'cancelled'
              when r.attempt < r.max_attempts then 'queued'
              else 'failed' end $$;
