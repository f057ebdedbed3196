-- Included by the scripts of budgets.
-- An amount as text of a whole number between 0 and what a counter holds exactly; '0' for any other text.
local MOST = 9007199254740991
local function whole(text)
  local amount = tonumber(text)
  if not amount or not (amount > 0) then return '0' end
  return string.format('%.0f', math.min(MOST, amount))
end
-- The amount of a hold: the end of its name.
local function amountOf(hold) return whole(string.match(hold, ':([^:]*)$')) end
-- The least cost of a call that may have been sent, from the name that src/budgets/dead-holds.ts makes.
local function leastOf(hold) return whole(string.match(hold, ':sent:([^:]*):[^:]*$')) end
-- Releases the hold of a call that nobody settled, and counts its least cost.
-- Returns the marker that replaces the hold, for a later settlement: its name, which holds nothing.
local function letGo(budget, holds, hold)
  redis.call('ZREM', holds, hold)
  local amount, least = amountOf(hold), leastOf(hold)
  if amount ~= '0' then redis.call('HINCRBY', budget, 'held', '-' .. amount) end
  if least == '0' then return hold .. ':0' end
  redis.call('HINCRBY', budget, 'spent', least)
  return hold .. ':counted:0'
end
