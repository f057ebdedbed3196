-- Sets fields of a request that still lives.  KEYS: the request's hash.  ARGV: ms that it lives on from now, names and values.
local request, livesMs = KEYS[1], ARGV[1]
if redis.call('EXISTS', request) == 0 then return 0 end
redis.call('HSET', request, unpack(ARGV, 2))
redis.call('PEXPIRE', request, livesMs)
return 1
