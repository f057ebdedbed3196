-- Deletes everything of a lane, unless it has jobs or overrides of an operator.
-- KEYS: those that must not exist (lists, sorted sets and hashes), then all others.  ARGV: the number of the first ones.
-- Returns 1 if nothing is left of it.
local busy = tonumber(ARGV[1])
for index = 1, busy do
  if redis.call('EXISTS', KEYS[index]) == 1 then return 0 end
end
for index = busy + 1, #KEYS do redis.call('DEL', KEYS[index]) end
return 1
