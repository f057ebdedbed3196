-- A running epoch goes into another lane, as its request turned out to be for that one. Told twice, as when a reply was lost, it
-- holds once. Its queued job follows; until it is there, the job is in no lane, and is found as such (ledger/strays.ts).
-- KEYS: job, held.  ARGV: job key, epoch, the name of the start that says so, the lane, where the span of this execution is
-- ('' = not traced).
-- Returns 1; 2 when the epoch waits or runs by another start; 0 when it is over.
--- @include count-held
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'start', 'lane', 'since', 'tenant')
if known[2] ~= ARGV[2] or (known[1] ~= 'queued' and known[1] ~= 'running') then return 0 end
if known[3] ~= ARGV[3] then return 2 end
if known[1] == 'queued' then return known[4] == ARGV[4] and 1 or 2 end
redis.call('HSET', KEYS[1], 'state', 'queued', 'lane', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'executed', ARGV[5]) end
if known[4] then redis.call('ZREM', KEYS[2] .. ':' .. known[4], ARGV[1]) end
redis.call('ZADD', KEYS[2] .. ':' .. ARGV[4], known[5], ARGV[1])
count_held(KEYS[2], known[4], known[6], -1)
count_held(KEYS[2], ARGV[4], known[6], 1)
return 1
