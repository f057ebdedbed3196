-- Removes the patience of a job that neither waits nor runs: a version that knows no patience ended it.
-- KEYS: job, patience.  ARGV: job key.
local job, patience = unpack(KEYS)
local key = unpack(ARGV)
local state = redis.call('HGET', job, 'state')
if state == 'queued' or state == 'running' then return 0 end
return redis.call('ZREM', patience, key)
