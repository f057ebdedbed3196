-- Gives back what calls of workers that are dead hold of a budget. What such a call took is counted all the same if its worker
-- lives after all, and settles it: a name is left for that, with nothing held, until the hold would have lapsed.
-- KEYS: the budget's hash, its holds.  ARGV: holds.
-- Returns how many were there.
--- @include whole-amount
local released = 0
for _, hold in ipairs(ARGV) do
  local lapses = redis.call('ZSCORE', KEYS[2], hold)
  if lapses then
    redis.call('ZREM', KEYS[2], hold)
    local amount = amountOf(hold)
    if amount ~= '0' then redis.call('HINCRBY', KEYS[1], 'held', '-' .. amount) end
    redis.call('ZADD', KEYS[2], lapses, hold .. ':0')
    released = released + 1
  end
end
return released
