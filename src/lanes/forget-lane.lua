-- Takes a lane out of the registry, unless it was used again meanwhile.
-- KEYS: lanes.  ARGV: lane, the use that is known of.
local used = redis.call('ZSCORE', KEYS[1], ARGV[1])
if used and tonumber(used) <= tonumber(ARGV[2]) then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
