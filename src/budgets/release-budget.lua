-- Releases what calls of dead workers hold of a budget, and counts the least cost of calls that were sent. If a worker lives after all
-- and settles such a call, its real cost replaces that: a marker that holds nothing stays until the hold would have lapsed.
-- KEYS: the budget's hash, its holds.  ARGV: holds.
-- Returns how many were there.
--- @include whole-amount
local budget, holds = unpack(KEYS)
local released = 0
for _, hold in ipairs(ARGV) do
  local lapses = redis.call('ZSCORE', holds, hold)
  if lapses then
    redis.call('ZADD', holds, lapses, letGo(budget, holds, hold))
    released = released + 1
  end
end
return released
