-- How many jobs of a lane are away. Changes nothing.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: ms that one that is due is on its way.
-- Returns how many are away, how many were called back and have not come, and how many are on their way.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return { redis.call('ZCARD', KEYS[1]), redis.call('ZCARD', KEYS[2]),
  redis.call('ZCOUNT', KEYS[3], string.format('%.0f', now - ARGV[1]), string.format('%.0f', now)) }
