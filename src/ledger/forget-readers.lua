-- Deletes consumers of an outbox that were silent for long and hold no entry: their processes ended. A living consumer is made
-- again by its next command.
-- KEYS: outbox.  ARGV: consumer group, ms of silence.
-- Returns how many were deleted.
local outbox = KEYS[1]
local group, silenceMs = unpack(ARGV)
local forgotten = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', outbox, group)) do
  local reader = {}
  for index = 1, #fields, 2 do reader[fields[index]] = fields[index + 1] end
  if reader.pending == 0 and reader.idle >= tonumber(silenceMs) then
    redis.call('XGROUP', 'DELCONSUMER', outbox, group, reader.name)
    forgotten = forgotten + 1
  end
end
return forgotten
