-- Stores the outcome of an epoch and puts it into the outbox, in one step: from here nothing is called again.
-- KEYS: job, held, outbox, leases, bytes, patience.  ARGV: job key, epoch, 'called' or 'waited', outcome, the retries that it
-- leaves ('' unless it is a failure), its kind, where the span is that came to it ('' = not traced), a name for this telling.
-- Returns 1, also when it is told again under that name, as when the reply was lost; or 0 when the epoch was answered by another, superseded, or (for one that waited) is running.
--- @include count-held
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'retries', 'bytes', 'lane', 'told', 'tenant')
-- A call that was answered counts even if another worker, after a stall, has put the job back meanwhile.
local open = known[1] == 'queued' or (known[1] == 'running' and ARGV[3] == 'called')
if known[2] == ARGV[2] and known[6] == ARGV[8] then return 1 end
if known[2] ~= ARGV[2] or not open then return 0 end
-- First of all a command that a full Redis takes: it then takes the rest of the script, too. What was paid for is stored, and
-- makes room once it is reported.
local was_held = redis.call('ZREM', KEYS[2], ARGV[1]) == 1
redis.call('HSET', KEYS[1], 'state', 'answered', 'outcome', ARGV[4], 'kind', ARGV[6], 'bytes', #ARGV[4],
  'told', ARGV[8])
if ARGV[5] ~= '' and ARGV[5] ~= known[3] then redis.call('HSET', KEYS[1], 'failedTo', ARGV[5]) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'trace', ARGV[7]) end
redis.call('INCRBY', KEYS[5], #ARGV[4] - (known[4] or 0))
if known[5] then redis.call('ZREM', KEYS[2] .. ':' .. known[5], ARGV[1]) end
if was_held then count_held(KEYS[2], known[5], known[7], -1) end
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('XADD', KEYS[3], '*', 'key', ARGV[1], 'epoch', ARGV[2])
return 1
