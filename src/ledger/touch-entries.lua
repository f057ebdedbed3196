-- Sets when a consumer last touched entries of a stream. Entries that another consumer has taken over stay with that one.
-- KEYS: stream.  ARGV: consumer group, consumer, ms since it touched them, entry ids.
-- Returns the ids that it no longer has.
local stream = KEYS[1]
local group, consumer, idleMs = unpack(ARGV)
local lost = {}
for index = 4, #ARGV do
  local id = ARGV[index]
  local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
  if pending and pending[2] == consumer then
    redis.call('XCLAIM', stream, group, consumer, 0, id, 'IDLE', idleMs, 'JUSTID')
  else
    lost[#lost + 1] = id
  end
end
return lost
