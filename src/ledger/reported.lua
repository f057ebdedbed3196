-- Zeebe has been told (or need not be): the outbox entry goes, and the state says how it ended.
-- KEYS: job, outbox, bytes.  ARGV: consumer group, entry id, epoch, 'done', 'released' or 'kept', ms to remember it,
-- ms that an activation made until now may be leased.
-- Returns 1, or 0 when the entry spoke of an epoch that is no longer the answered one.
redis.call('XACK', KEYS[2], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'deadline', 'bytes')
if known[2] ~= ARGV[3] or known[1] ~= 'answered' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[4])
redis.call('HDEL', KEYS[1], 'bytes')
redis.call('DECRBY', KEYS[3], known[4] or 0)
if ARGV[4] ~= 'kept' then
  redis.call('HDEL', KEYS[1], 'outcome', 'failure')
  -- An activation that Zeebe made before it was told may still be on its way here: it is a duplicate (of a
  -- failed job: unless its retries are those that the failure left).
  local time = redis.call('TIME')
  local latest = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[6])
  if latest > tonumber(known[3]) then redis.call('HSET', KEYS[1], 'deadline', string.format('%.0f', latest)) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
