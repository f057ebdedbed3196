-- The requester waits no longer.  KEYS: the request's hash.
-- Returns 1 when no adapter has taken the request, and none will; 0 when one works on it.
if redis.call('HEXISTS', KEYS[1], 'taken') == 1 then return 0 end
redis.call('DEL', KEYS[1])
return 1
