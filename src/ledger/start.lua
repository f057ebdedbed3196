-- A worker starts an epoch, or starts it again after another worker died.
-- KEYS: job.  ARGV: epoch, a name for this start, the start whose worker is known to be dead ('' = none), the lane that the job was
-- taken from ('' = not given).
-- Returns nil when this epoch must not be executed (any more); { start, when it was let in (ms) } when another start runs it whose
-- worker is not known to be dead; { lane } when the job was moved to another lane; else ms waited since accepted, calls sent, how many
-- of them were throttled, the last failure, starts that ended with a dead worker, whether the latest did, the job's span, the span
-- of the execution before ('' = not traced), how many calls AWS did not execute, how often the job was moved, answers
-- that are to be repaired ('' = none).
local job = KEYS[1]
local epoch, start, deadStart, lane = unpack(ARGV)
local state, knownEpoch, since, sends, throttles, failure, deaths, runBy, trace, executed, outages, knownLane, moves, started, repairs =
  unpack(redis.call('HMGET', job, 'state', 'epoch', 'since', 'sends', 'throttles', 'failure', 'deaths', 'start', 'trace',
    'executed', 'outages', 'lane', 'moves', 'started', 'repairs'))
if knownEpoch ~= epoch or (state ~= 'queued' and state ~= 'running') then return nil end
if lane ~= '' and knownLane and knownLane ~= lane then return { knownLane } end
-- Repeating a start after a lost reply changes nothing.
local other = state == 'running' and runBy ~= start
if other and runBy and runBy ~= deadStart then return { runBy, tonumber(started or '0') } end
deaths = tonumber(deaths or '0')
if other then deaths = redis.call('HINCRBY', job, 'deaths', 1) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', job, 'state', 'running', 'start', start, 'started', now)
return { now - tonumber(since), tonumber(sends or '0'), tonumber(throttles or '0'), failure or '', deaths, other and 1 or 0,
  trace or '', executed or '', tonumber(outages or '0'), tonumber(moves or '0'), repairs or '' }
