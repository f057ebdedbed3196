-- A running epoch goes back into its lane.
-- KEYS: job.  ARGV: epoch, calls sent so far, how many of them were throttled, the last throttle ('' = none).
-- Returns 1, or 0 when the epoch is not the one that runs.
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch')
if known[2] ~= ARGV[1] or known[1] ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'queued', 'sends', ARGV[2], 'throttles', ARGV[3], 'throttle', ARGV[4])
return 1
