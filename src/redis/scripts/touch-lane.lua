-- Notes that jobs are put into a lane, by the clock of Redis, and wakes workers that may not have it open.
-- KEYS: lanes.  ARGV: lane, the channel.
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[1])
