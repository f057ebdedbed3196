-- Holds an amount of a budget for a call, if it still fits; while nothing else is held a call goes as long as anything is left, or one
-- larger than the whole budget would wait for ever. Told twice, it holds once.
-- KEYS: the budget's hash, its holds.  ARGV: start and end of the period (ms), limit ('' = none), amount, name of the
-- hold ('' = only to look), ms until it lapses, ms that the counter is kept after the period.
-- Returns { verdict, now, spent, held }: `go`, `later`, `usedUp`, or `moved` when the period is not that of this moment.
--- @include whole-amount
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now < tonumber(ARGV[1]) or now >= tonumber(ARGV[2]) then return { 'moved', now, 0, 0 } end

-- Workers that died gave nothing back. What was counted of their calls is remembered as long again.
local lapsed = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1000)
for _, hold in ipairs(lapsed) do
  local left = letGo(KEYS[1], KEYS[2], hold)
  if leastOf(hold) ~= '0' then redis.call('ZADD', KEYS[2], now + ARGV[6], left) end
end

local known = redis.call('HMGET', KEYS[1], 'spent', 'held')
local spent, held = tonumber(known[1] or '0'), tonumber(known[2] or '0')
local limit, amount = tonumber(ARGV[3]), tonumber(whole(ARGV[4]))
local hold = ARGV[5] .. ':' .. ARGV[4]
local again = ARGV[5] ~= '' and redis.call('ZSCORE', KEYS[2], hold)
if limit and not again then
  if spent >= limit then return { 'usedUp', now, spent, held } end
  if held > 0 and spent + held + amount > limit then return { 'later', now, spent, held } end
end
if ARGV[5] == '' then return { 'go', now, spent, held } end
if not again then held = redis.call('HINCRBY', KEYS[1], 'held', whole(ARGV[4])) end
redis.call('ZADD', KEYS[2], now + ARGV[6], hold)
redis.call('PEXPIREAT', KEYS[1], ARGV[2] + ARGV[7])
redis.call('PEXPIREAT', KEYS[2], ARGV[2] + ARGV[7])
return { 'go', now, spent, held }
