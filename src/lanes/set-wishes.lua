-- Changes what an operator wants of a lane, and notes who did and when; without any wish left nothing is noted.
-- A cooldown ends, and a lane in an outage tries at once: whoever steers a lane means it.
-- KEYS: wishes, pace, BullMQ's limiter of the lane.  ARGV: who, then names and values in turns; an empty value takes a wish back.
-- Returns how many wishes are left.
-- What closed it may hold no longer: whoever asks next closes it again.
redis.call('DEL', KEYS[3])
redis.call('HDEL', KEYS[2], 'coolUntil', 'coolMs', 'coolWhy', 'outageUntil', 'outageMs', 'probeUntil')
for index = 2, #ARGV, 2 do
  if ARGV[index + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[index])
  else
    redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
  end
end
local notes = redis.call('HEXISTS', KEYS[1], 'at') + redis.call('HEXISTS', KEYS[1], 'by')
local left = redis.call('HLEN', KEYS[1]) - notes
if left == 0 then
  redis.call('DEL', KEYS[1])
else
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HSET', KEYS[1], 'at', string.format('%.0f', now), 'by', ARGV[1])
end
return left
