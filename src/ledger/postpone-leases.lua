-- Leases that could not be extended are due again after a while, unless their jobs have ended.
-- KEYS: leases.  ARGV: ms until then, job keys.
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', due, ARGV[index]) end
