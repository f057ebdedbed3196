-- Renames a call's hold before it is sent. A hold that was released meanwhile stays released: settling counts its cost.
-- KEYS: the budget's holds.  ARGV: the hold, its name from now on.
local holds = KEYS[1]
local hold, sent = unpack(ARGV)
local lapses = redis.call('ZSCORE', holds, hold)
if not lapses then return 0 end
redis.call('ZREM', holds, hold)
redis.call('ZADD', holds, lapses, sent)
return 1
