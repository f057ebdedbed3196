-- Replaces what was held for a call by its real cost. A repeated command counts once while the hold would still last. The cost of a
-- lapsed or released hold counts too, since the call was paid; it replaces the least cost where that was counted.
-- KEYS: the budget's hash, its holds.  ARGV: the hold, its name once its call was sent, when it lapses (ms), amount, limit, end of
-- the period (ms), ms that the counter is kept after it.
-- Returns { spent, held, passed }: 80 or 100 where this call was the first to pass that share of the limit, else 0.
--- @include whole-amount
local budget, holds = unpack(KEYS)
local hold, sent, lapsesMs, cost, limitText, endMs, keepMs = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function take(...) return redis.call('ZREM', holds, ...) > 0 end
local found = take(hold, sent)
local amount, least = amountOf(hold), leastOf(sent)
if found and amount ~= '0' then redis.call('HINCRBY', budget, 'held', '-' .. amount) end
if not found then found = take(hold .. ':0', sent .. ':0') end
if take(sent .. ':counted:0') then
  redis.call('HINCRBY', budget, 'spent', '-' .. least)
  found = true
end
if found or now >= tonumber(lapsesMs) then redis.call('HINCRBY', budget, 'spent', whole(cost)) end

local known = redis.call('HMGET', budget, 'spent', 'held', 'told', 'toldLimit')
local spent, held = tonumber(known[1] or '0'), tonumber(known[2] or '0')
local limit, told = tonumber(limitText), known[4] == limitText and tonumber(known[3]) or 0
local share = spent >= limit and 100 or spent >= limit * 0.8 and 80 or 0
if share > told then
  redis.call('HSET', budget, 'told', share, 'toldLimit', limitText)
else
  share = 0
end
redis.call('PEXPIREAT', budget, endMs + keepMs)
return { spent, held, share }
