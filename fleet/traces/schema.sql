-- The trace store: live blocks, sealed chunks, the min/max pyramid and events.
-- No extension and no compression clause: the Postgres of a one-machine farm has neither.

create table trace_group (
  trial_id bigint not null,
  grp smallint not null,
  name text not null,
  period_us integer,                         -- nominal; null = one row per event
  sealed_to bigint not null default 0,       -- rows [0, sealed_to) are in trace_chunk
  sealed_seq bigint not null default 0,      -- blocks up to this number have left trace_live
  lost bigint not null default 0,            -- rows that the phone could not keep
  rows_total bigint,                         -- what the agent declared when the trial ended
  primary key (trial_id, grp));

create table trace_channel (
  trial_id bigint not null,
  grp smallint not null,
  ch smallint not null,                      -- 0 = the clock, µs since the origin of the run
  name text not null,                        -- zone.skin.temperature
  source text not null,                      -- what the agent calls it: thermal:skin
  unit text not null,                        -- SI; v * 10^exp is in it
  exp smallint not null,
  kind text not null,                        -- gauge | state | duration | index
  read_us integer,
  quality text not null default 'ok',
  primary key (trial_id, grp, ch));

create table trace_live (                    -- one row per block: all channels of a group
  trial_id bigint not null,
  grp smallint not null,
  i0 bigint not null,                        -- index of the first row, counted by the phone
  n integer not null,
  t0 bigint not null,                        -- smallest and largest time of its rows, µs
  t1 bigint not null,
  seq bigint not null,                       -- numbers blocks and events of a run, from 1
  fence bigint not null,
  sha256 bytea not null,
  data bytea not null,
  primary key (trial_id, grp, i0));
create index trace_live_seq on trace_live (trial_id, seq);
alter table trace_live alter data set storage external;
alter table trace_live set (
  autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);

create table trace_chunk (                   -- one row per channel and 8,192 rows
  trial_id bigint not null,
  grp smallint not null,
  ch smallint not null,
  i0 bigint not null,
  n integer not null,
  nv integer not null,                       -- rows that are not null
  t0 bigint not null,
  t1 bigint not null,
  vmin bigint,                               -- over rows that are not null; null for the clock
  vmax bigint,
  vsum bigint,
  codec smallint not null,                   -- 1 = byte planes, readable by trace_unpack
  data bytea not null,
  primary key (trial_id, grp, ch, i0));

create table trace_level (                   -- min/max of 64, 256, 1,024 … rows, as a block
  trial_id bigint not null,
  grp smallint not null,
  ch smallint not null,
  lvl smallint not null,
  seg integer not null,
  nb integer not null,
  data bytea not null,
  primary key (trial_id, grp, ch, lvl, seg));
alter table trace_level alter data set storage external;

create table trace_event (                   -- what happened on the phone
  trial_id bigint not null,
  i bigint not null,                         -- the agent's index; -seq for the host's remarks
  seq bigint not null,
  t bigint not null,                         -- trace time, µs
  kind text not null,
  data jsonb not null,
  fence bigint not null,
  primary key (trial_id, i));
create index trace_event_seq on trace_event (trial_id, seq);

-- The values of a chunk. `d || ''` detoasts once; without it every get_byte decompresses again.
create function trace_unpack(d bytea) returns bigint[]
language plpgsql immutable strict parallel safe as $$
declare
  b bytea := d || ''::bytea;
  h int := get_byte(b, 0);
  w int := h & 127;
  n int;
  m int;
  x bigint := 0;
  z bigint;
  o bigint[];
  p int;
begin
  if w not in (1, 2, 4, 8) then raise exception 'trace_unpack: bad width %', w; end if;
  n := (get_byte(b, 1) << 24) | (get_byte(b, 2) << 16) | (get_byte(b, 3) << 8) | get_byte(b, 4);
  m := n - 1;
  for k in 5..12 loop x := (x << 8) | get_byte(b, k); end loop;
  o := array_fill(x, array[n]);
  if w = 1 then
    for i in 1..m loop
      z := get_byte(b, 12 + i);
      x := x + ((z >> 1) # -(z & 1));
      o[i + 1] := x;
    end loop;
  elsif w = 2 then
    for i in 1..m loop
      z := get_byte(b, 12 + i) | (get_byte(b, 12 + m + i) << 8);
      x := x + ((z >> 1) # -(z & 1));
      o[i + 1] := x;
    end loop;
  else
    for i in 1..m loop
      z := 0;
      for k in reverse w - 1..0 loop z := (z << 8) | get_byte(b, 12 + k * m + i); end loop;
      x := x + ((z >> 1) # -(z & 1));
      o[i + 1] := x;
    end loop;
  end if;
  if h > 127 then
    p := 13 + w * m;
    for i in 0..m loop
      if (get_byte(b, p + (i >> 3)) >> (i & 7)) & 1 = 0 then o[i + 1] := null; end if;
    end loop;
  end if;
  return o;
end $$;

-- Sealed rows, one per sample, for people with psql. Whole-run sums: use vsum, vmin and vmax.
create view trace_sample as
select c.trial_id, c.grp, c.ch, c.i0 + u.o - 1 as i, u.t, u.v
from trace_chunk c
join trace_chunk k
  on k.trial_id = c.trial_id and k.grp = c.grp and k.i0 = c.i0 and k.ch = 0
cross join lateral unnest(trace_unpack(k.data), trace_unpack(c.data)) with ordinality as u(t, v, o)
where c.ch > 0 and c.codec = 1;

-- Sealed rows of one channel between two times; unpacks only the chunks that it needs.
create function trace_window(tr bigint, g smallint, c smallint, a bigint, z bigint)
returns table (t bigint, v bigint) language sql stable as $$
  select u.t, u.v
  from trace_chunk x
  join trace_chunk k on k.trial_id = x.trial_id and k.grp = x.grp and k.i0 = x.i0 and k.ch = 0
  cross join lateral unnest(trace_unpack(k.data), trace_unpack(x.data)) as u(t, v)
  where x.trial_id = tr and x.grp = g and x.ch = c and x.codec = 1
    and x.t1 >= a and x.t0 <= z and u.t between a and z $$;
