-- Takes due leases, and sets when they are due again, so that no other adapter extends them too.
-- KEYS: leases.  ARGV: the most to take, ms until they are due again.
local leases = KEYS[1]
local most, againMs = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, most)
for _, key in ipairs(due) do redis.call('ZADD', leases, now + againMs, key) end
return due
