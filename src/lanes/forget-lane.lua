-- Removes a lane from the registry, unless it was used again meanwhile.
-- KEYS: lanes.  ARGV: lane, its last known use.
local lanes = KEYS[1]
local lane, knownUse = unpack(ARGV)
local used = redis.call('ZSCORE', lanes, lane)
if used and tonumber(used) <= tonumber(knownUse) then return redis.call('ZREM', lanes, lane) end
return 0
