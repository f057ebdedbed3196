-- Changes an operator's overrides for a lane, and records who did it and when, unless no override is left.
-- Ends a cooldown, and makes a lane in an outage try at once, since an operator acts on purpose.
-- KEYS: overrides, pace, BullMQ's limiter of the lane.  ARGV: who, then names and values; an empty value removes an override.
-- Returns how many overrides are left.
local overrides, pace, limiter = unpack(KEYS)
local who = ARGV[1]
-- The reason for the limit may be gone: the next look at the pace sets it again.
redis.call('DEL', limiter)
redis.call('HDEL', pace, 'coolUntil', 'coolMs', 'coolWhy', 'outageUntil', 'outageMs', 'probeUntil')
for index = 2, #ARGV, 2 do
  if ARGV[index + 1] == '' then
    redis.call('HDEL', overrides, ARGV[index])
  else
    redis.call('HSET', overrides, ARGV[index], ARGV[index + 1])
  end
end
local notes = redis.call('HEXISTS', overrides, 'at') + redis.call('HEXISTS', overrides, 'by')
local left = redis.call('HLEN', overrides) - notes
if left == 0 then
  redis.call('DEL', overrides)
else
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HSET', overrides, 'at', string.format('%.0f', now), 'by', who)
end
return left
