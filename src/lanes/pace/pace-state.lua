-- The pace of a lane, included by reserve.lua and settle.lua. lane-pace.ts has the rules and their sources; names in capitals are
-- constants of pace-constants.ts. KEYS: pace, overrides, BullMQ's meta, limiter, active list and set of waiting jobs of the lane.
-- ARGV 1 to 5: requests and tokens per minute, calls in flight, seconds of burst, each 0 if not configured;
-- requests per second that the lane's jobs may be sent elsewhere, -1 for a lane without a route, -2 for a job of another
-- lane that visits this one.
local FIELDS = { 'at', 'ceiling', 'level', 'pace', 'top', 'good', 'busy', 'flow', 'cutAt', 'coolUntil', 'coolMs',
  'probeUntil', 'tokens', 'tokenShare', 'tokenCutAt', 'slots', 'slotsAt', 'failures', 'failedAt', 'outageSince',
  'outageAt', 'outageUntil', 'outageMs', 'throttles', 'requestsUsed', 'tokensUsed', 'callSeconds' }

local overrides = redis.call('HMGET', KEYS[2], 'requestsPerMinute', 'tokensPerMinute', 'concurrency')
local requestsPerMinute = tonumber(overrides[1] or ARGV[1])
local tokensPerMinute = tonumber(overrides[2] or ARGV[2])
local concurrency = tonumber(overrides[3] or ARGV[3])
local burst = tonumber(ARGV[4])
local elsewhere = tonumber(ARGV[5])
local routed, visits = elsewhere >= 0, elsewhere == -2
local most = SHARE * requestsPerMinute / 60

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'gate', 'head', 'headUntil', 'refused', unpack(FIELDS))
local state, gate, head, headUntil = {}, tonumber(known[1] or '0'), known[2], tonumber(known[3] or '0')

local function room(pace) return math.max(1, pace * burst / 2) end
local function flowSeconds() return math.max(FLOW_SECONDS, FLOW_CALLS / state.pace) end
local function useSeconds() return math.max(USE_SECONDS, USE_CALLS / state.pace) end
local function tokenRate() return SHARE * tokensPerMinute * state.tokenShare / 60 end
local function bounded(pace)
  if state.ceiling == 0 then return pace end
  return math.min(state.ceiling, pace)
end

-- Calls a second whose credential AWS refused.
local refused = tonumber(known[4] or '0')
if known[5] then
  for index, field in ipairs(FIELDS) do state[field] = tonumber(known[index + 4] or '0') end
else
  for _, field in ipairs(FIELDS) do state[field] = 0 end
  state.at, state.ceiling, state.tokenShare = now, most, 1
  state.pace = most == 0 and FIRST_PACE or most
  state.level, state.tokens = most == 0 and 1 or room(state.pace), tokenRate() * burst
end

-- After a failover Redis may be a server with another clock: keep what is left of each time.
if now < state.at - REWOUND_MS then
  local back = state.at - now
  for _, field in ipairs({ 'coolUntil', 'probeUntil', 'outageUntil' }) do state[field] = math.max(0, state[field] - back) end
  for _, field in ipairs({ 'cutAt', 'tokenCutAt', 'slotsAt', 'failedAt', 'outageSince', 'outageAt' }) do
    state[field] = math.min(state[field], now)
  end
  state.at, headUntil = now, 0
end

-- A new or raised ceiling takes effect at once.
if most ~= state.ceiling then
  local raised = most > state.ceiling
  if most > 0 then state.pace = raised and most or math.min(state.pace, most) end
  if raised then state.top = 0 elseif most > 0 then state.top = math.min(state.top, most) end
  state.ceiling = most
  state.level = math.min(state.level, room(state.pace))
end

local function grow(seconds)
  if seconds <= 0 or state.flow < USED_UP * state.pace then return end
  if state.top == 0 then
    state.pace = bounded(state.pace * 2 ^ (seconds / math.max(DOUBLING_SECONDS, DOUBLING_CALLS / state.pace)))
    return
  end
  state.busy = state.busy + seconds
  local back = ((1 - CUT) / CURVE) ^ (1 / 3)
  local beyond = state.busy - HOLD_SECONDS - back
  local stretch = state.ceiling > 0 and 1 or math.max(1, EAGER_FROM / state.top)
  local x = beyond < 0 and math.max(beyond, -back) or beyond / stretch
  state.pace = bounded(math.max(state.pace, state.top * (1 + CURVE * x ^ 3)))
end

