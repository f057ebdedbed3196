-- Learns from a call of a lane that ended.
-- KEYS, ARGV 1 to 5: see pace-state.lua.  ARGV 6: how it ended, 7: when it was let go, 8: tokens reserved, 9: tokens used
-- ('' = not known), 10: ms that AWS asked to wait, 11: the process, 12: '1' when it has no other call of the lane.
--- @include pace-state
local SMOOTHING, SHORTEST_SECONDS, LONGEST_SECONDS = 1 / 16, 0.001, 3600
local FIRST_COOLDOWN_MS, LONGEST_COOLDOWN_MS = 60000, 3600000
local ending, sentAt, reserved, retryAfter = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]),
  math.min(tonumber(ARGV[10]), LONGEST_COOLDOWN_MS)
local used = tonumber(ARGV[9]) or reserved
local throttled = ending == 'throttle' or ending == 'tokenThrottle'
if throttled then used = 0 end
if tokensPerMinute > 0 then state.tokens = state.tokens + reserved - used end

-- Its place among the calls in flight.
local process, ofTokens = ARGV[11], ARGV[11] .. ' tokens'
if ARGV[12] == '1' or tonumber(redis.call('HGET', KEYS[7], process) or '0') <= 1 then
  redis.call('HDEL', KEYS[7], process, ofTokens)
else
  redis.call('HINCRBY', KEYS[7], process, -1)
  redis.call('HINCRBY', KEYS[7], ofTokens, -math.floor(reserved))
end

-- How the lane is used: src/pace/lane-use.ts.
if not throttled then state.requestsUsed = state.requestsUsed + 1 / useSeconds() end
state.tokensUsed = state.tokensUsed + used / useSeconds()
if ending == 'ok' or ending == 'overload' or ending == 'failure' then
  local seconds = math.min(LONGEST_SECONDS, math.max(SHORTEST_SECONDS, (state.at - sentAt) / 1000))
  local mean = state.callSeconds
  state.callSeconds = mean == 0 and seconds or mean + (seconds - mean) * SMOOTHING
end

local function least(pace)
  return math.max(state.ceiling == 0 and LEAST_PACE or math.min(state.ceiling, LEAST_PACE), pace)
end

local function decrease()
  local quiet = math.max(QUIET_SECONDS, QUIET_CALLS / state.pace)
  if state.cutAt > 0 and (now - state.cutAt) / 1000 < quiet then
    state.pace = least(CUT_AGAIN * state.pace)
    state.top = state.pace / CUT
  elseif state.top == 0 and state.ceiling == 0 then
    state.pace = least(state.pace / 2)
    state.top, state.good = state.pace, state.pace
  else
    local most = state.ceiling > 0 and LEAST_CUT_BELOW_CEILING or LEAST_CUT
    local held = math.min(state.pace, math.max(state.flow, most * state.pace))
    state.pace, state.top, state.good = least(CUT * held), held, held
  end
end

local function cut()
  local memory = flowSeconds()
  state.flow = math.max(0, state.flow - math.exp(-math.max(0, now - sentAt) / 1000 / memory) / memory)
  state.throttles = state.throttles + 1
  if sentAt <= state.cutAt then return end
  decrease()
  state.level = math.min(state.level, 0) - LEFT_OUT
  state.cutAt, state.busy = now, 0
end

local function cutTokens()
  state.throttles = state.throttles + 1
  if sentAt <= state.tokenCutAt then return end
  state.tokenShare = math.max(LEAST_TOKEN_SHARE, TOKEN_CUT * state.tokenShare)
  state.tokenCutAt, state.tokens = state.at, math.min(0, state.tokens)
end

local function fewerSlots()
  if state.slotsAt > 0 and state.at - state.slotsAt < WAVE_MS then return end
  local inFlight = redis.call('LLEN', KEYS[5])
  if state.slots > 0 then inFlight = math.min(state.slots, inFlight) end
  state.slots, state.slotsAt = math.max(1, math.floor(SLOTS_CUT * inFlight)), state.at
end

if ending == 'ok' then
  if sentAt > state.cutAt and state.pace < SHUT * state.good then
    state.pace, state.top = bounded(SHUT * state.good), SHUT * state.good / CUT
    state.good, state.busy = state.good / 2, 0
  end
  state.probeUntil, state.coolMs, state.failures = 0, 0, 0
elseif ending == 'throttle' or (ending == 'tokenThrottle' and tokensPerMinute == 0) then
  cut()
elseif ending == 'tokenThrottle' then
  cutTokens()
elseif ending == 'quota' then
  state.coolMs = math.min(LONGEST_COOLDOWN_MS, state.coolMs == 0 and FIRST_COOLDOWN_MS or 4 * state.coolMs)
  state.coolUntil = math.max(state.coolUntil, now + math.max(state.coolMs, retryAfter))
elseif ending == 'overload' or ending == 'failure' then
  -- Calls of visitors are not among those in flight.
  if ending == 'overload' and not visits then fewerSlots() end
  state.failures, state.failedAt = state.failures + 1, state.at
end
if retryAfter > 0 and ending ~= 'ok' and ending ~= 'unknown' then
  state.coolUntil = math.max(state.coolUntil, now + retryAfter)
end
keep()
return state.throttles
