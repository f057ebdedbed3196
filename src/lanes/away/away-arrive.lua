-- Jobs of a lane have come: those that were away are so no more.
-- KEYS: away, called back, due, late, since when they are held.  ARGV: job keys.
-- Returns for each its order ('' = it was not away), 1 if it was called back, how many that are away still are older, and since when
-- it was held before it went (ms, '' = it was not).
local came = {}
for index, key in ipairs(ARGV) do
  local away = redis.call('ZSCORE', KEYS[1], key)
  local recalled = redis.call('ZSCORE', KEYS[2], key)
  came[index] = { away or recalled or redis.call('ZSCORE', KEYS[4], key) or '', recalled and 1 or 0,
    redis.call('HGET', KEYS[5], key) or '' }
end
for each = 1, 4 do redis.call('ZREM', KEYS[each], unpack(ARGV)) end
redis.call('HDEL', KEYS[5], unpack(ARGV))
local found = {}
for index, each in ipairs(came) do
  local older = each[1] == '' and redis.call('ZCARD', KEYS[1]) or redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. each[1])
  for place, value in ipairs({ each[1], each[2], older, each[3] }) do found[index * 4 - 4 + place] = value end
end
return found
