-- Adds to what a lane did in this minute, and stores the quota that the worker has in force.
-- KEYS: recent.  ARGV: the quota as JSON ('' = as before), ms after which an unused lane is forgotten, then names of figures, each with what it
-- grew by.
local recent = KEYS[1]
local minute = math.floor(redis.call('TIME')[1] / 60)
for index = 3, #ARGV, 2 do redis.call('HINCRBY', recent, minute .. ' ' .. ARGV[index], ARGV[index + 1]) end
if ARGV[1] ~= '' then redis.call('HSET', recent, 'quota', ARGV[1]) end
for _, name in ipairs(redis.call('HKEYS', recent)) do
  local counted = tonumber(string.match(name, '^(%d+) '))
  if counted and counted <= minute - RECENT_MINUTES then redis.call('HDEL', recent, name) end
end
redis.call('PEXPIRE', recent, ARGV[2])
return 1
