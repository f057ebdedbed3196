-- Deletes all that there is of a lane, unless it has jobs or wishes of an operator.
-- KEYS: those that must not be there (lists, sorted sets and hashes), then all others.  ARGV: how many the first are.
-- Returns 1 if nothing is left of it.
for index = 1, tonumber(ARGV[1]) do
  if redis.call('EXISTS', KEYS[index]) == 1 then return 0 end
end
for index = tonumber(ARGV[1]) + 1, #KEYS do redis.call('DEL', KEYS[index]) end
return 1
