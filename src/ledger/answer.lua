-- Stores the outcome of an epoch and adds it to the outbox, in one step: after this the epoch is never executed again.
-- KEYS: job, held, outbox, leases, bytes, patience.  ARGV: job key, epoch, 'called' or 'waited', outcome, the retries that a failure
-- leaves ('' = no failure), the outcome's kind, span of the execution ('' = not traced), a name for this command, calls
-- sent, how many of them were throttled, how many AWS did not execute ('' = as before), name of the error ('' = none).
-- Returns 1, also when repeated under the same name after a lost reply; 0 when another answered, the epoch is superseded, or a job
-- that 'waited' is running.
--- @include count-held
local job, held, outbox, leases, sumOfBytes, patience = unpack(KEYS)
local key, epoch, after, outcome, failedTo, kind, trace, telling, sends, throttles, outages, failed = unpack(ARGV)
local state, knownEpoch, retries, bytes, lane, told, tenant =
  unpack(redis.call('HMGET', job, 'state', 'epoch', 'retries', 'bytes', 'lane', 'told', 'tenant'))
-- The answer of a call counts even if another worker, after a stall, has put the job back meanwhile.
local open = state == 'queued' or (state == 'running' and after == 'called')
if knownEpoch == epoch and told == telling then return 1 end
if knownEpoch ~= epoch or not open then return 0 end
-- ZREM first: a full Redis runs a whole script if its first write is one that frees memory. A paid answer is stored even then,
-- and frees its memory once it is reported.
local wasHeld = redis.call('ZREM', held, key) == 1
redis.call('HSET', job, 'state', 'answered', 'outcome', outcome, 'kind', kind, 'bytes', #outcome, 'told', telling)
local time = redis.call('TIME')
redis.call('HSET', job, 'ended', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
if sends ~= '' then redis.call('HSET', job, 'sends', sends, 'throttles', throttles, 'outages', outages) end
if failed ~= '' then redis.call('HSET', job, 'error', failed) end
if failedTo ~= '' and failedTo ~= retries then redis.call('HSET', job, 'failedTo', failedTo) end
if trace ~= '' then redis.call('HSET', job, 'trace', trace) end
redis.call('INCRBY', sumOfBytes, #outcome - (bytes or 0))
if lane then redis.call('ZREM', held .. ':' .. lane, key) end
if wasHeld then count_held(held, lane, tenant, -1) end
redis.call('ZREM', leases, key)
redis.call('ZREM', patience, key)
redis.call('XADD', outbox, '*', 'key', key, 'epoch', epoch)
return 1
