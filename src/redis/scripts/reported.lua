-- Zeebe has been told (or need not be): the outbox entry goes, the answer goes, the state says how it ended.
-- KEYS: job, outbox.  ARGV: consumer group, entry id, epoch, 'done' or 'released', ms to remember it.
-- Returns 1, or 0 when the entry spoke of an epoch that is no longer the answered one.
redis.call('XACK', KEYS[2], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch')
if known[2] ~= ARGV[3] or known[1] ~= 'answered' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[4])
redis.call('HDEL', KEYS[1], 'outcome', 'throttle')
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
