-- The statements that decide who may touch a phone. Lease time is database time,
-- clock_timestamp(); locks are taken device first, then run, everywhere.

-- name: acquire
-- Lease one free device for one queued run; no row: somebody was first.
with d as (
  select id from fleet_device
   where id = %(device)s and holder is null and state = 'idle' and connection = 'device'
     and health = any(%(healths)s)
     and responsive_at > clock_timestamp() - interval '60 s'
   for update skip locked),
r as (
  select id from fleet_run
   where id = %(run)s and state = 'queued' and cancel_requested_at is null
     and coalesce(not_before, '-infinity') <= clock_timestamp()
   for update skip locked),
f as (select nextval('fence_seq') as fence from d, r),
du as (
  update fleet_device set holder = 'dispatcher', offered = true, state = 'reserved',
         since = clock_timestamp(), reason = '', fence = f.fence,
         until = clock_timestamp() + %(ttl)s
    from d, f where fleet_device.id = d.id
  returning fleet_device.id, fleet_device.fence),
ev as (
  insert into fleet_event (run_id, device_id, word, actor)
  select r.id, du.id, 'leased', 'dispatcher' from r, du)
update fleet_run set state = 'leased', device_id = du.id, fence = du.fence,
       ending = null, failure = null
  from r, du where fleet_run.id = r.id returning fleet_run.id

-- name: adopt
-- Make the worker that heard the doorbell the holder; no row: go home.
with d as (
  select fleet_device.id, fleet_device.fence as old
    from fleet_device join fleet_run
      on fleet_run.device_id = fleet_device.id and fleet_run.fence = fleet_device.fence
   where fleet_run.id = %(run)s and fleet_device.offered
     and fleet_device.until > clock_timestamp()
   for update of fleet_device skip locked),
f as (select nextval('fence_seq') as fence from d),
ru as (
  update fleet_run set fence = f.fence,
         attempt = fleet_run.attempt + (fleet_run.state = 'leased')::int,
         started_at = coalesce(fleet_run.started_at, clock_timestamp())
    from d, f where fleet_run.id = %(run)s and fleet_run.fence = d.old
  returning fleet_run.id, fleet_run.state, fleet_run.attempt)
update fleet_device set holder = %(me)s, offered = false, fence = f.fence,
       until = clock_timestamp() + %(ttl)s
  from d, f, ru where fleet_device.id = d.id
returning fleet_device.id, fleet_device.fence, ru.attempt

-- name: advance
-- Move a leased run one state on; no row: the lease is lost.
with d as (
  update fleet_device set state = 'running',
         since = case when state = 'running' then since else clock_timestamp() end
   where id = %(device)s and holder = %(me)s and fence = %(fence)s
     and until > clock_timestamp() returning id),
ru as (
  update fleet_run set state = %(to)s, ending = coalesce(ending, %(ending)s),
         failure = coalesce(failure, %(failure)s)
    from d where fleet_run.id = %(run)s and fleet_run.fence = %(fence)s
     and fleet_run.state = any(%(from)s)
  returning fleet_run.id, d.id as device_id)
insert into fleet_event (run_id, device_id, word, actor, reason)
select id, device_id, %(to)s, %(me)s, %(failure)s from ru returning run_id

-- name: keep
-- Renew the lease of a phone that was just heard; brings the news that a cancel was asked for. No row: the lease is lost.
update fleet_device set until = clock_timestamp() + %(ttl)s, responsive_at = clock_timestamp()
 where id = %(device)s and holder = %(me)s and fence = %(fence)s and until > clock_timestamp()
returning (select cancel_requested_at is not null from fleet_run where fleet_run.fence = %(fence)s)

-- name: note
-- Keep what people want to see of a leased run: progress, device, Baseline, provenance.
update fleet_run set progress = coalesce(%(progress)s::jsonb, progress),
       device_json = coalesce(%(device_json)s::jsonb, device_json),
       baseline = coalesce(%(baseline)s::jsonb, baseline),
       provenance = provenance || coalesce(%(provenance)s::jsonb, '{}')
 where id = %(run)s and fence = %(fence)s returning id

-- name: note_device
-- Keep the newest readings of a leased phone for the fleet page.
update fleet_device set latest = %(latest)s::jsonb
 where id = %(device)s and holder = %(me)s and fence = %(fence)s returning id

-- name: start_trial
-- Begin a trial of the present attempt, or find the one begun; no row: the lease is lost.
with t as (
  insert into fleet_trial (run_id, attempt, number, state)
  select id, attempt, %(number)s, 'measuring' from fleet_run
   where id = %(run)s and fence = %(fence)s
     and state = case when %(number)s = 0 then 'preparing' else 'measuring' end
   for share
  on conflict (run_id, attempt, number) do nothing returning id)
