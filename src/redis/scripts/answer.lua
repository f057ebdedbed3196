-- Stores the outcome of an epoch and puts it into the outbox, in one step: from here nothing is called again.
-- KEYS: job, held, outbox.  ARGV: job key, epoch, the state it must be in, outcome, the retries that it
-- leaves ('' unless it is a failure).
-- Returns 1, or 0 when the epoch is not in that state (answered by another, superseded, withdrawn).
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'retries')
if known[2] ~= ARGV[2] or known[1] ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'answered', 'outcome', ARGV[4])
if ARGV[5] ~= '' and ARGV[5] ~= known[3] then redis.call('HSET', KEYS[1], 'failedTo', ARGV[5]) end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('XADD', KEYS[3], '*', 'key', ARGV[1], 'epoch', ARGV[2])
return 1
