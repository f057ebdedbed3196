-- One activation of a job: new order, known order, or late delivery. The rule is ledger/job-state.ts.
-- KEYS: job, held, outbox, leases, bytes, patience.  ARGV: job key, input hash, deadline ms, lane, retries, bytes of its text,
-- ms until its lease is to be extended, process id, where its span is ('' = not traced),
-- ms that its task lets it wait ('' = as the setting says), a name for this telling, since when it was held before it went back to
-- Zeebe for room (ms, '' = it was not), its tenant, hashes that count as the same as its input's, a blank around each.
-- Told again under that name, as when the reply was lost, it returns what it did. Returns acceptance, epoch, lane of that epoch, where the span is that the job was known by ('' = none).
--- @include count-held
local known = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'input', 'deadline', 'lane', 'failedTo', 'retries', 'bytes',
  'trace', 'told', 'tenant')
local state, epoch = known[1], tonumber(known[2])
if state == 'queued' and known[10] == ARGV[11] then return { 'new', epoch, known[5], '' } end
local deadline = tonumber(known[4] or '0')
local acceptance = 'new'
if state == 'done' then
  if tonumber(ARGV[3]) <= deadline then acceptance = 'duplicate' end
elseif state == 'released' then
  if tonumber(ARGV[3]) <= deadline and ARGV[5] ~= (known[6] or known[7]) then acceptance = 'duplicate' end
elseif state and known[3] ~= ARGV[2] and not string.find(ARGV[14], ' ' .. (known[3] or '-') .. ' ', 1, true) then
  if tonumber(ARGV[3]) < deadline then acceptance = 'duplicate' end
elseif state then
  if state == 'queued' or state == 'running' then acceptance = 'adopt'
  elseif known[6] ~= ARGV[5] then acceptance = 'answered' end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if acceptance == 'new' or acceptance == 'adopt' then redis.call('ZADD', KEYS[4], now + ARGV[7], ARGV[1]) end
if acceptance == 'new' then
  -- Without a record the count begins at the time: no id of an epoch that was forgotten comes up again.
  epoch = epoch and epoch + 1 or time[1] * 1000000 + time[2]
  local since = math.min(now, tonumber(ARGV[12]) or now)
  redis.call('DEL', KEYS[1])
  if redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then count_held(KEYS[2], known[5], known[11], -1) end
  if known[5] then redis.call('ZREM', KEYS[2] .. ':' .. known[5], ARGV[1]) end
  redis.call('HSET', KEYS[1], 'state', 'queued', 'epoch', string.format('%.0f', epoch), 'input', ARGV[2],
    'deadline', ARGV[3], 'lane', ARGV[4], 'retries', ARGV[5], 'bytes', ARGV[6], 'since', since, 'process', ARGV[8],
    'told', ARGV[11], 'tenant', ARGV[13])
  if ARGV[9] ~= '' then redis.call('HSET', KEYS[1], 'trace', ARGV[9]) end
  redis.call('ZADD', KEYS[2], since, ARGV[1])
  redis.call('ZADD', KEYS[2] .. ':' .. ARGV[4], since, ARGV[1])
  count_held(KEYS[2], ARGV[4], ARGV[13], 1)
  if ARGV[10] ~= '' then redis.call('ZADD', KEYS[6], since + ARGV[10], ARGV[1]) else redis.call('ZREM', KEYS[6], ARGV[1]) end
  redis.call('INCRBY', KEYS[5], ARGV[6] - (known[8] or 0))
  return { acceptance, epoch, ARGV[4], known[9] or '' }
end
if tonumber(ARGV[3]) > deadline then redis.call('HSET', KEYS[1], 'deadline', ARGV[3]) end
if acceptance ~= 'duplicate' then redis.call('HSET', KEYS[1], 'input', ARGV[2]) end
if state == 'kept' and acceptance == 'answered' then
  local bytes = redis.call('HSTRLEN', KEYS[1], 'outcome')
  redis.call('HSET', KEYS[1], 'state', 'answered', 'bytes', bytes)
  redis.call('INCRBY', KEYS[5], bytes)
  redis.call('PERSIST', KEYS[1])
  redis.call('XADD', KEYS[3], '*', 'key', ARGV[1], 'epoch', known[2])
end
return { acceptance, epoch, known[5], known[9] or '' }
