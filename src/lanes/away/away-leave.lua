-- Jobs of a lane go away. Jobs that were not away before are the newest, in the order in which they are given.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: the most jobs, ms that all of it is kept from now, then for
-- each job its key, its order ('' = it was not away), for how many ms it goes, and since when it is held (ms, '' = it never was).
local away, _, due, _, held = unpack(KEYS)
local most, keptMs = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local newest = redis.call('ZRANGE', away, -1, -1, 'WITHSCORES')[2]
local next = math.max(time[1] * 1000000 + time[2], tonumber(newest or '0') + 1)
for index = 3, #ARGV, 4 do
  if redis.call('ZCARD', away) >= tonumber(most) then break end
  local key, order, awayMs, since = unpack(ARGV, index, index + 3)
  if order == '' then order, next = string.format('%.0f', next), next + 1 end
  redis.call('ZADD', away, order, key)
  redis.call('ZADD', due, string.format('%.0f', now + awayMs), key)
  if since ~= '' then redis.call('HSET', held, key, since) end
end
for each = 1, 5 do redis.call('PEXPIRE', KEYS[each], keptMs) end
return redis.call('ZCARD', away)
