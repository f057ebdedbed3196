-- Forgets an epoch that is in no lane any more. Zeebe brings the job again if it still exists.
-- KEYS: job, held, leases, bytes, patience.  ARGV: job key, epoch.
--- @include count-held
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'bytes', 'lane', 'tenant')
if known[2] and (known[2] ~= ARGV[2] or (known[1] ~= 'queued' and known[1] ~= 'running')) then return 0 end
redis.call('DECRBY', KEYS[4], known[3] or 0)
redis.call('DEL', KEYS[1])
if redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then count_held(KEYS[2], known[4], known[5], -1) end
if known[4] then redis.call('ZREM', KEYS[2] .. ':' .. known[4], ARGV[1]) end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
return 1
