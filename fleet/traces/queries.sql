-- Everything that is asked of the trace tables, except what sealing asks (seal.sql).

-- name: declare_group
-- Note a clock group; declared again after a reconnect, it is there already.
insert into trace_group (trial_id, grp, name, period_us)
values (%(trial)s, %(grp)s, %(name)s, %(period_us)s)
on conflict (trial_id, grp) do nothing

-- name: declare_channel
-- Note one channel of a group.
insert into trace_channel (trial_id, grp, ch, name, source, unit, exp, kind)
values (%(trial)s, %(grp)s, %(ch)s, %(name)s, %(source)s, %(unit)s, %(exp)s, %(kind)s)
on conflict (trial_id, grp, ch) do nothing

-- name: flag_channel
-- Say what is wrong with the values of a channel; the first remark stays.
update trace_channel set quality = %(quality)s
where trial_id = %(trial)s and grp = %(grp)s and ch = any(%(channels)s::smallint[])
  and quality = 'ok'

-- name: insert_block
-- Store one block; no row inserted: the key is taken. SQLSTATE 55F03: the fence is stale.
insert into trace_live (trial_id, grp, i0, n, t0, t1, seq, fence, sha256, data)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (trial_id, grp, i0) do nothing

-- name: stored_block
-- The block that took a key.
select n, t0, t1, seq, sha256, data
from trace_live where trial_id = %(trial)s and grp = %(grp)s and i0 = %(i0)s

-- name: insert_event
-- Store one event; no row inserted: it is there already. SQLSTATE 55F03: the fence is stale.
insert into trace_event (trial_id, i, seq, t, kind, data, fence)
values (%(trial)s, %(i)s, %(seq)s, %(t)s, %(kind)s, %(data)s::jsonb, %(fence)s)
on conflict (trial_id, i) do nothing

-- name: stored_event
-- The event that took a key.
select seq, t, kind, data::text
from trace_event where trial_id = %(trial)s and i = %(i)s

-- name: next_row
-- The first row of a group that is not stored yet; rows before sealed_to are in chunks.
select coalesce(
  (select i0 + n from trace_live
   where trial_id = %(trial)s and grp = %(grp)s order by i0 desc limit 1),
  (select sealed_to from trace_group where trial_id = %(trial)s and grp = %(grp)s),
  0)

-- name: seq_range
-- The last number of a run's stream, and the highest whose blocks were sealed.
select
  greatest(0, max(g.sealed_seq), max(b.seq), max(e.seq)) as last,
  coalesce(max(g.sealed_seq), 0) as sealed
from fleet_trial t
left join lateral (
  select max(sealed_seq) as sealed_seq from trace_group where trial_id = t.id) g on true
left join lateral (
  select seq from trace_live where trial_id = t.id order by seq desc limit 1) b on true
left join lateral (
  select seq from trace_event where trial_id = t.id order by seq desc limit 1) e on true
where t.run_id = %(run)s

-- name: layout
-- One trial, or those of a run's newest attempt that has any, settling first; a row per channel,
-- clocks left out.
select t.id, t.number, t.attempt,
  g.grp, g.name, g.period_us, g.sealed_to, g.lost, g.rows_total,
  c.ch, c.name, c.source, c.unit, c.exp, c.kind, c.quality
from fleet_trial t
left join trace_group g on g.trial_id = t.id
left join trace_channel c on c.trial_id = g.trial_id and c.grp = g.grp and c.ch > 0
where t.id = %(trial)s or t.run_id = %(run)s
  and t.attempt = (select max(attempt) from fleet_trial where run_id = %(run)s)
order by t.number, g.grp, c.ch

-- name: tail_blocks
-- Live blocks of a run's newest attempt after a number, oldest first.
select b.trial_id, b.grp, b.i0, b.n, b.t0, b.t1, b.seq, b.data
from fleet_trial t
join trace_live b on b.trial_id = t.id
where t.run_id = %(run)s and b.seq > %(since)s and b.seq <= %(last)s
  and t.attempt = (select max(attempt) from fleet_trial where run_id = %(run)s)
order by b.seq limit %(limit)s

-- name: tail_events
-- Events of a run's newest attempt after a number, oldest first.
select e.trial_id, e.i, e.seq, e.t, e.kind, e.data::text
from fleet_trial t
join trace_event e on e.trial_id = t.id
where t.run_id = %(run)s and e.seq > %(since)s and e.seq <= %(last)s
  and t.attempt = (select max(attempt) from fleet_trial where run_id = %(run)s)
order by e.seq limit %(limit)s

-- name: events
-- What happened in a trial, in the order in which it was stored.
select i, t, kind, data::text
from trace_event where trial_id = %(trial)s order by seq

-- name: window_events
-- Events of a run's newest attempt within a stretch of time, in the order of their numbers.
select e.trial_id, e.i, e.seq, e.t, e.kind, e.data::text
from fleet_trial t
join trace_event e on e.trial_id = t.id
where t.run_id = %(run)s and e.seq <= %(seq)s and e.t between %(start)s and %(end)s
  and t.attempt = (select max(attempt) from fleet_trial where run_id = %(run)s)
order by e.seq

-- name: live_blocks
-- How far a group is sealed, and its live blocks that reach into a stretch of time, in the order
-- of their rows; one row of nulls when there are none.
select g.sealed_to, b.i0, b.n, b.data
from trace_group g
left join trace_live b
  on b.trial_id = g.trial_id and b.grp = g.grp
  and b.t1 >= %(start)s and b.t0 <= %(end)s and b.seq <= %(seq)s
where g.trial_id = %(trial)s and g.grp = %(grp)s
order by b.i0

-- name: chunks
-- The chunks of some channels of a group that reach into a stretch of time.
select ch, data from trace_chunk
where trial_id = %(trial)s and grp = %(grp)s and ch = any(%(channels)s::smallint[])
  and t1 >= %(start)s and t0 <= %(end)s and i0 < %(sealed_to)s
order by ch, i0

-- name: level_sizes
-- About how many buckets of each level of the groups of trials are within a stretch of time.
select l.trial_id, l.grp, l.lvl, (sum(l.nb) * v.share)::bigint
from (
  select trial_id, grp,
    coalesce(sum(n) filter (where t1 >= %(start)s and t0 <= %(end)s), 0)::float8
      / nullif(sum(n), 0) as share
  from trace_chunk where trial_id = any(%(trials)s) and ch = 0
  group by trial_id, grp) v
join trace_level l using (trial_id, grp)
where l.ch = 0
group by l.trial_id, l.grp, l.lvl, v.share order by l.lvl

-- name: level
-- The segments of one level of a group for some channels; 0 is the clock.
select ch, seg, data from trace_level
where trial_id = %(trial)s and grp = %(grp)s and lvl = %(lvl)s
  and ch = any(%(channels)s::smallint[])
order by ch, seg
