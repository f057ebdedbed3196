-- Renews or ends the key of a call that goes ahead of others, unless it has lapsed and another holds it; or keeps it once it is known.
-- KEYS: key.  ARGV: its value, the call's name, the new value, ms that it lasts (0 = it is removed).
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '0' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
