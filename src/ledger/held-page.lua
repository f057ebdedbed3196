-- A page of a shard's held jobs, in order of acceptance, with their records. A job whose record was lost is removed: it would
-- count to the backlog for ever.
-- KEYS: held, leases.  ARGV: prefix of job records' keys, offset, the most.
-- Returns for each job: key, state, epoch, lane, its last start, process id, span, when that start was let in, ms ('' = not known).
local held, leases = unpack(KEYS)
local prefix, offset, most = unpack(ARGV)
local found = {}
for _, key in ipairs(redis.call('ZRANGE', held, offset, offset + most - 1)) do
  local known = redis.call('HMGET', prefix .. key, 'state', 'epoch', 'lane', 'start', 'process', 'trace', 'started')
  if not known[1] then
    redis.call('ZREM', held, key)
    redis.call('ZREM', leases, key)
  end
  local row = { key }
  for field = 1, 7 do row[field + 1] = known[field] or '' end
  found[#found + 1] = row
end
return found
