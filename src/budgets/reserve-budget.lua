-- Holds an amount of a budget for a call, if it fits. While nothing else is held, any rest of the budget is enough, or a call
-- larger than the whole budget would wait for ever. Repeating a command holds once.
-- KEYS: the budget's hash, its holds.  ARGV: start and end of the period (ms), limit ('' = none), amount, name of the
-- hold ('' = only to look), ms until it lapses, ms that the counter is kept after the period.
-- Returns { verdict, now, spent, held }: `go`, `later`, `usedUp`, or `moved` when the period is not that of this moment.
--- @include whole-amount
local budget, holds = unpack(KEYS)
local startMs, endMs, limitText, amountText, name, lapseMs, keepMs = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now < tonumber(startMs) or now >= tonumber(endMs) then return { 'moved', now, 0, 0 } end

-- Dead workers released nothing. What was counted of their calls is remembered for as long again.
local lapsed = redis.call('ZRANGEBYSCORE', holds, '-inf', now, 'LIMIT', 0, 1000)
for _, old in ipairs(lapsed) do
  local left = letGo(budget, holds, old)
  if leastOf(old) ~= '0' then redis.call('ZADD', holds, now + lapseMs, left) end
end

local known = redis.call('HMGET', budget, 'spent', 'held')
local spent, held = tonumber(known[1] or '0'), tonumber(known[2] or '0')
local limit, amount = tonumber(limitText), tonumber(whole(amountText))
local hold = name .. ':' .. amountText
local again = name ~= '' and redis.call('ZSCORE', holds, hold)
if limit and not again then
  if spent >= limit then return { 'usedUp', now, spent, held } end
  if held > 0 and spent + held + amount > limit then return { 'later', now, spent, held } end
end
if name == '' then return { 'go', now, spent, held } end
if not again then held = redis.call('HINCRBY', budget, 'held', whole(amountText)) end
redis.call('ZADD', holds, now + lapseMs, hold)
redis.call('PEXPIREAT', budget, endMs + keepMs)
redis.call('PEXPIREAT', holds, endMs + keepMs)
return { 'go', now, spent, held }
