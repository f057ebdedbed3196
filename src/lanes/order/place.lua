-- Places new jobs in a lane by the rules of src/lanes/order/fair-order.ts: the named ones, and those of an adapter that died before it
-- placed them. Each job is placed once: placing changes its priority to the one for requeues.
-- KEYS: the queue's prioritized set, tenants (finish tags), flows (finish ranks; under a tenant's name the highest of its
-- flows), turns (members "tenant rank id" of one score, so in the order of a tenant's ranks), flows of an earlier version
-- (finish tags).
-- ARGV: prefix of the queue's keys, first tag, priority of jobs without a place, priority for requeues, most others to place,
-- ms to remember flows, most flows to remember, a tenant's cost for jobs that name none, ids.
local first, new = tonumber(ARGV[2]), tonumber(ARGV[3])
local unplaced = new * 4294967296
local before = string.format('(%.0f', unplaced)
local waiting = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[2], before, 'WITHSCORES', 'LIMIT', 0, 1)
local now = tonumber(waiting[2] or ARGV[2])
if not waiting[2] then redis.call('DEL', KEYS[2], KEYS[3], KEYS[4]) end

local function text(number) return string.format('%.0f', number) end
-- The place of a waiting job; nil for a job that was taken, requeued, or is not placed yet.
local function tagOf(score)
  local tag = tonumber(score or 0)
  if tag >= first and tag < unplaced then return tag end
end
local function idOf(member) return string.match(member, '^%S+ %d+ (.+)$') end

-- The lowest waiting rank of a tenant. Removes the jobs that have had their turn on the way.
local function lowestRank(name)
  while true do
    local members = redis.call('ZRANGEBYLEX', KEYS[4], '[' .. name .. ' ', '(' .. name .. '!', 'LIMIT', 0, 100)
    if #members == 0 then return tonumber(redis.call('ZSCORE', KEYS[3], name) or first) end
    for _, member in ipairs(members) do
      if tagOf(redis.call('ZSCORE', KEYS[1], idOf(member))) then
        return tonumber(string.match(member, '^%S+ (%d+) '))
      end
      redis.call('ZREM', KEYS[4], member)
    end
  end
end

local tenants, flows = {}, {}
local function open(name)
  if not tenants[name] then
    tenants[name] = {
      begins = lowestRank(name),
      finish = tonumber(redis.call('ZSCORE', KEYS[2], name) or 0),
      reached = tonumber(redis.call('ZSCORE', KEYS[3], name) or 0),
      coming = {}, slots = {}, members = {},
    }
  end
  return tenants[name]
end

local function place(id)
  local key = ARGV[1] .. id
  local job = redis.call('HMGET', key, 'name', 'priority')
  local cost, flow = string.match(job[1] or '', '^(%d+) (.+)$')
  if not cost or tonumber(job[2]) ~= new then return end
  local plain, tenantCost = string.match(flow, '^(.+) @(%d+)$')
  flow, tenantCost = plain or flow, tonumber(tenantCost or ARGV[8])
  local name = string.match(flow, '^%S+')
  local tenant = open(name)
  local rank = math.max(flows[flow] or tonumber(redis.call('ZSCORE', KEYS[3], flow) or 0), tenant.begins)
  flows[flow] = rank + cost
  tenant.reached = math.max(tenant.reached, rank + cost)
  -- Jobs that an earlier version put into the flow go first.
  local slot = math.max(tenant.finish, now, tonumber(redis.call('ZSCORE', KEYS[5], flow) or 0))
  tenant.finish = slot + tenantCost
  local padded = string.format('%016.0f', rank)
  redis.call('HSET', key, 'priority', ARGV[4], 'rank', padded)
  -- A job that was already taken has had its turn: its flow pays, and the job stays out of the set.
  if not redis.call('ZSCORE', KEYS[1], id) then return end
  tenant.coming[id] = true
  table.insert(tenant.slots, math.min(slot, unplaced - 1))
  table.insert(tenant.members, name .. ' ' .. padded .. ' ' .. id)
  if not tenant.lowest or padded < tenant.lowest then tenant.lowest = padded end
end
for index = 9, #ARGV do place(ARGV[index]) end
local others = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', unplaced), '+inf', 'LIMIT', 0, ARGV[5])
for _, id in ipairs(others) do place(id) end

-- Lua can pass a limited number of arguments to a command.
local CHUNK = 1000

-- Puts a tenant's jobs into its slots by rank. Jobs before the first new one keep their slots, unless earlier slots became free as
-- jobs were removed.
local function fill(name, tenant)
  local last = redis.call('ZREVRANGEBYLEX', KEYS[4], '(' .. name .. '!', '[' .. name .. ' ', 'LIMIT', 0, 1)[1]
  local lastTag = last and tagOf(redis.call('ZSCORE', KEYS[1], idOf(last)))
  local from = '[' .. name .. ' '
  if not last or (lastTag and tenant.slots[1] >= lastTag) then from = from .. tenant.lowest .. ' ' end
  for _, member in ipairs(tenant.members) do redis.call('ZADD', KEYS[4], 0, member) end
  local members = redis.call('ZRANGEBYLEX', KEYS[4], from, '(' .. name .. '!')
  -- Behind the tenant, its rank of 16 digits and two spaces.
  local idAt = #name + 19
  local jobs, tags, slots = {}, {}, tenant.slots
  for start = 1, #members, CHUNK do
    local ids = {}
    for index = start, math.min(start + CHUNK - 1, #members) do
      ids[index - start + 1] = string.sub(members[index], idAt)
    end
    local scores = redis.call('ZMSCORE', KEYS[1], unpack(ids))
    for offset, id in ipairs(ids) do
      local tag = tagOf(scores[offset])
      if tag or tenant.coming[id] then
        jobs[#jobs + 1] = id
        tags[#jobs] = tag or 0
        if tag then slots[#slots + 1] = tag end
      else
        redis.call('ZREM', KEYS[4], members[start + offset - 1])
      end
    end
  end
  table.sort(slots)
  local moved = {}
  for index, id in ipairs(jobs) do
    if tags[index] ~= slots[index] then
      moved[#moved + 1] = slots[index]
      moved[#moved + 1] = id
    end
  end
  for start = 1, #moved, 2 * CHUNK do
    redis.call('ZADD', KEYS[1], 'XX', unpack(moved, start, math.min(start + 2 * CHUNK - 1, #moved)))
  end
end

for name, tenant in pairs(tenants) do
  if #tenant.members > 0 then fill(name, tenant) end
  redis.call('ZADD', KEYS[2], text(tenant.finish), name)
  redis.call('ZADD', KEYS[3], text(tenant.reached), name)
end
for flow, finish in pairs(flows) do redis.call('ZADD', KEYS[3], text(finish), flow) end
if waiting[2] then redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now)) end
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[7]))
for index = 2, 4 do redis.call('PEXPIRE', KEYS[index], ARGV[6]) end
