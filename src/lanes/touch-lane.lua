-- Notes that jobs are put into a lane, by the clock of Redis.
-- KEYS: lanes.  ARGV: lane.
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
