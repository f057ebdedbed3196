-- Jobs of a lane have come, and are away no longer.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: job keys.
-- Returns for each its order ('' = it was not away), 1 if it was called back, how many older ones are still away, and since when it
-- was held before it went (ms, '' = it was not).
local away, recalled, _, late, held = unpack(KEYS)
local came = {}
for index, key in ipairs(ARGV) do
  local called = redis.call('ZSCORE', recalled, key)
  local order = redis.call('ZSCORE', away, key) or called or redis.call('ZSCORE', late, key) or ''
  came[index] = { order, called and 1 or 0, redis.call('HGET', held, key) or '' }
end
for each = 1, 4 do redis.call('ZREM', KEYS[each], unpack(ARGV)) end
redis.call('HDEL', held, unpack(ARGV))
local found = {}
for index, each in ipairs(came) do
  local older = each[1] == '' and redis.call('ZCARD', away) or redis.call('ZCOUNT', away, '-inf', '(' .. each[1])
  for place, value in ipairs({ each[1], each[2], older, each[3] }) do found[index * 4 - 4 + place] = value end
end
return found
