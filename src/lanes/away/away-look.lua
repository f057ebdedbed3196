-- How many jobs of a lane are away. Changes nothing.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: ms that a job that is due is on its way.
-- Returns how many are away, how many were called back and have not come, and how many are on their way.
local away, recalled, due = unpack(KEYS)
local onTheirWayMs = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return { redis.call('ZCARD', away), redis.call('ZCARD', recalled),
  redis.call('ZCOUNT', due, string.format('%.0f', now - onTheirWayMs), string.format('%.0f', now)) }
