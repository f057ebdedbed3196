-- Gives jobs that came into a lane their place, by the tags of src/pace/fair-order.ts: those named, and any that an
-- adapter added before it died. A job is placed once: its priority tells, which then is the one to be put back with.
-- KEYS: the queue's prioritized set, flows (finish tags).
-- ARGV: prefix of the queue's keys, first tag, priority of what is not placed, priority to be put back with,
-- most others to be placed, ms to remember flows, ids.
local new = tonumber(ARGV[3])
local unplaced = new * 4294967296
local before = string.format('(%.0f', unplaced)
local waiting = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[2], before, 'WITHSCORES', 'LIMIT', 0, 1)
local now = tonumber(waiting[2] or ARGV[2])
if waiting[2] then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))
else
  redis.call('DEL', KEYS[2])
end
local finishes = {}
local function place(id)
  local key = ARGV[1] .. id
  local job = redis.call('HMGET', key, 'name', 'priority')
  local cost, flow = string.match(job[1] or '', '^(%d+) (.+)$')
  if not cost or tonumber(job[2]) ~= new then return end
  redis.call('HSET', key, 'priority', ARGV[4])
  local tag = finishes[flow] or tonumber(redis.call('ZSCORE', KEYS[2], flow) or now)
  finishes[flow] = tag + cost
  -- One that was taken already has had its turn: its flow is charged, and it is not put back.
  redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', math.min(tag, unplaced - 1)), id)
end
for index = 7, #ARGV do place(ARGV[index]) end
local others = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', unplaced), '+inf', 'LIMIT', 0, ARGV[5])
for _, id in ipairs(others) do place(id) end
for flow, finish in pairs(finishes) do
  redis.call('ZADD', KEYS[2], string.format('%.0f', finish), flow)
end
redis.call('PEXPIRE', KEYS[2], ARGV[6])
