-- Takes the oldest jobs of a lane that are away, to be called back. Jobs that were due and did not come count no longer, but keep
-- their order.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: the most jobs, ms after which a job that was due is late, the
-- most late jobs.
local away, recalled, due, late, held = unpack(KEYS)
local most, lateMs, mostLate = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local overdue = redis.call('ZRANGEBYSCORE', due, '-inf', string.format('%.0f', now - lateMs), 'LIMIT', 0, 1000)
for _, key in ipairs(overdue) do
  local order = redis.call('ZSCORE', away, key) or redis.call('ZSCORE', recalled, key)
  if order then redis.call('ZADD', late, order, key) end
  for each = 1, 3 do redis.call('ZREM', KEYS[each], key) end
end
if #overdue > 0 then redis.call('ZREMRANGEBYRANK', late, 0, -1 - mostLate) end
local called = {}
if tonumber(most) > 0 then
  local oldest = redis.call('ZRANGE', away, 0, most - 1, 'WITHSCORES')
  for index = 1, #oldest, 2 do
    redis.call('ZREM', away, oldest[index])
    redis.call('ZADD', recalled, oldest[index + 1], oldest[index])
    redis.call('ZADD', due, string.format('%.0f', now), oldest[index])
    called[#called + 1] = oldest[index]
  end
end
local left = math.max(1, redis.call('PTTL', due))
redis.call('PEXPIRE', recalled, left)
redis.call('PEXPIRE', late, left)
redis.call('PEXPIRE', held, left)
return called