-- Brings the levels up to now.
do
  local seconds = math.max(0, now - state.at) / 1000
  local full = room(state.pace)
  local missing = math.max(0, full - state.level)
  state.level = math.max(state.level, math.min(full, state.level + state.pace * seconds))
  state.flow = state.flow * math.exp(-seconds / flowSeconds())
  refused = refused * math.exp(-seconds / REFUSED_SECONDS)
  local left = math.exp(-seconds / useSeconds())
  state.requestsUsed, state.tokensUsed = state.requestsUsed * left, state.tokensUsed * left
  local rate = tokenRate()
  state.tokens = math.min(rate * burst, state.tokens + rate * seconds)
  if now - state.tokenCutAt >= WAVE_MS then
    state.tokenShare = math.min(1, state.tokenShare + TOKEN_GROWTH * seconds)
  end
  state.at = math.max(now, state.at)
  grow(math.min(seconds, missing / state.pace))
  if state.slots > 0 and now - state.slotsAt >= WAVE_MS then
    state.slots = state.slots + math.max(1, SLOTS_GROWTH * state.slots) * seconds
    if state.slots > MANY_SLOTS then state.slots = 0 end
  end
end

-- Jobs that take long to read: active in BullMQ, but not calls (slow-readers.lua).
local function slowReaders()
  local slow = 0
  local meta = redis.call('HGETALL', KEYS[3])
  for index = 1, #meta, 2 do
    if string.sub(meta[index], 1, 5) == 'slow:' then
      local count, untilMs = string.match(meta[index + 1], '^(%d+) (%d+)$')
      if count and tonumber(untilMs) > now then slow = slow + tonumber(count) end
    end
  end
  return slow
end

-- The earliest known time for the next call, by Redis's clock.
local function nextAt()
  local at = math.max(state.coolUntil, state.probeUntil)
  if state.outageSince > 0 then at = math.max(at, state.outageUntil) end
  if state.level < 1 then at = math.max(at, now + (1 - state.level) / state.pace * 1000) end
  if tokensPerMinute > 0 and state.tokens < 0 then at = math.max(at, now - state.tokens / tokenRate() * 1000) end
  return at
end

-- Reopens a lane that was closed for long if it may send sooner than expected, and notifies workers.
local function openInTime(channel, lane)
  local left = redis.call('PTTL', KEYS[4])
  if left <= LONGEST_SHUT_MS or tonumber(redis.call('GET', KEYS[4]) or 0) ~= CLOSED then return end
  local ms = math.ceil(nextAt() - now)
  if ms > left - LONGEST_SHUT_MS then return end
  if ms > 0 then redis.call('PEXPIRE', KEYS[4], ms) else redis.call('DEL', KEYS[4]) end
  redis.call('PUBLISH', channel, lane)
end

-- Stores the state and sets BullMQ's limits: jobs are fetched a little faster than they may be sent, plus as many as AWS refuses, since
-- these take no pace and would delay the jobs behind them. Windows are 100 ms to a second long. In BullMQ's meta, max and duration are
-- the global rate limit, and concurrency is the global concurrency.
local function keep()
  local values = { 'head', head or '', 'headUntil', headUntil }
  for _, field in ipairs(FIELDS) do
    values[#values + 1] = field
    values[#values + 1] = string.format('%.17g', state[field])
  end
  local sent = state.pace + math.max(0, elsewhere) + refused
  if not visits and (gate == 0 or math.abs(sent / gate - 1) > 0.03) then
    gate = sent
    local fetched = 1.1 * gate
    local max = math.max(1, math.ceil(fetched / 10))
    redis.call('HSET', KEYS[3], 'max', max, 'duration', math.max(1, math.min(1000, math.floor(max / fetched * 1000))))
  end
  values[#values + 1] = 'refused'
  values[#values + 1] = string.format('%.17g', refused)
  values[#values + 1] = 'gate'
  values[#values + 1] = string.format('%.17g', gate)
  redis.call('HSET', KEYS[1], unpack(values))
  redis.call('PEXPIRE', KEYS[1], KEPT_MS)
  if visits then return end
  -- An overloaded lane does not hold back jobs that may go elsewhere.
  local slots = routed and 0 or math.floor(state.slots)
  if slots == 0 or (concurrency > 0 and concurrency < slots) then slots = concurrency end
  local before = redis.call('HGET', KEYS[3], 'concurrency')
  if slots > 0 then
    slots = slots + slowReaders()
    if before ~= tostring(slots) then redis.call('HSET', KEYS[3], 'concurrency', slots) end
  elseif before then
    redis.call('HDEL', KEYS[3], 'concurrency')
  end
end