select id from t
union all
select fleet_trial.id from fleet_trial join fleet_run
    on fleet_run.id = fleet_trial.run_id and fleet_run.attempt = fleet_trial.attempt
 where fleet_run.id = %(run)s and fleet_run.fence = %(fence)s
   and fleet_trial.number = %(number)s and fleet_trial.state = 'measuring'
limit 1

-- name: finish_trial
-- Close a trial with the rows per group that the agent declared; no row: the lease is lost.
with t as (
  update fleet_trial set state = 'finished' where id = %(trial)s and state = 'measuring'
     and exists (select from fleet_run where fleet_run.id = fleet_trial.run_id
                   and fleet_run.attempt = fleet_trial.attempt and fleet_run.fence = %(fence)s)
  returning id),
g as (
  update trace_group set rows_total = d.total
    from t, unnest(%(groups)s::smallint[], %(totals)s::bigint[]) as d(grp, total)
   where trace_group.trial_id = t.id and trace_group.grp = d.grp returning 1)
select id from t

-- name: release
-- Give the phone back and move the run to what follows; no row: the lease is lost.
with d as (
  select id from fleet_device
   where id = %(device)s and holder = %(me)s and fence = %(fence)s
     and until > clock_timestamp() for update),
ru as (
  update fleet_run set state = state_after(fleet_run), fence = null,
         not_before = case when state_after(fleet_run) = 'queued'
                           then clock_timestamp() + %(pause)s else not_before end,
         finished_at = case when state_after(fleet_run) in ('queued', 'analyzing')
                            then null else clock_timestamp() end,
         failure = case when state_after(fleet_run) = 'failed'
                        then coalesce(failure, 'infrastructure: rows are missing in the store')
                        else failure end
    from d where fleet_run.id = %(run)s and fleet_run.fence = %(fence)s
     and fleet_run.state in ('leased', 'restoring')
  returning fleet_run.id, fleet_run.state, fleet_run.failure),
tr as (
  update fleet_trial set state = 'failed' from ru
   where fleet_trial.run_id = ru.id and fleet_trial.state = 'measuring'),
ev as (
  insert into fleet_event (run_id, device_id, word, actor, reason)
  select ru.id, d.id, ru.state, %(me)s, ru.failure from ru, d)
update fleet_device set holder = null, until = null, offered = false, state = %(next)s,
       since = clock_timestamp(), reason = %(why)s
  from d, ru where fleet_device.id = d.id returning ru.state

-- name: reap
-- Free every expired lease; the only place that frees a lease it does not hold.
with dead as (
  select id from fleet_device
   where holder is not null and until < clock_timestamp() for update skip locked),
du as (
  update fleet_device set holder = null, until = null, offered = false,
         fence = nextval('fence_seq'), since = clock_timestamp(),
         reason = 'its lease expired: looking whether the phone is as it was found',
         state = case when connection = 'device' then 'probing' else 'offline' end
    from dead where fleet_device.id = dead.id returning fleet_device.id),
ru as (
  update fleet_run set state = state_after(fleet_run), fence = null,
         finished_at = case when state_after(fleet_run) in ('queued', 'analyzing')
                            then null else clock_timestamp() end,
         failure = coalesce(failure, 'infrastructure: lease expired')
    from du where fleet_run.device_id = du.id
     and fleet_run.state in ('leased', 'preparing', 'measuring', 'restoring')
  returning fleet_run.id, fleet_run.state, fleet_run.failure, du.id as device_id),
tr as (
  update fleet_trial set state = 'failed' from ru
   where fleet_trial.run_id = ru.id and fleet_trial.state = 'measuring')
insert into fleet_event (run_id, device_id, word, actor, reason)
select id, device_id, state, 'reaper', failure from ru returning run_id, word

-- name: cancel
-- Ask a run to stop; a queued one ends at once. No row: too late.
with ru as (
  update fleet_run set cancel_requested_at = clock_timestamp(),
         finished_at = case when state = 'queued' then clock_timestamp() else finished_at end,
         state = case when state = 'queued' then 'cancelled' else state end
   where id = %(run)s and state in ('queued', 'leased', 'preparing', 'measuring')
     and cancel_requested_at is null
  returning id, state)
insert into fleet_event (run_id, word, actor)
select id, case when state = 'cancelled' then 'cancelled' else 'cancel requested' end, %(me)s
  from ru returning word

-- name: unheard
-- Leased runs whose doorbell nobody answered yet: ring again.
select fleet_run.id, fleet_host.name
  from fleet_run
  join fleet_device on fleet_device.id = fleet_run.device_id
                   and fleet_device.fence = fleet_run.fence
  join fleet_host on fleet_host.id = fleet_device.host_id
 where fleet_run.state = 'leased' and fleet_device.offered
   and fleet_device.until > clock_timestamp()
   and fleet_device.until < clock_timestamp() + %(ttl)s - interval '3 s'
