-- A worker begins (or, after another one died, begins again) an epoch.
-- KEYS: job.  ARGV: epoch.
-- Returns nil when this epoch is not to be executed (any more); else ms waited since accepted, calls sent,
-- how many of them were throttled, the last failure, starts that ended with a dead worker, whether the latest did.
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'since', 'sends', 'throttles', 'failure', 'deaths')
if known[2] ~= ARGV[1] or (known[1] ~= 'queued' and known[1] ~= 'running') then return nil end
local deaths = tonumber(known[7] or '0')
-- A worker that lives says how a start ended. One that said nothing is dead.
local died = known[1] == 'running' and 1 or 0
if died == 1 then deaths = redis.call('HINCRBY', KEYS[1], 'deaths', 1) end
redis.call('HSET', KEYS[1], 'state', 'running')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return { now - tonumber(known[3]), tonumber(known[4] or '0'), tonumber(known[5] or '0'), known[6] or '', deaths, died }
