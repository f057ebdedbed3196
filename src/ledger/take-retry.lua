-- An adapter takes a request to resolve an incident, or renews its claim on it.
-- KEYS: the request's hash.  ARGV: ms that it lives on from now.
-- Returns nil when the requester waits no longer, or has its answer; else the incident found before ('' = none yet).
local request, livesMs = KEYS[1], ARGV[1]
if redis.call('EXISTS', request) == 0 or redis.call('HEXISTS', request, 'kind') == 1 then return nil end
redis.call('HSET', request, 'taken', 1)
if redis.call('PTTL', request) < tonumber(livesMs) then redis.call('PEXPIRE', request, livesMs) end
return redis.call('HGET', request, 'incident') or ''
