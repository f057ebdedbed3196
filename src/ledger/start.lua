-- A worker begins (or, after another one died, begins again) an epoch.
-- KEYS: job.  ARGV: epoch, a name for this start, the start whose worker is known to be dead ('' = none), the lane that it was
-- taken from ('' = not told).
-- Returns nil when this epoch is not to be executed (any more); the name of the start that runs it, when nothing is known
-- of that one's worker; the lane alone, when the job was moved to another one; else ms waited since accepted, calls sent, how many of them were throttled, the last failure,
-- starts that ended with a dead worker, whether the latest did, where the job's span is, where that of the execution before
-- this one is ('' = not traced), how many calls AWS did not execute, how often it was moved to another lane.
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'since', 'sends', 'throttles', 'failure', 'deaths', 'start',
  'trace', 'executed', 'outages', 'lane', 'moves')
if known[2] ~= ARGV[1] or (known[1] ~= 'queued' and known[1] ~= 'running') then return nil end
if ARGV[4] ~= '' and known[12] and known[12] ~= ARGV[4] then return { known[12] } end
-- Told twice, as when a reply was lost, it holds once.
local other = known[1] == 'running' and known[8] ~= ARGV[2]
if other and known[8] and known[8] ~= ARGV[3] then return known[8] end
local deaths = tonumber(known[7] or '0')
if other then deaths = redis.call('HINCRBY', KEYS[1], 'deaths', 1) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'running', 'start', ARGV[2], 'started', now)
local died = other and 1 or 0
return { now - tonumber(known[3]), tonumber(known[4] or '0'), tonumber(known[5] or '0'), known[6] or '', deaths, died,
  known[9] or '', known[10] or '', tonumber(known[11] or '0'), tonumber(known[13] or '0') }
