-- Takes over entries of a stream that their readers have not touched for long. Of those that are in the stream no more,
-- cut off or deleted, only the reader's note is left: it goes. (Redis 6.2 gives nothing in their place, so they are asked for by id.)
-- KEYS: stream.  ARGV: consumer group, consumer, ms without a touch, the most to take, where to go on ('0-0': from the start).
-- Returns where to go on ('0-0': that was all), then each entry with its fields.
local reply = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[5], 'COUNT', ARGV[4], 'JUSTID')
local found = { reply[1] }
for _, id in ipairs(reply[2]) do
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  if entry then found[#found + 1] = entry else redis.call('XACK', KEYS[1], ARGV[1], id) end
end
return found
