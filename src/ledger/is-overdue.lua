-- Whether a shard has a job that has been held for too long, or whose own patience has ended.
-- KEYS: held, patience.  ARGV: ms that a job may be held.
local held, patience = unpack(KEYS)
local most = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function first(set)
  return tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2] or 'inf')
end
return (first(held) <= now - most or first(patience) <= now) and 1 or 0
