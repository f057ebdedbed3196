-- Zeebe no longer has the job: its waiting or running epoch ends. It is remembered as done, so that an activation made before the
-- end, and delivered after it, is a duplicate.
-- KEYS: job, held, leases, bytes, patience.  ARGV: job key, ms to remember it, ms that an activation made until now may be leased.
-- Returns nil when the job is neither queued nor running; else its state before, epoch, lane, process id and span ('' = not known).
--- @include count-held
local job, held, leases, sumOfBytes, patience = unpack(KEYS)
local key, rememberMs, leaseMs = unpack(ARGV)
local state, epoch, lane, deadline, bytes, process, trace, tenant =
  unpack(redis.call('HMGET', job, 'state', 'epoch', 'lane', 'deadline', 'bytes', 'process', 'trace', 'tenant'))
redis.call('ZREM', leases, key)
if state ~= 'queued' and state ~= 'running' then return nil end
local time = redis.call('TIME')
local latest = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(leaseMs)
if latest < tonumber(deadline) then latest = tonumber(deadline) end
redis.call('HSET', job, 'state', 'done', 'deadline', string.format('%.0f', latest))
redis.call('HDEL', job, 'failure', 'repairs', 'bytes')
redis.call('DECRBY', sumOfBytes, bytes or 0)
if redis.call('ZREM', held, key) == 1 then count_held(held, lane, tenant, -1) end
redis.call('ZREM', patience, key)
if lane then redis.call('ZREM', held .. ':' .. lane, key) end
redis.call('PEXPIRE', job, rememberMs)
return { state, tonumber(epoch), lane, process or '', trace or '' }
