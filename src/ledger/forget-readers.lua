-- Forgets readers of an outbox that have been silent for long and hold nothing: processes that ended. One that lives is
-- known again with its next command.
-- KEYS: outbox.  ARGV: consumer group, ms of silence.
-- Returns how many there were.
local forgotten = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local reader = {}
  for index = 1, #fields, 2 do reader[fields[index]] = fields[index + 1] end
  if reader.pending == 0 and reader.idle >= tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], reader.name)
    forgotten = forgotten + 1
  end
end
return forgotten
