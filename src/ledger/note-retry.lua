-- Notes something of a request that lives.  KEYS: the request's hash.  ARGV: ms that it lives on from now, names and values.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
