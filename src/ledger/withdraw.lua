-- Zeebe does not know the job any more: what waits or runs of it is not wanted. It stays remembered as done, so that
-- an activation made before the end, and delivered after it, is a duplicate.
-- KEYS: job, held, leases, bytes, patience.  ARGV: job key, ms to remember it, ms that an activation made until now may be leased.
-- Returns nil when the job is neither queued nor running; else its state before, its epoch, its lane, its process id and
-- where its span is ('' = not known).
--- @include count-held
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'lane', 'deadline', 'bytes', 'process', 'trace', 'tenant')
redis.call('ZREM', KEYS[3], ARGV[1])
if known[1] ~= 'queued' and known[1] ~= 'running' then return nil end
local time = redis.call('TIME')
local latest = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[3])
if latest < tonumber(known[4]) then latest = tonumber(known[4]) end
redis.call('HSET', KEYS[1], 'state', 'done', 'deadline', string.format('%.0f', latest))
redis.call('HDEL', KEYS[1], 'failure', 'bytes')
redis.call('DECRBY', KEYS[4], known[5] or 0)
if redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then count_held(KEYS[2], known[3], known[8], -1) end
redis.call('ZREM', KEYS[5], ARGV[1])
if known[3] then redis.call('ZREM', KEYS[2] .. ':' .. known[3], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { known[1], tonumber(known[2]), known[3], known[6] or '', known[7] or '' }
