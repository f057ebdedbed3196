-- A running epoch goes back into its lane. Told twice, as when a reply was lost, it holds once.
-- KEYS: job.  ARGV: epoch, calls sent so far, how many of them were throttled and how many AWS did not execute, the last
-- failure ('' = none), where the span of this execution is ('' = not traced), the name of the start that says so.
-- Returns 1; 2 when the epoch waits or runs by another start, as after a worker that stood still was taken for dead; 0 when
-- it is over.
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'sends', 'start')
if known[2] ~= ARGV[1] or (known[1] ~= 'queued' and known[1] ~= 'running') then return 0 end
-- A record without a name is of a version that gave none.
if known[4] and known[4] ~= ARGV[7] then return 2 end
if known[1] == 'queued' then return known[3] == ARGV[2] and 1 or 2 end
redis.call('HSET', KEYS[1], 'state', 'queued', 'sends', ARGV[2], 'throttles', ARGV[3], 'outages', ARGV[4],
  'failure', ARGV[5])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'executed', ARGV[6]) end
return 1
