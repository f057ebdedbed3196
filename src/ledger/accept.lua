-- One activation of a job: new order, known order, or late delivery. The rule is ledger/job-state.ts.
-- KEYS: job, held, outbox, leases, bytes, patience, the jobs of its process instance.
-- ARGV: job key, input hash, deadline ms, lane, retries, bytes of its text,
-- ms until its lease is to be extended, process id, its span ('' = not traced), ms that its task lets it wait ('' = no limit of its
-- own), a name for this command, since when it was held before it went back to Zeebe for room (ms, '' = it was not), its tenant,
-- its element, its process instance, ms that it is found by its process instance (0 = it is not),
-- other hashes that count as the same input, a blank around each.
-- Repeated under the same name after a lost reply, it returns the same. Returns acceptance, epoch, lane of that epoch, the span that
-- the job was known by ('' = none).
--- @include count-held
local job, held, outbox, leases, sumOfBytes, patience, ofInstance = unpack(KEYS)
local key, input, deadline, lane, retries, bytes, leaseDueMs, process, trace, patienceMs, telling, heldSince, tenant,
  element, instance, foundMs, sameInputs = unpack(ARGV)
local state, epoch, knownInput, knownDeadline, knownLane, failedTo, knownRetries, knownBytes, knownTrace, told, knownTenant =
  unpack(redis.call('HMGET', job, 'state', 'epoch', 'input', 'deadline', 'lane', 'failedTo', 'retries', 'bytes', 'trace',
    'told', 'tenant'))
epoch = tonumber(epoch)
if state == 'queued' and told == telling then return { 'new', epoch, knownLane, '' } end
local latest = tonumber(knownDeadline or '0')
local acceptance = 'new'
if state == 'done' then
  if tonumber(deadline) <= latest then acceptance = 'duplicate' end
elseif state == 'released' then
  if tonumber(deadline) <= latest and retries ~= (failedTo or knownRetries) then acceptance = 'duplicate' end
elseif state and knownInput ~= input and not string.find(sameInputs, ' ' .. (knownInput or '-') .. ' ', 1, true) then
  if tonumber(deadline) < latest then acceptance = 'duplicate' end
elseif state then
  if state == 'queued' or state == 'running' then acceptance = 'adopt'
  elseif failedTo ~= retries then acceptance = 'answered' end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if acceptance == 'new' or acceptance == 'adopt' then redis.call('ZADD', leases, now + leaseDueMs, key) end
if acceptance == 'new' then
  -- Without a record the epoch is the time in µs, so that the id of a forgotten epoch is never used again.
  epoch = epoch and epoch + 1 or time[1] * 1000000 + time[2]
  local since = math.min(now, tonumber(heldSince) or now)
  redis.call('DEL', job)
  if redis.call('ZREM', held, key) == 1 then count_held(held, knownLane, knownTenant, -1) end
  if knownLane then redis.call('ZREM', held .. ':' .. knownLane, key) end
  redis.call('HSET', job, 'state', 'queued', 'epoch', string.format('%.0f', epoch), 'input', input,
    'deadline', deadline, 'lane', lane, 'retries', retries, 'bytes', bytes, 'since', since, 'process', process,
    'told', telling, 'tenant', tenant, 'element', element, 'instance', instance)
  if trace ~= '' then redis.call('HSET', job, 'trace', trace) end
  redis.call('ZADD', held, since, key)
  redis.call('ZADD', held .. ':' .. lane, since, key)
  count_held(held, lane, tenant, 1)
  if patienceMs ~= '' then redis.call('ZADD', patience, since + patienceMs, key) else redis.call('ZREM', patience, key) end
  redis.call('INCRBY', sumOfBytes, bytes - (knownBytes or 0))
  if tonumber(foundMs) > 0 then
    redis.call('SADD', ofInstance, key)
    redis.call('PEXPIRE', ofInstance, foundMs)
  end
  return { acceptance, epoch, lane, knownTrace or '' }
end
if tonumber(deadline) > latest then redis.call('HSET', job, 'deadline', deadline) end
if acceptance ~= 'duplicate' then redis.call('HSET', job, 'input', input) end
if state == 'kept' and acceptance == 'answered' then
  local size = redis.call('HSTRLEN', job, 'outcome')
  redis.call('HSET', job, 'state', 'answered', 'bytes', size)
  redis.call('INCRBY', sumOfBytes, size)
  redis.call('PERSIST', job)
  redis.call('XADD', outbox, '*', 'key', key, 'epoch', string.format('%.0f', epoch))
end
return { acceptance, epoch, knownLane, knownTrace or '' }
