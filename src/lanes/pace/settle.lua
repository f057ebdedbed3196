-- Updates the pace by a call that ended.
-- KEYS, ARGV 1 to 5: see pace-state.lua; the calls in flight; the mark of a repeated call.
-- ARGV 6: how it ended, 7: when it was sent, 8: tokens reserved, 9: tokens used ('' = unknown), 10: ms that AWS asked to wait,
-- 11: the process, 12: '1' if the process has no other call of the lane, 13: why it failed, for people ('' = unknown),
-- 14: the channel for lanes that opened, 15: the lane,
-- 16: '1' for a trial, which took no turn (reserve.lua).
-- A repeated call, as after a lost reply, counts once: otherwise its tokens would be given back twice.
-- Returns 'began' and 0 if an outage began, 'ended' and its length in ms if one ended, 'alone' and 0 if only this process gets no
-- answers, else '' and 0.
if redis.call('EXISTS', KEYS[8]) == 1 then return { '', 0 } end
--- @include pace-state
local ending, sentAt, reserved, retryAfter = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]),
  math.min(tonumber(ARGV[10]), LONGEST_COOLDOWN_MS)
local used = tonumber(ARGV[9]) or reserved
local isTrial = ARGV[16] == '1'
local throttled = ending == 'throttle' or ending == 'tokenThrottle'
-- A trial that was refused or never sent counts nothing.
local isVoid = isTrial and (ending == 'refused' or (ending == 'unknown' and used == 0))
local uncounted = throttled or ending == 'refused' or isVoid
if uncounted then used = 0 end
if tokensPerMinute > 0 then state.tokens = state.tokens + reserved - used end

-- Its place among the calls in flight.
local process, ofTokens = ARGV[11], ARGV[11] .. ' tokens'
if ARGV[12] == '1' or tonumber(redis.call('HGET', KEYS[7], process) or '0') <= 1 then
  redis.call('HDEL', KEYS[7], process, ofTokens)
else
  redis.call('HINCRBY', KEYS[7], process, -1)
  -- Not -0, which is no integer.
  redis.call('HINCRBY', KEYS[7], ofTokens, 0 - math.floor(reserved))
end

redis.call('SET', KEYS[8], '', 'PX', TOLD_MS)

-- How the lane is used: src/lanes/pace/lane-use.ts.
if not uncounted then state.requestsUsed = state.requestsUsed + 1 / useSeconds() end
state.tokensUsed = state.tokensUsed + used / useSeconds()
if ending == 'ok' or ending == 'unavailable' or ending == 'overload' or ending == 'failure' then
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

local function outOfFlow()
  local memory = flowSeconds()
  state.flow = math.max(0, state.flow - math.exp(-math.max(0, now - sentAt) / 1000 / memory) / memory)
end

-- A trial takes its turn afterwards.
if isTrial and not isVoid then
  local memory = flowSeconds()
  state.level = state.level - 1
  state.flow = state.flow + math.exp(-math.max(0, now - sentAt) / 1000 / memory) / memory
end

local function cut()
  outOfFlow()
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
  local inFlight = math.max(1, redis.call('LLEN', KEYS[5]) - slowReaders())
  if state.slots > 0 then inFlight = math.min(state.slots, inFlight) end
  state.slots, state.slotsAt = math.max(1, math.floor(SLOTS_CUT * inFlight)), state.at
end

-- Outages: src/lanes/pace/lane-pace.ts.
local outage, lasted, why = '', 0, ARGV[13]
local function failed()
  state.failures, state.failedAt = state.failures + 1, state.at
  if state.outageSince > 0 and sentAt < state.outageAt then return end
  local stop = STOPS[ending]
  if state.outageSince == 0 then
    if state.failures < stop.after then return end
    state.outageSince, outage = state.at, 'began'
  end
  state.outageAt, state.probeUntil = state.at, 0
  local longest = math.min(LONGEST_PAUSE_MS, math.max(stop.soonMs, (state.at - state.outageSince) * PART_OF_OUTAGE))
  state.outageMs = math.min(longest, math.max(stop.firstMs, 2 * state.outageMs))
  state.outageUntil = state.at + state.outageMs * (0.75 + state.at % 1000 / 2000)
  if why ~= '' then redis.call('HSET', KEYS[1], 'outageWhy', why) end
end

local function answered()
  if state.outageSince > 0 then
    if sentAt < state.outageSince then return end
    outage, lasted = 'ended', state.at - state.outageSince
    redis.call('HDEL', KEYS[1], 'outageWhy')
  end
  state.outageSince, state.outageAt, state.outageUntil, state.outageMs = 0, 0, 0, 0
  state.probeUntil, state.failures = 0, 0
end

-- If another process got an answer lately, only this process's connection fails, and the lane does not stop.
local function failsAlone()
  if ending ~= 'outage' or state.outageSince > 0 then return false end
  local other = redis.call('HMGET', KEYS[1], 'okBy', 'okAt')
  return other[1] and other[1] ~= process and now - tonumber(other[2]) < LATELY_MS
end

-- A throttle is also an answer.
local isThrottle = throttled or ending == 'quota'
if isThrottle and state.outageSince > 0 then answered() end
if ending == 'ok' then
  if sentAt > state.cutAt and state.pace < SHUT * state.good then
    state.pace, state.top = bounded(SHUT * state.good), SHUT * state.good / CUT
    state.good, state.busy = state.good / 2, 0
  end
  if state.coolUntil <= state.at then redis.call('HDEL', KEYS[1], 'coolWhy') end
  answered()
  state.coolMs = 0
  redis.call('HSET', KEYS[1], 'okBy', process, 'okAt', now)
elseif ending == 'throttle' or (ending == 'tokenThrottle' and tokensPerMinute == 0) then
  cut()
elseif ending == 'tokenThrottle' then
  cutTokens()
elseif ending == 'quota' then
  state.coolMs = math.min(LONGEST_COOLDOWN_MS, state.coolMs == 0 and FIRST_COOLDOWN_MS or 4 * state.coolMs)
  state.coolUntil = math.max(state.coolUntil, now + math.max(state.coolMs, retryAfter))
  if why ~= '' then redis.call('HSET', KEYS[1], 'coolWhy', why) end
elseif failsAlone() then
  outage = 'alone'
elseif STOPS[ending] then
  -- Visitors' calls are not in the list of calls in flight, and a stopped lane has few calls.
  local busy = ending == 'unavailable' or ending == 'overload'
  if busy and not visits and state.outageSince == 0 then fewerSlots() end
  failed()
else
  if ending == 'refused' then
    refused = refused + 1 / REFUSED_SECONDS
    if not isTrial then
      outOfFlow()
      state.level = math.max(state.level, math.min(room(state.pace), state.level + 1))
    end
  end
  -- The probe ended without a result: let another call try.
  if state.outageSince > 0 and sentAt >= state.outageAt then state.probeUntil = 0 end
end
if retryAfter > 0 and ending ~= 'ok' and ending ~= 'unknown' and ending ~= 'refused' then
  state.coolUntil = math.max(state.coolUntil, now + retryAfter)
end
keep()
openInTime(ARGV[14], ARGV[15])
return { outage, lasted }
