-- Included by the scripts of budgets.
-- An amount as a whole number in text, never negative, never more than a counter holds exactly; '0' for what is no number.
local MOST = 9007199254740991
local function whole(text)
  local amount = tonumber(text)
  if not amount or not (amount > 0) then return '0' end
  return string.format('%.0f', math.min(MOST, amount))
end
-- What a hold is of: its name ends in it.
local function amountOf(hold) return whole(string.match(hold, ':([^:]*)$')) end
-- What its call counts at least once it may have been sent: src/budgets/dead-holds.ts makes the name.
local function leastOf(hold) return whole(string.match(hold, ':sent:([^:]*):[^:]*$')) end
-- Lets go of what a call holds that nobody settled, and counts the least that it took.
-- Returns what is to be found in place of the hold by whoever settles it after all: a name that holds nothing.
local function letGo(budget, holds, hold)
  redis.call('ZREM', holds, hold)
  local amount, least = amountOf(hold), leastOf(hold)
  if amount ~= '0' then redis.call('HINCRBY', budget, 'held', '-' .. amount) end
  if least == '0' then return hold .. ':0' end
  redis.call('HINCRBY', budget, 'spent', least)
  return hold .. ':counted:0'
end
