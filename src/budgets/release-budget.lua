-- Gives back what calls of workers that are dead hold of a budget, and counts the least that those took that were sent. Should a
-- worker live after all and settle such a call, what that really took is put in the place of it: a name is left for that, with
-- nothing held, until the hold would have lapsed.
-- KEYS: the budget's hash, its holds.  ARGV: holds.
-- Returns how many were there.
--- @include whole-amount
local released = 0
for _, hold in ipairs(ARGV) do
  local lapses = redis.call('ZSCORE', KEYS[2], hold)
  if lapses then
    redis.call('ZADD', KEYS[2], lapses, letGo(KEYS[1], KEYS[2], hold))
    released = released + 1
  end
end
return released
