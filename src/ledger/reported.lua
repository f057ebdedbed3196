-- Zeebe has taken the outcome, or needs it no longer: deletes the outbox entry and records how the job ended.
-- KEYS: job, outbox, bytes.  ARGV: consumer group, entry id, epoch, 'done', 'released' or 'kept', ms to remember it,
-- ms that an activation made until now may be leased.
-- Returns 1, or 0 when the entry's epoch is no longer the answered one.
local job, outbox, sumOfBytes = unpack(KEYS)
local group, entry, epoch, state, rememberMs, leaseMs = unpack(ARGV)
redis.call('XACK', outbox, group, entry)
redis.call('XDEL', outbox, entry)
local known, knownEpoch, deadline, bytes = unpack(redis.call('HMGET', job, 'state', 'epoch', 'deadline', 'bytes'))
if knownEpoch ~= epoch or known ~= 'answered' then return 0 end
redis.call('HSET', job, 'state', state)
redis.call('HDEL', job, 'bytes')
redis.call('DECRBY', sumOfBytes, bytes or 0)
if state ~= 'kept' then
  -- A failure is kept for those who look for its message; the variables of a completed job are in Camunda. Written anew, since Redis stores a
  -- hash in a third of the memory if it never had a long value.
  local fields = redis.call('HGETALL', job)
  local all, kept = {}, {}
  for i = 1, #fields, 2 do all[fields[i]] = fields[i + 1] end
  for _, name in ipairs({ 'failure', 'repairs', 'told', 'executed', 'started' }) do all[name] = nil end
  if all.kind == 'completed' or #(all.outcome or '') > MOST_KEPT_BYTES then all.outcome = nil end
  for name, value in pairs(all) do
    kept[#kept + 1] = name
    kept[#kept + 1] = value
  end
  redis.call('DEL', job)
  redis.call('HSET', job, unpack(kept))
  -- An activation that Zeebe made before the report may still arrive. It is a duplicate; after a failure, unless it has the retries
  -- that the failure left.
  local time = redis.call('TIME')
  local latest = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(leaseMs)
  if latest > tonumber(deadline) then redis.call('HSET', job, 'deadline', string.format('%.0f', latest)) end
end
redis.call('PEXPIRE', job, rememberMs)
return 1
