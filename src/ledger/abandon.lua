-- Forgets an epoch that is in no lane any more. Zeebe brings the job again if it still exists.
-- KEYS: job, held, leases, bytes, patience.  ARGV: job key, epoch.
--- @include count-held
local job, held, leases, sumOfBytes, patience = unpack(KEYS)
local key, epoch = unpack(ARGV)
local state, knownEpoch, bytes, lane, tenant = unpack(redis.call('HMGET', job, 'state', 'epoch', 'bytes', 'lane', 'tenant'))
if knownEpoch and (knownEpoch ~= epoch or (state ~= 'queued' and state ~= 'running')) then return 0 end
redis.call('DECRBY', sumOfBytes, bytes or 0)
redis.call('DEL', job)
if redis.call('ZREM', held, key) == 1 then count_held(held, lane, tenant, -1) end
if lane then redis.call('ZREM', held .. ':' .. lane, key) end
redis.call('ZREM', leases, key)
redis.call('ZREM', patience, key)
return 1
