-- Gives a lane a place, unless all are taken. A lane with a place keeps it.
-- KEYS: lanes.  ARGV: lane, lanes at the most.
-- Returns 1 or 0, and how many lanes there are.
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return { 1, redis.call('ZCARD', KEYS[1]) } end
local lanes = redis.call('ZCARD', KEYS[1])
if lanes >= tonumber(ARGV[2]) then return { 0, lanes } end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
return { 1, lanes + 1 }
