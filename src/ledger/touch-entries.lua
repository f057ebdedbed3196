-- Says of entries of a stream when their reader touched them last. Those that another reader has taken over stay its own.
-- KEYS: stream.  ARGV: consumer group, consumer, ms since it touched them, entry ids.
-- Returns the ids of those that are not its own.
local lost = {}
for index = 4, #ARGV do
  local id = ARGV[index]
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1)[1]
  if pending and pending[2] == ARGV[2] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'IDLE', ARGV[3], 'JUSTID')
  else
    lost[#lost + 1] = id
  end
end
return lost
