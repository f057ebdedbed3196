-- Puts what a call really took in the place of what was held for it. Told twice, it counts once while the hold would
-- still last; a hold that has lapsed is counted too, since the call was paid, and so is one that was released. Where the least that
-- it took was counted then, what it really took is put in the place of that.
-- KEYS: the budget's hash, its holds.  ARGV: the hold, its name once its call was sent, when it lapses (ms), amount, limit, end of
-- the period (ms), ms that the counter is kept after it.
-- Returns { spent, held, passed }: 80 or 100 where this call was the first to pass that share of the limit, else 0.
--- @include whole-amount
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function take(...) return redis.call('ZREM', KEYS[2], ...) > 0 end
local found = take(ARGV[1], ARGV[2])
local amount, least = amountOf(ARGV[1]), leastOf(ARGV[2])
if found and amount ~= '0' then redis.call('HINCRBY', KEYS[1], 'held', '-' .. amount) end
if not found then found = take(ARGV[1] .. ':0', ARGV[2] .. ':0') end
if take(ARGV[2] .. ':counted:0') then
  redis.call('HINCRBY', KEYS[1], 'spent', '-' .. least)
  found = true
end
if found or now >= tonumber(ARGV[3]) then redis.call('HINCRBY', KEYS[1], 'spent', whole(ARGV[4])) end

local known = redis.call('HMGET', KEYS[1], 'spent', 'held', 'told', 'toldLimit')
local spent, held = tonumber(known[1] or '0'), tonumber(known[2] or '0')
local limit, told = tonumber(ARGV[5]), known[4] == ARGV[5] and tonumber(known[3]) or 0
local share = spent >= limit and 100 or spent >= limit * 0.8 and 80 or 0
if share > told then
  redis.call('HSET', KEYS[1], 'told', share, 'toldLimit', ARGV[5])
else
  share = 0
end
redis.call('PEXPIREAT', KEYS[1], ARGV[6] + ARGV[7])
return { spent, held, share }
