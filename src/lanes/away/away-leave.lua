-- Jobs of a lane go away. Those that were not before are the newest, in the order in which they are given.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: jobs at the most, ms that all of it is kept from now, then for
-- each job its key, its order ('' = it was not away), for how many ms it goes, and since when it is held (ms, '' = it never was).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
local next = math.max(time[1] * 1000000 + time[2], tonumber(newest or '0') + 1)
for index = 3, #ARGV, 4 do
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then break end
  local order = ARGV[index + 1]
  if order == '' then order, next = string.format('%.0f', next), next + 1 end
  redis.call('ZADD', KEYS[1], order, ARGV[index])
  redis.call('ZADD', KEYS[3], string.format('%.0f', now + ARGV[index + 2]), ARGV[index])
  if ARGV[index + 3] ~= '' then redis.call('HSET', KEYS[5], ARGV[index], ARGV[index + 3]) end
end
for each = 1, 5 do redis.call('PEXPIRE', KEYS[each], ARGV[2]) end
return redis.call('ZCARD', KEYS[1])
