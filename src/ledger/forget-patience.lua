-- Takes a job that neither waits nor runs out of those with a patience of their own: one that a version without them ended.
-- KEYS: job, patience.  ARGV: job key.
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'queued' or state == 'running' then return 0 end
return redis.call('ZREM', KEYS[2], ARGV[1])
