-- A running epoch goes into another lane, since its resolved request belongs there. Repeating it after a lost reply changes nothing.
-- The queued job is added later; until then the job is in no lane, and found as a stray (ledger/strays.ts).
-- KEYS: job, held.  ARGV: job key, epoch, the name of this execution's start, the lane, span of this execution ('' = not traced).
-- Returns 1; 2 when the epoch waits or runs by another start; 0 when it is over.
--- @include count-held
local job, held = unpack(KEYS)
local key, epoch, start, lane, trace = unpack(ARGV)
local state, knownEpoch, runBy, knownLane, since, tenant =
  unpack(redis.call('HMGET', job, 'state', 'epoch', 'start', 'lane', 'since', 'tenant'))
if knownEpoch ~= epoch or (state ~= 'queued' and state ~= 'running') then return 0 end
if runBy ~= start then return 2 end
if state == 'queued' then return knownLane == lane and 1 or 2 end
redis.call('HSET', job, 'state', 'queued', 'lane', lane)
redis.call('HINCRBY', job, 'moves', 1)
if trace ~= '' then redis.call('HSET', job, 'executed', trace) end
if knownLane then redis.call('ZREM', held .. ':' .. knownLane, key) end
redis.call('ZADD', held .. ':' .. lane, since, key)
count_held(held, knownLane, tenant, -1)
count_held(held, lane, tenant, 1)
return 1
