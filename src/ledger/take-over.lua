-- Takes over entries of a stream that their consumers have not touched for long. Of entries that were deleted or trimmed only the
-- pending note is left: it is acknowledged. (Redis 6.2 does not report them, so each is read by id.)
-- KEYS: stream.  ARGV: consumer group, consumer, ms without a touch, the most to take, where to go on ('0-0': from the start).
-- Returns where to go on ('0-0': that was all), then each entry with its fields.
local stream = KEYS[1]
local group, consumer, idleMs, most, from = unpack(ARGV)
local reply = redis.call('XAUTOCLAIM', stream, group, consumer, idleMs, from, 'COUNT', most, 'JUSTID')
local found = { reply[1] }
for _, id in ipairs(reply[2]) do
  local entry = redis.call('XRANGE', stream, id, id)[1]
  if entry then found[#found + 1] = entry else redis.call('XACK', stream, group, id) end
end
return found
