-- An adapter takes a request to resolve an incident, or says that it is still at work on it.
-- KEYS: the request's hash.  ARGV: ms that it lives on from now.
-- Returns nil when there is nothing to do: nobody waits for it any more, or it is answered; else the incident that was
-- found before ('' = none yet).
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'kind') == 1 then return nil end
redis.call('HSET', KEYS[1], 'taken', 1)
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return redis.call('HGET', KEYS[1], 'incident') or ''
