-- Leases whose extension failed are due again later, unless their jobs have ended.
-- KEYS: leases.  ARGV: ms until then, job keys.
local leases, inMs = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + inMs
for index = 2, #ARGV do redis.call('ZADD', leases, 'XX', due, ARGV[index]) end
