-- A running epoch goes back into its lane. Told twice, as when a reply was lost, it holds once.
-- KEYS: job.  ARGV: epoch, calls sent so far, how many of them were throttled, the last failure ('' = none),
-- where the span of this execution is ('' = not traced).
-- Returns 1, or 0 when the epoch is not the one that runs.
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'sends')
if known[2] ~= ARGV[1] then return 0 end
if known[1] == 'queued' and known[3] == ARGV[2] then return 1 end
if known[1] ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'queued', 'sends', ARGV[2], 'throttles', ARGV[3], 'failure', ARGV[4])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'executed', ARGV[5]) end
return 1
