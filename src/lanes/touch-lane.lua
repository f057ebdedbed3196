-- Records that jobs are put into a lane, by Redis's clock.
-- KEYS: lanes.  ARGV: lane.
local lanes, lane = KEYS[1], ARGV[1]
local time = redis.call('TIME')
redis.call('ZADD', lanes, time[1] * 1000 + math.floor(time[2] / 1000), lane)
