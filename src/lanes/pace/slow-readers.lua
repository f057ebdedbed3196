-- Notes how many jobs of a lane a process reads in places of their own: they are active to BullMQ, and no calls.
-- KEYS: BullMQ's meta of the lane.  ARGV: the process, how many, ms after which that is no longer believed.
local field = 'slow:' .. ARGV[1]
if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], field)
else
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], field, ARGV[2] .. ' ' .. (time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]))
end
return 0
