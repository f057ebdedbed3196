-- Notes that a call that holds of a budget is about to be sent. One that was given back meanwhile stays so: its end counts it.
-- KEYS: the budget's holds.  ARGV: the hold, its name from now on.
local lapses = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not lapses then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], lapses, ARGV[2])
return 1
