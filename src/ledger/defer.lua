-- A running epoch goes back into its lane. Repeating it after a lost reply changes nothing.
-- KEYS: job.  ARGV: epoch, calls sent so far, how many of them were throttled, how many AWS did not execute, the last failure
-- ('' = none), span of this execution ('' = not traced), the name of this execution's start, answers that are to be repaired ('' = as
-- before).
-- Returns 1; 2 when the epoch waits or runs by another start, as when a worker that stood still was taken for dead; 0 when it is
-- over.
local job = KEYS[1]
local epoch, sends, throttles, outages, failure, trace, start, repairs = unpack(ARGV)
local state, knownEpoch, knownSends, runBy = unpack(redis.call('HMGET', job, 'state', 'epoch', 'sends', 'start'))
if knownEpoch ~= epoch or (state ~= 'queued' and state ~= 'running') then return 0 end
-- Early versions gave starts no name.
if runBy and runBy ~= start then return 2 end
if state == 'queued' then return knownSends == sends and 1 or 2 end
redis.call('HSET', job, 'state', 'queued', 'sends', sends, 'throttles', throttles, 'outages', outages, 'failure', failure)
if repairs ~= '' then redis.call('HSET', job, 'repairs', repairs) end
if trace ~= '' then redis.call('HSET', job, 'executed', trace) end
return 1
