-- Takes the oldest jobs of a lane that are away, to be called back; and counts those no longer that were due and did not come,
-- though their order is kept.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: jobs at the most, ms after which one that was due is late, late ones at the most.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local late = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now - ARGV[2]), 'LIMIT', 0, 1000)
for _, key in ipairs(late) do
  local order = redis.call('ZSCORE', KEYS[1], key) or redis.call('ZSCORE', KEYS[2], key)
  if order then redis.call('ZADD', KEYS[4], order, key) end
  for each = 1, 3 do redis.call('ZREM', KEYS[each], key) end
end
if #late > 0 then redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - ARGV[3]) end
local called = {}
if tonumber(ARGV[1]) > 0 then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')
  for index = 1, #oldest, 2 do
    redis.call('ZREM', KEYS[1], oldest[index])
    redis.call('ZADD', KEYS[2], oldest[index + 1], oldest[index])
    redis.call('ZADD', KEYS[3], string.format('%.0f', now), oldest[index])
    called[#called + 1] = oldest[index]
  end
end
local left = math.max(1, redis.call('PTTL', KEYS[3]))
redis.call('PEXPIRE', KEYS[2], left)
redis.call('PEXPIRE', KEYS[4], left)
redis.call('PEXPIRE', KEYS[5], left)
return called
