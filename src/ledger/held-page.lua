-- A part of what a shard holds, in the order of its acceptance, with what the records say. One whose record was lost is taken
-- out: it would count to the backlog for ever.
-- KEYS: held, leases.  ARGV: what a job's key begins with, offset, the most.
-- Returns for each job: key, state, epoch, lane, the start that has it last, process id, where its span is, when that start was let in,
-- ms ('' = not known).
local found = {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[2] + ARGV[3] - 1)) do
  local known = redis.call('HMGET', ARGV[1] .. key, 'state', 'epoch', 'lane', 'start', 'process', 'trace', 'started')
  if not known[1] then
    redis.call('ZREM', KEYS[1], key)
    redis.call('ZREM', KEYS[2], key)
  end
  found[#found + 1] = { key, known[1] or '', known[2] or '', known[3] or '', known[4] or '', known[5] or '', known[6] or '',
    known[7] or '' }
end
return found
