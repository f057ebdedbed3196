-- Takes the leases that are due, so that no other adapter extends them too, and says when they are due next.
-- KEYS: leases.  ARGV: the most to take, ms until they are due again.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, key in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], key) end
return due
