-- Gives a lane a place, unless all are taken. A lane that has a place keeps it.
-- KEYS: lanes.  ARGV: lane, the most lanes.
-- Returns 1 or 0, and the number of lanes.
local lanes = KEYS[1]
local lane, most = unpack(ARGV)
local count = redis.call('ZCARD', lanes)
if redis.call('ZSCORE', lanes, lane) then return { 1, count } end
if count >= tonumber(most) then return { 0, count } end
local time = redis.call('TIME')
redis.call('ZADD', lanes, time[1] * 1000 + math.floor(time[2] / 1000), lane)
return { 1, count + 1 }
