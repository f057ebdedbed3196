-- Stores how many slow jobs of a lane a process is reading: BullMQ counts them as active, but they are not calls.
-- KEYS: BullMQ's meta of the lane.  ARGV: the process, how many, ms until the entry expires.
local field = 'slow:' .. ARGV[1]
if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], field)
else
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], field, ARGV[2] .. ' ' .. (time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]))
end
return 0
