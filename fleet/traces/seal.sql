-- What sealing asks of the trace tables; each slice is one transaction.

-- name: lock_group
-- Keep a second sealer out; it finds nothing to do afterwards.
select sealed_to from trace_group
where trial_id = %(trial)s and grp = %(grp)s for update

-- name: stored_to
-- The first row that is not stored; null: no live block is left.
select max(i0 + n) from trace_live where trial_id = %(trial)s and grp = %(grp)s

-- name: slice_blocks
-- The live blocks that overlap rows [lo, hi).
select i0, n, seq, data from trace_live
where trial_id = %(trial)s and grp = %(grp)s and i0 < %(hi)s and i0 + n > %(lo)s
order by i0

-- name: add_chunks
-- One row per channel and 8,192 rows.
copy trace_chunk (trial_id, grp, ch, i0, n, nv, t0, t1, vmin, vmax, vsum, codec, data)
from stdin (format binary)

-- name: segment
-- The last segment of a level, which may have room for more buckets.
select ch, data from trace_level
where trial_id = %(trial)s and grp = %(grp)s and lvl = %(lvl)s and seg = %(seg)s order by ch

-- name: put_segment
-- Store one channel's segment of a level, again if it has grown.
insert into trace_level (trial_id, grp, ch, lvl, seg, nb, data)
values (%(trial)s, %(grp)s, %(ch)s, %(lvl)s, %(seg)s, %(nb)s, %(data)b)
on conflict (trial_id, grp, ch, lvl, seg) do update set nb = excluded.nb, data = excluded.data

-- name: move_on
-- Say how far a group is sealed, and which blocks nobody can replay any more.
update trace_group
set sealed_to = %(hi)s, sealed_seq = greatest(sealed_seq, %(seq)s)
where trial_id = %(trial)s and grp = %(grp)s

-- name: drop_blocks
-- Blocks whose rows are all in chunks. One that reaches beyond stays; readers skip its old rows.
delete from trace_live
where trial_id = %(trial)s and grp = %(grp)s and i0 + n <= %(hi)s

-- name: level_size
-- The buckets of one level of a group.
select coalesce(sum(nb), 0)::bigint from trace_level
where trial_id = %(trial)s and grp = %(grp)s and lvl = %(lvl)s and ch = 0
