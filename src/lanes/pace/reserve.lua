-- Asks whether a call of a lane may be sent now or later, or only looks. Updates BullMQ's limits.
-- KEYS, ARGV 1 to 5: see pace-state.lua.  ARGV 6: tokens to reserve, 7: '1' to ask, '0' to look, 'trial' to ask for a call that takes
-- its turn when it ends (settle.lua), 8: calls of the same process that wait, this one included, 9: the process,
-- 10: the channel for lanes that opened, 11: the lane.
-- Returns ms to wait or 0, the reason, Redis's time in ms, and the pace in requests per second as text.
--- @include pace-state
local tokens, asks, waiting, process = tonumber(ARGV[6]), ARGV[7] == '1', tonumber(ARGV[8]), ARGV[9]
local isTrial = ARGV[7] == 'trial'
local wait, reason = 0, ''
-- Refused calls give back their turns, so calls that wait ask again sooner.
local turns = state.pace + REFUSED_TURNS * refused
local triedAt = math.max(state.outageUntil, state.coolUntil, state.probeUntil)
-- Also for jobs that were fetched before an operator paused the lane.
if redis.call('HEXISTS', KEYS[3], 'paused') == 1 then
  wait, reason = PAUSED_MS, 'paused'
elseif state.outageSince > 0 and triedAt > state.at then
  wait, reason = triedAt - state.at, 'outage'
elseif state.coolUntil > state.at then
  wait, reason = state.coolUntil - state.at, 'cooldown'
elseif state.probeUntil > state.at then
  wait, reason = state.probeUntil - state.at, 'probe'
elseif isTrial then
  -- A lane that reopens sends one probe alone, and a trial cannot be it.
  if state.outageSince > 0 or state.coolUntil > 0 then wait, reason = 1, 'probe' end
elseif state.level < 1 then
  wait, reason = (1 - state.level) / turns * 1000, 'requests'
elseif visits and redis.call('ZCARD', KEYS[6]) > 0 then
  -- The lane's own jobs come first.
  wait, reason = 1000 / state.pace, 'requests'
elseif tokensPerMinute > 0 then
  local rate = tokenRate()
  local needed = math.min(tokens, rate * burst)
  -- A large call waits for tokens at the head, so that smaller calls do not take them first.
  local first = head == process or headUntil <= now or not head or head == ''
  if state.tokens < needed - 1e-6 then
    local debt = -state.tokens / rate * 1000
    wait, reason = math.min(TOKEN_WAIT_MS, (needed - state.tokens) / rate * 1000), 'tokens'
    if debt > LONG_DEBT_MS then wait = debt end
    if first and asks then head, headUntil = process, now + 2 * TOKEN_WAIT_MS end
  elseif not first then
    wait, reason = math.min(TOKEN_WAIT_MS, headUntil - now), 'tokens'
  end
end
wait = math.ceil(wait)
if asks and reason == '' then
  state.level = state.level - 1
  state.flow = state.flow + 1 / flowSeconds()
  if tokensPerMinute > 0 then state.tokens = state.tokens - tokens end
  if head == process then head, headUntil = '', 0 end
  if state.outageSince > 0 then
    state.probeUntil = state.at + (state.probeUntil > 0 and BEHIND_MS or ALONE_MS)
  else
    state.probeUntil = state.coolUntil > 0 and state.at + PROBE_MS or 0
  end
  state.coolUntil = 0
end
if (asks or isTrial) and reason == '' then
  redis.call('HINCRBY', KEYS[7], process, 1)
  redis.call('HINCRBY', KEYS[7], process .. ' tokens', math.floor(tokens))
  redis.call('PEXPIRE', KEYS[7], KEPT_MS)
end
keep()
openInTime(ARGV[10], ARGV[11])
local far = wait > LONGEST_SHUT_MS
local closes = asks or far or reason == 'cooldown' or reason == 'outage'
if reason ~= '' and reason ~= 'paused' and not routed and not visits and closes then
  -- Stop fetching until the waiting calls have gone. BullMQ's own rateLimit() would shorten a limit that another process set.
  local ms = math.min(LONGEST_FAR_MS, wait - AHEAD_MS)
  if not far then
    ms = wait
    if reason == 'requests' then ms = math.ceil(wait + waiting * 1000 / turns - AHEAD_MS) end
    ms = math.min(LONGEST_SHUT_MS, ms)
  end
  if ms > 0 and redis.call('PTTL', KEYS[4]) < ms then redis.call('SET', KEYS[4], CLOSED, 'PX', ms) end
end
return { wait, reason, now, tostring(state.pace) }
